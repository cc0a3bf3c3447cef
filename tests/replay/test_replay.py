"""A stored decision made again: identical where nothing changed, and what differs in words where something did."""

import sys
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from laws.strategies import pack_with, profiles, rule_lists
from scale import examples, some
from txselect.decision.record import Assumption, Decision
from txselect.decision.serialise import to_json
from txselect.decision.stored import plain, read_decision
from txselect.engine.durable import available
from txselect.errors import InputError, Place
from txselect.language.pack import read_pack
from txselect.model.rules import Rule
from txselect.pipeline import Rules, decide
from txselect.replay import Replay, explained, replay

HEALTHY = Path(__file__).parents[1] / "bad" / "healthy_pack"
WITH_DATE: dict[str, Any] = {"as_of": "2026-06-01", "ecog": 1, "cancer": {"type": "PRAD", "extent": "metastatic"}}
WITHOUT_DATE = {key: value for key, value in WITH_DATE.items() if key != "as_of"}
IDENTICAL = Replay("identical", (), (), ())


def stored(decision: Decision, *, compact: bool = False) -> Decision:
    """The decision after its way through a file."""
    return read_decision(to_json(decision, compact=compact), Place("decision.json"))


def healthy(**about: Any) -> Rules:
    """The small pack, with other facts about it if given."""
    return Rules(replace(read_pack(HEALTHY), **about))


# Identical


@pytest.mark.parametrize("name", some(cases(), 180))
def test_every_shipped_case_is_identical_after_its_way_through_a_file(name: str):
    decision = decide(rules(), cases()[name])
    assert stored(decision, compact=True) == decision
    assert replay(rules(), stored(decision)) == IDENTICAL


HOWS: dict[str, dict[str, Any]] = {
    "linear": {"engine": "linear"},
    "EMA": {"jurisdiction": "EMA"},
    "FDA": {"jurisdiction": "FDA", "engine": "linear"},
    "earlier": {"as_of": date(2024, 2, 29)},
    "later": {"as_of": date(2031, 1, 1), "jurisdiction": "EMA", "engine": "linear"},
}


@pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
@pytest.mark.parametrize("name", some(cases(), 36))
def test_whatever_was_asked_for_is_asked_for_again(name: str, how: dict[str, Any]):
    assert replay(rules(), stored(decide(rules(), cases()[name], **how))) == IDENTICAL


@settings(max_examples=examples(60, nightly=2_000), suppress_health_check=list(HealthCheck))
@given(written=rule_lists(), profile=profiles(), jurisdiction=st.sampled_from([None, "FDA", "EMA"]))
def test_a_decision_of_any_rules_on_any_profile_is_identical(
    written: list[Rule], profile: dict[str, Any], jurisdiction: str | None
):
    invented = Rules(pack_with(written))
    decision = decide(invented, profile, jurisdiction=jurisdiction, engine="linear")
    assert replay(invented, stored(decision)) == IDENTICAL


def test_a_day_that_was_assumed_is_assumed_again():
    decision = decide(healthy(), WITHOUT_DATE)
    assert "as_of" in {assumption.id for assumption in decision.assumptions}
    assert replay(healthy(), stored(decision)) == IDENTICAL


def test_a_profile_with_every_kind_of_list_and_number_is_identical():
    profile = {
        **WITH_DATE,
        "measurements": [{"name": "haemoglobin", "value": 10, "unit": "g/dL"}],
        "comorbidities": {"items": ["heart failure"], "complete": False},
        "prior_therapies": [{"therapy": "docetaxel", "outcome": "progression", "months_since_end": 3}],
        "other_findings": ['a "quoted" finding\twith a tab, \\ and é \u2028'],
    }
    assert replay(rules(), stored(decide(rules(), profile))) == IDENTICAL


# The engine


@pytest.fixture
def without_durable(monkeypatch: pytest.MonkeyPatch):
    """As on Python 3.13, where the library does not import."""
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)


needs_durable = pytest.mark.skipif(not available(), reason="durable-rules does not import here")


@needs_durable
def test_an_engine_that_is_missing_here_is_a_note_and_no_difference(request: pytest.FixtureRequest):
    decision = stored(decide(healthy(), WITH_DATE))
    assert decision.engine.name == "durable"
    request.getfixturevalue("without_durable")
    found = replay(healthy(), decision)
    assert (found.outcome, found.differences) == ("identical", ())
    assert found.notes == ("`durable` is not available here, so `linear` ran; each run is certified",)


