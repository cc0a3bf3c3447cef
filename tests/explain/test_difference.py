"""What is said to differ between two decisions differs, what differs is said, and the rules named did it."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from laws.changes import any_change
from laws.strategies import pack_with, profiles, rule_lists
from scale import examples
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.errors import PYTHON, InputError
from txselect.explain.difference import Difference, Made, OptionChange, difference
from txselect.explain.difference_text import difference_lines, short_line, summary
from txselect.explain.lines import all_lines
from txselect.language.changes import change_of, changed
from txselect.language.validation import validated
from txselect.model.change import Change
from txselect.model.condition import AnyOf, MarkerIs
from txselect.model.profile import Profile
from txselect.model.rules import Recommend, Rule
from txselect.pipeline import Rules, read

INVERSE = {"appeared": "vanished", "vanished": "appeared"}


def two_decisions(rules: list[Rule], written: dict[str, Any], changes: list[Change]) -> tuple[Made, Made]:
    pack = Rules(pack_with(rules))
    profile = validated(Profile, written, PYTHON)
    try:
        after = changed(profile, changes, pack.pack.vocabulary).profile
    except InputError:  # two changes of one thing
        assume(False)
    return read(pack, profile, engine="linear"), read(pack, after, engine="linear")


def pairs() -> st.SearchStrategy[tuple[Made, Made]]:
    return st.builds(two_decisions, rule_lists(), profiles(), st.lists(any_change(), min_size=1, max_size=3))


def status(decision: Decision, therapy: str) -> str:
    option = decision.option(therapy)
    return option.status if option else "not_indicated"


def rank(decision: Decision, therapy: str) -> int | None:
    option = decision.option(therapy)
    return option.rank if option else None


def order(decision: Decision, one: str, other: str) -> str:
    first, second = rank(decision, one) or 0, rank(decision, other) or 0
    return "before" if first < second else "behind" if first > second else "tied with"


def by_therapy(found: Difference) -> dict[str, OptionChange]:
    assert len({change.therapy for change in found.options}) == len(found.options)
    return {change.therapy: change for change in found.options}


@settings(max_examples=examples(80, nightly=1_500), deadline=None)
@given(pairs())
def test_every_status_that_differs_is_said_and_nothing_else(made: tuple[Made, Made]):
    (_, old), (_, new) = made
    found = by_therapy(difference(*made))
    for therapy in {option.therapy for decision in (old, new) for option in decision.options}:
        change = found.get(therapy)
        differs = status(old, therapy) != status(new, therapy)
        assert differs == (change is not None and change.kind in ("appeared", "vanished", "status", "reason"))
        if change:
            assert (change.before.status, change.after.status) == (status(old, therapy), status(new, therapy))
            assert (change.before.rank, change.after.rank) == (rank(old, therapy), rank(new, therapy))
            assert (change.kind == "appeared") == (change.before.rank is None and change.after.rank is not None)
            assert (change.kind == "vanished") == (change.before.rank is not None and change.after.rank is None)


@settings(max_examples=examples(80, nightly=1_500), deadline=None)
@given(pairs())
def test_the_pairs_that_stand_in_another_order_are_said_once_and_no_other(made: tuple[Made, Made]):
    check_order(*made)


def check_order(before: Made, after: Made) -> None:
    (_, old), (_, new) = before, after
    labels = {option.therapy: option.label for option in new.offered if rank(old, option.therapy)}
    turned = {
        frozenset((labels[one], labels[other]))
        for one, other in combinations(labels, 2)
        if order(old, one, other) != order(new, one, other)
    }
    told = list(passings(difference(before, after)))
    assert {frozenset((one, other)) for one, _, other in told} == turned
    assert len(told) == len(turned)
    therapies = {label: therapy for therapy, label in labels.items()}
    assert all(order(new, therapies[one], therapies[other]) == said for one, said, other in told)


def passings(found: Difference) -> Iterator[tuple[str, str, str]]:
    for change in found.options:
        for passed in change.passed:
            yield from ((change.label, passed.order, other) for other in passed.others)


@settings(max_examples=examples(80, nightly=1_500), deadline=None)
@given(pairs())
def test_each_rule_named_speaks_otherwise_and_its_conditions_turned(made: tuple[Made, Made]):
    (before, _), (after, _) = made
    for change in difference(*made).options:
        if change.kind in ("appeared", "vanished", "status", "reason"):
            assert change.rules
        for effect in change.rules:
            truths = [state(reading, effect.rule) for reading in (before, after)]
            assert truths == [effect.before, effect.after]
            assert truths[0] != truths[1]
            assert effect.turned or "out_of_scope" in truths
            assert all(turned.before is not turned.after for turned in effect.turned)
            assert len({turned.says for turned in effect.turned}) == len(effect.turned)


def state(reading: Reading, rule: str) -> str:
    if rule not in reading.program.rules:
        return "out_of_scope"
    return {True: "holds", False: "fails", None: "open"}[reading.rule_truth(rule)]


@settings(max_examples=examples(60, nightly=1_000), deadline=None)
@given(pairs())
def test_backwards_everything_that_came_goes(made: tuple[Made, Made]):
    there, back = difference(*made), difference(*reversed(made))
    kinds = {change.therapy: change.kind for change in there.options if change.kind not in ("moved", "details")}
    kinds_back = {change.therapy: change.kind for change in back.options if change.kind not in ("moved", "details")}
    assert kinds_back == {therapy: INVERSE.get(kind, kind) for therapy, kind in kinds.items()}
    assert there.assumptions_came == back.assumptions_went
    assert {(change.flag, change.came) for change in there.flags} == {
        (change.flag, not change.came) for change in back.flags
    }


@settings(max_examples=examples(60, nightly=1_000), deadline=None)
@given(pairs())
def test_details_are_said_of_the_options_that_have_them(made: tuple[Made, Made]):
    (_, old), (_, new) = made
    for change in difference(*made).options:
        before, after = old.option(change.therapy), new.option(change.therapy)
        agents = next((detail for detail in change.details if detail.name == "agents"), None)
        came, went = (set(option.agents) if option else set() for option in (after, before))
        assert (set(agents.came), set(agents.went)) == (came - went, went - came) if agents else came == went


def test_a_condition_that_no_longer_holds_is_named_where_the_rule_is_left_open_by_another():
    when = AnyOf((MarkerIs("KIND", True), MarkerIs("HIGH", True)))
    rule = Rule("rule", "a rule", Recommend("first", (), "preferred"), when, (), "It says so.")
    written = {"cancer": {"type": "ALPHA"}, "biomarkers": [{"marker": "KIND", "state": "positive"}]}
    made = two_decisions([rule], written, [change_of("biomarkers.KIND=negative")])
    (change,) = difference(*made).options
    assert [(turned.says, turned.before, turned.after) for turned in change.rules[0].turned] == [
        ("KIND positive", True, False)
    ]


# On shipped cases


def made_by(case: str, *changes: str) -> tuple[Made, Made]:
    profile = cases()[case].profile
    after = changed(profile, map(change_of, changes), rules().pack.vocabulary).profile
    return read(rules(), profile, engine="linear"), read(rules(), after, engine="linear")


def found(case: str, *changes: str) -> Difference:
    return difference(*made_by(case, *changes))


def test_a_change_that_no_rule_asks_about_makes_no_difference():
    same = found("ar-v7-positive", "age=74")
    assert same.is_empty
    (_, before), _ = made_by("ar-v7-positive", "age=74")
    assert same.same == len(before.offered)
    assert summary(same) == "Nothing differs: the decision is the same."
    assert difference_lines(same) == ()


def test_a_worse_performance_status_takes_chemotherapy_away_and_says_by_which_rule():
    change = by_therapy(found("ar-v7-positive", "ecog=3"))["docetaxel_chemotherapy"]
    assert (change.kind, change.before.status, change.after.status) == ("vanished", "recommended", "not_indicated")
    (effect,) = change.rules
    assert (effect.rule, effect.before, effect.after) == ("prostate.mcrpc.docetaxel.no_arpi_failure", "holds", "fails")
    (turned,) = effect.turned
    assert (turned.says, turned.before, turned.after) == ("ECOG at most 2", True, False)
    assert (turned.found_before, turned.found_after) == ("ECOG performance status 1", "ECOG performance status 3")


def test_an_option_that_only_shifts_because_another_went_is_not_said_to_move():
    (_, before), (_, after) = made_by("ar-v7-positive", "ecog=3")
    ranks = [made.option("palliative_radiotherapy").rank for made in (before, after)]
    assert ranks[0] != ranks[1]
    assert "palliative_radiotherapy" not in by_therapy(found("ar-v7-positive", "ecog=3"))


def test_an_option_that_moves_says_past_which_others_and_why():
    (change,) = found("ar-v7-positive", "biomarkers.BRCA2=positive").options
    assert (change.therapy, change.kind) == ("parp_inhibitor_plus_arpi", "moved")
    assert {passed.order for passed in change.passed} == {"before", "tied with"}
    assert {detail.name for detail in change.details} >= {"preference", "agents"}
    assert len([effect for effect in change.rules if effect.after == "holds"]) == 2


def test_a_contraindication_that_comes_stands_under_the_option_that_it_excludes():
    change = by_therapy(found("ar-v7-positive", "prior_therapies.enzalutamide=progression"))["arpi"]
    assert change.after.status == "excluded"
    assert "already_failed.arpi" in {effect.rule for effect in change.rules if effect.role == "against"}


def test_another_cancer_brings_rules_into_scope_and_leaves_others_out():
    change = by_therapy(found("ar-v7-positive", "cancer.type=LUAD"))["docetaxel_chemotherapy"]
    scopes = {(effect.before, effect.after) for effect in change.rules}
    assert any("out_of_scope" in states for states in scopes)


def test_flags_about_the_case_come_and_go_with_their_rules():
    flags = found("driver-egfr-germline-t790m", "biomarkers.EGFR_T790M=negative").flags
    gone = [change for change in flags if change.flag.kind == "caution"]
    assert [change.came for change in gone] == [False, False]
    assert all([effect.rule for effect in change.rules] == list(change.flag.rules) for change in gone)


def test_an_opened_list_is_no_longer_assumed_complete():
    difference_found = found("ar-v7-positive", "comorbidities=unknown")
    assert [assumption.id for assumption in difference_found.assumptions_went] == ["comorbidities"]
    assert difference_found.assumptions_came == ()


def test_an_intent_that_changes_names_its_rules():
    intent = found("sabr-comet-breast", "cancer.metastases=12").intent
    assert intent is not None
    assert (intent.before, intent.after) == ("potentially_curative", "disease_control")
    assert [(effect.role, effect.before, effect.after) for effect in intent.rules] == [("other", "holds", "fails")]


CHANGES = (
    ("ar-v7-positive", "ecog=3"),
    ("ar-v7-positive", "biomarkers.BRCA2=positive"),
    ("ar-v7-positive", "prior_therapies.enzalutamide=progression"),
    ("kidney-checkmate-214-poor-risk", "ecog=3"),
    ("driver-egfr-germline-t790m", "biomarkers.EGFR_T790M=negative"),
    ("msi-high-pancreas-lynch", "prior_therapies=none"),
    ("marrow-failure", "cancer.type=SCLC"),
)


@pytest.mark.parametrize(("case", "change"), CHANGES)
def test_every_pair_of_a_shipped_case_in_another_order_is_said(case: str, change: str):
    check_order(*made_by(case, change))


@pytest.mark.parametrize(("case", "change"), CHANGES)
def test_the_lines_name_every_rule_and_every_option_in_words(case: str, change: str):
    difference_found = found(case, change)
    lines = list(all_lines(difference_lines(difference_found)))
    told = {line.rule for line in lines}
    assert {effect.rule for option in difference_found.options for effect in option.rules} <= told
    texts = [line.sentence() for line in lines]
    assert not [text for text in texts if "_" in text]
    for option in difference_found.options:
        assert sum(text.startswith(f"{option.label}: ") for text in texts) >= 1
    assert summary(difference_found).startswith("Of the options, ")
    assert case in short_line(case, difference_found).text