@needs_durable
def test_an_engine_that_was_missing_there_is_a_note_and_no_difference(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as there:
        there.setitem(sys.modules, "durable_rules_engine", None)
        decision = stored(decide(healthy(), WITH_DATE))
    assert (decision.engine.name, decision.engine.stands_in_for) == ("linear", "durable")
    found = replay(healthy(), decision)
    assert (found.outcome, found.differences) == ("identical", ())
    assert found.notes == ("`durable` was asked for and not available there, so `linear` ran, as it does here",)


@pytest.mark.usefixtures("without_durable")
def test_an_engine_that_is_missing_in_both_places_is_a_note():
    assert replay(healthy(), stored(decide(healthy(), WITH_DATE))).outcome == "identical"


@needs_durable
@pytest.mark.parametrize("name", some(cases(), 12))
def test_whichever_engine_ran_the_content_is_the_same(name: str, request: pytest.FixtureRequest):
    decision = stored(decide(Rules(rules().pack), cases()[name]))
    request.getfixturevalue("without_durable")
    assert replay(Rules(rules().pack), decision).outcome == "identical"


# What differs, and why


def causes(found: Replay) -> str:
    return " ".join(found.causes)


def test_other_rules_are_named_with_their_hashes():
    decision = decide(healthy(), WITH_DATE)
    found = replay(healthy(sha256="f" * 64, version="9"), decision)
    assert found.outcome == "same_answer"
    assert {difference.path for difference in found.differences} == {"rule_set.sha256", "rule_set.version"}
    assert f"(sha256 {decision.rule_set.sha256[:12]}) then, " in causes(found)
    assert "(sha256 ffffffffffff) now." in causes(found)


def test_other_rules_that_decide_otherwise_show_what_moved_first(tmp_path: Path):
    decision = decide(healthy(), {**WITH_DATE, "prior_therapies": [], "comorbidities": []})
    for file in HEALTHY.glob("*.yaml"):
        text = file.read_text().replace("at_most: 2", "at_most: 0")
        (tmp_path / file.name).write_text(text)
    found = replay(Rules(read_pack(tmp_path)), decision)
    assert found.outcome == "differs"
    first = found.differences[0]
    assert (first.path, first.before, first.after) == ("options[taxane].status", "recommended", "not_indicated")
    groups = [difference.path.partition(".")[0].partition("[")[0] for difference in found.differences]
    assert groups.index("rule_set") > max(place for place, group in enumerate(groups) if group == "options")
    assert groups.index("derivation") > max(place for place, group in enumerate(groups) if group == "rule_set")


def test_rules_of_another_date_do_not_move_a_day_that_was_assumed():
    decision = decide(healthy(), WITHOUT_DATE)
    found = replay(healthy(sha256="f" * 64, date=date(2027, 5, 5)), decision)
    assert [difference.path for difference in found.differences] == ["rule_set.date", "rule_set.sha256"]
    assert found.notes == ("the day is kept: 2026-01-01, the date of the rules then",)


@pytest.mark.parametrize("name", ["as_of", "engine"])
def test_an_assumption_that_was_never_made_is_a_difference(name: str):
    profile = {**WITH_DATE, "as_of": "2026-01-01"}  # the day of the rules, so that assuming it would change nothing
    decision = decide(healthy(), profile)
    invented = (*decision.assumptions, Assumption(name, "taken as given"))
    found = replay(healthy(), replace(decision, assumptions=invented))
    assert [(each.kind, each.path) for each in found.differences] == [("lost", f"assumptions[{name}]")]


def test_an_edited_profile_is_told_by_its_hash():
    decision = decide(healthy(), WITH_DATE)
    found = replay(healthy(), replace(decision, profile={**decision.profile, "ecog": 3}))
    assert "The profile was changed after the decision was made" in causes(found)
    assert f"sha256 {decision.profile_sha256[:12]}" in causes(found)
    assert found.outcome == "differs"


def test_another_version_is_named():
    found = replay(healthy(), replace(decide(healthy(), WITH_DATE), txselect="0.0.1"))
    assert found.outcome == "same_answer"
    assert "txselect 0.0.1 then," in causes(found)


def test_another_version_of_the_engine_is_named():
    decision = decide(healthy(), WITH_DATE, engine="linear")
    found = replay(healthy(), replace(decision, engine=replace(decision.engine, version="0.0.1")))
    assert [difference.path for difference in found.differences] == ["engine.version"]
    assert "The engine `linear` has another version: 0.0.1 then," in causes(found)


def test_a_changed_answer_with_all_else_equal_is_said_to_be_edited():
    decision = decide(healthy(), {**WITH_DATE, "prior_therapies": [], "comorbidities": []})
    taxane = replace(decision.options[0], status="possible")
    found = replay(healthy(), replace(decision, options=(taxane, *decision.options[1:])))
    assert [(each.path, each.before, each.after) for each in found.differences] == [
        ("options[taxane].status", "possible", "recommended")
    ]
    assert causes(found).startswith("Profile, rules and versions are the same, so the stored decision was changed")


def test_an_option_more_or_less_is_one_difference_and_shifts_no_other():
    decision = decide(healthy(), WITH_DATE)
    fewer = replay(healthy(), replace(decision, options=decision.options[1:]))
    assert [(each.kind, each.path) for each in fewer.differences] == [
        ("gained", f"options[{decision.options[0].therapy}]")
    ]
    twice = replay(healthy(), replace(decision, options=(*decision.options, decision.options[0])))
    assert twice.outcome == "differs"


def test_another_order_is_a_difference():
    decision = decide(rules(), cases()["vision-population"], engine="linear")
    found = replay(rules(), replace(decision, flags=tuple(reversed(decision.flags))))
    assert [(each.kind, each.path) for each in found.differences] == [("reordered", "flags")]
    assert "another order: " in str(explained(found, "x", 3))


def test_every_field_of_a_decision_belongs_to_a_group_of_differences():
    decision = decide(healthy(), WITH_DATE, engine="linear")
    other = "x"
    for field in fields(Decision):
        if field.name in {"profile", "as_of", "jurisdiction", "engine", "rule_set"}:
            continue  # those that steer the replay have tests of their own
        altered = replace(decision, **{field.name: () if isinstance(getattr(decision, field.name), tuple) else other})
        if field.name == "derivation":
            altered = replace(decision, derivation=replace(decision.derivation, steps=()))
        if plain(altered) != plain(decision):
            found = replay(healthy(), altered)
            assert found.outcome != "identical", field.name
            assert str(explained(found, "x", 3)).count("\n· ") > len(found.causes), field.name


# What cannot be replayed


@pytest.mark.parametrize(
    ("altered", "message"),
    [
        ({"profile": {"cancer": {"type": "PRADD"}}}, "unknown cancer type `PRADD`"),
        ({"profile": {"ecog": 9, "age": "old", "cancer": {"type": "PRAD"}}}, "`ecog`: expected at most 4"),
        ({"jurisdiction": "FAD"}, "unknown jurisdiction `FAD`"),
        ({"as_of": date(1066, 1, 1)}, "too far away"),
    ],
)
def test_a_decision_that_could_not_have_been_made_is_refused(altered: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        replay(healthy(), replace(decide(healthy(), WITH_DATE), **altered))


def test_an_unknown_engine_is_refused():
    decision = decide(healthy(), WITH_DATE)
    with pytest.raises(InputError, match="unknown engine `fast`"):
        replay(healthy(), replace(decision, engine=replace(decision.engine, name="fast")))


# In words


def test_a_replay_in_words_counts_in_singular_and_plural_and_says_how_many_are_left_out():
    decision = decide(rules(), cases()["vision-population"], engine="linear")
    one = replay(rules(), replace(decision, conclusion="nothing"))
    assert "Not identical: 1 field differs." in str(explained(one, "x", 3))
    assert f"conclusion: nothing -> {decision.conclusion}" in str(explained(one, "x", 3)).replace("\n    ", " ")
    many = replay(rules(), replace(decision, options=()))
    assert f"Not identical: {len(decision.options)} fields differ." in str(explained(many, "x", 3))
    assert f"{len(decision.options) - 3} more, which `--format json` lists" in str(explained(many, "x", 3))


def test_no_line_of_a_replay_is_longer_than_the_page():
    decision = decide(rules(), cases()["vision-population"], engine="linear")
    found = replay(rules(), replace(decision, options=(), flags=(), conclusion="x" * 300, profile_sha256="0" * 64))
    assert max(map(len, str(explained(found, "x", 12)).splitlines())) <= 100
