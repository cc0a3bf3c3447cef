"""What is recorded of a decision: everything but its prose and what it was made with, a line for each option."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from scale import some
from txselect.decision.record import (
    Assumption,
    CautionNote,
    Citation,
    Decision,
    Derivation,
    EngineUsed,
    Flag,
    Option,
    Pending,
    Reason,
    RuleSet,
)
from txselect.engine.durable import available
from txselect.errors import InputError, Place, control_character
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, decide
from txselect.recorded import RECORDED, Record, RecordedFolder, read_records, record_of, text_of, unlike

HEALTHY = Path(__file__).parent / "bad" / "healthy_pack"
PLACE = Place("fit.yaml", 1, 1)
PROFILE = {"as_of": "2026-06-01", "cancer": {"type": "PRAD"}, "ecog": 1}

FOR = Reason("rule.x", "title", "because", holds=True)
AGAINST = Reason("rule.q", "title", "because", holds=True, is_for=False)
WAITING = Pending("PSMA PET", "not tested", ("PSMA_PET",))
CERTAIN = CautionNote("rule.c", "text", "caution", certain=True)
PERHAPS = CautionNote("rule.d", "text", "relative_contraindication", certain=False, waits_for=(WAITING,))
SOURCE = Citation("source", "trial", "name", "2020", None, "phase_3", None, None, None, None)
FIRST = Option(
    therapy="first",
    label="the first",
    modality="chemotherapy",
    agents=("one + two", "three"),
    status="recommended",
    rank=1,
    before_next="stands first",
    preference="preferred",
    evidence_level="phase_3",
    reasons=(FOR, replace(FOR, rule="rule.y")),
    evidence=(SOURCE,),
    pending=(WAITING,),
    cautions=(CERTAIN, PERHAPS),
    rules=("rule.x", "rule.y"),
)
SECOND = replace(
    FIRST,
    therapy="second",
    status="excluded",
    rank=None,
    reasons=(AGAINST, FOR),
    rules=("rule.q", "rule.x"),
    cautions=(),
    agents=(),
)
THIRD = replace(SECOND, therapy="third", status="not_indicated", preference=None, evidence_level=None, reasons=())
FLAG = Flag("test_needed", "do the test", ("BRCA2",), ("rule.m",))


@cache
def decision() -> Decision:
    made = decide(Rules(read_pack(HEALTHY)), PROFILE, engine="linear")
    return replace(
        made,
        intent="disease_control",
        intent_reasons=(FOR,),
        options=(FIRST, SECOND, THIRD),
        flags=(FLAG, replace(FLAG, kind="caution", about=(), rules=("rule.k",))),
        assumptions=(Assumption("sites", "text", ("first",)),),
    )


def with_first(**changes: Any) -> Decision:
    return replace(decision(), options=(replace(FIRST, **changes), SECOND, THIRD))


def with_flag(**changes: Any) -> Decision:
    return replace(decision(), flags=(replace(FLAG, **changes), *decision().flags[1:]))


def differences(before: Decision, now: Decision) -> list[str]:
    return [problem.message for problem in unlike(record_of(before), record_of(now), PLACE)]


def test_an_option_is_one_line_and_prose_is_in_none():
    assert record_of(decision()) == Record(
        intent="disease_control; by rule.x",
        options={
            "first": "recommended 1, preferred, phase_3; by rule.x, rule.y; caution rule.c; "
            "perhaps relative contraindication rule.d; with one + two, three",
            "second": "excluded, preferred, phase_3; by rule.q; despite rule.x",
        },
        flags=("test_needed: BRCA2; by rule.m", "caution; by rule.k"),
        assumptions=("sites",),
    )


# Every field that is not prose makes a difference, and no other does.

OTHER_OPTION: dict[str, Any] = {
    "agents": ("three",),
    "status": "recommended_pending",
    "rank": 2,
    "preference": "alternative",
    "evidence_level": "phase_2",
    "reasons": (replace(FOR, rule="rule.other"),),
    "cautions": (CERTAIN,),
}
PROSE_OF_AN_OPTION: dict[str, Any] = {
    "label": "another",
    "modality": "targeted",
    "before_next": None,
    "evidence": (),
    "pending": (),
    # those of `reasons`, in their order
    "rules": ("rule.other",),
}


@pytest.mark.parametrize("field", OTHER_OPTION)
def test_whatever_is_decided_of_an_option_is_recorded(field: str):
    (message,) = differences(decision(), with_first(**{field: OTHER_OPTION[field]}))
    assert message.startswith("`first` was recorded as `recommended 1, preferred, phase_3; by rule.x, rule.y; ")


@pytest.mark.parametrize("field", PROSE_OF_AN_OPTION)
def test_the_prose_of_an_option_is_not_recorded(field: str):
    assert differences(decision(), with_first(**{field: PROSE_OF_AN_OPTION[field]})) == []


def test_no_field_of_an_option_is_forgotten():
    assert {field.name for field in fields(Option)} == {"therapy", *OTHER_OPTION, *PROSE_OF_AN_OPTION}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"rule": "rule.other"}, True),
        ({"kind": "relative_contraindication"}, True),
        ({"certain": False}, True),
        ({"text": "otherwise said"}, False),
        ({"waits_for": (WAITING,)}, False),
    ],
    ids=str,
)
def test_a_caution_is_recorded_with_its_kind_and_whether_it_is_certain(change: dict[str, Any], differs: bool):
    changed = with_first(cautions=(replace(CERTAIN, **change), PERHAPS))
    assert bool(differences(decision(), changed)) == differs
    assert change.keys() <= {field.name for field in fields(CautionNote)}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"rule": "rule.other"}, True),
        ({"is_for": False}, True),
        ({"title": "otherwise"}, False),
        ({"because": "otherwise"}, False),
        ({"experts_differ": "otherwise"}, False),
    ],
    ids=str,
)
def test_of_a_reason_the_rule_is_recorded_and_which_way_it_speaks(change: dict[str, Any], differs: bool):
    assert bool(differences(decision(), with_first(reasons=(replace(FOR, **change), FIRST.reasons[1])))) == differs


def test_a_reason_that_is_undecided_shows_in_the_status_alone():
    assert differences(decision(), with_first(reasons=tuple(replace(each, holds=None) for each in FIRST.reasons))) == []


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"kind": "insufficient_data"}, True),
        ({"about": ("BRCA1",)}, True),
        ({"rules": ("rule.other",)}, True),
        ({"text": "otherwise"}, False),
    ],
    ids=str,
)
def test_of_a_flag_everything_but_its_prose_is_recorded(change: dict[str, Any], differs: bool):
    found = differences(decision(), with_flag(**change))
    assert len(found) == 2 * differs
    assert all("the flag `" in message for message in found)


def test_flags_that_differ_in_prose_alone_are_counted():
    twice = replace(decision(), flags=(FLAG, replace(FLAG, text="and another test")))
    assert record_of(twice).flags == ("test_needed: BRCA2; by rule.m (2 times)",)
    assert differences(twice, replace(twice, flags=(FLAG,))) == [
        "the flag `test_needed: BRCA2; by rule.m (2 times)` was recorded, and is not there now",
        "the flag `test_needed: BRCA2; by rule.m` was not recorded, and is there now",
    ]


OTHERWISE: dict[str, tuple[Any, int]] = {
    "schema": ("txselect.decision/1", 0),
    "rule_set": (RuleSet("other", "2", date(2030, 1, 1), "0"), 0),
    "engine": (EngineUsed("durable", "1", None), 0),
    "txselect": ("99", 0),
    "profile": ({}, 0),
    "profile_sha256": ("0", 0),
    "as_of": (date(2030, 1, 1), 0),
    "jurisdiction": ("EMA", 0),
    "cancer": ("another label", 0),
    "conclusion": ("otherwise", 0),
    "intent": ("supportive", 1),
    "intent_reasons": ((replace(FOR, rule="rule.other"),), 1),
    "options": ((), 2),
    "flags": ((), 2),
    "assumptions": ((), 1),
    "derivation": (Derivation((), ()), 0),
    "disclaimer": ("otherwise", 0),
}


@pytest.mark.parametrize("field", [field.name for field in fields(Decision)])
def test_a_decision_differs_in_what_was_decided_and_not_in_what_it_was_made_with(field: str):
    changed, expected = OTHERWISE[field]
    assert len(differences(decision(), replace(decision(), **{field: changed}))) == expected


def test_another_assumption_is_told_by_its_id_and_its_prose_is_not_looked_at():
    said_otherwise = replace(decision(), assumptions=(Assumption("sites", "otherwise", ()),))
    assert differences(decision(), said_otherwise) == []
    assert differences(decision(), replace(decision(), assumptions=(Assumption("drugs", "text"),))) == [
        "the assumption `sites` was recorded, and is not there now",
        "the assumption `drugs` was not recorded, and is there now",
    ]


def test_an_engine_that_stands_in_is_not_recorded():
    stands_in = replace(decision(), assumptions=(Assumption("engine", "text"), *decision().assumptions))
    assert differences(decision(), stands_in) == []


def test_what_comes_to_be_indicated_or_no_longer_is_is_told_in_both_directions():
    without = replace(decision(), options=(FIRST, THIRD))
    line = "excluded, preferred, phase_3; by rule.q; despite rule.x"
    assert differences(decision(), without) == [f"`second` was recorded as `{line}`, is now `not_indicated`"]
    assert differences(without, decision()) == [f"`second` was recorded as `not_indicated`, is now `{line}`"]


def test_an_open_intent_is_recorded_as_open():
    assert record_of(replace(decision(), intent=None, intent_reasons=())).intent == "open"


def test_a_difference_is_told_at_the_place_of_the_case():
    (problem,) = unlike(record_of(decision()), record_of(with_first(rank=2)), PLACE)
    assert str(problem).startswith("fit.yaml:1:1: TX031 `first` was recorded as `recommended 1, ")
    assert "is now `recommended 2, " in problem.message


# The shipped cases


@pytest.mark.parametrize("name", some(cases(), 90))
def test_the_record_of_a_shipped_case_is_read_back_as_it_was_written(name: str, tmp_path: Path):
    record = record_of(decide(rules(), cases()[name], engine="linear"))
    path = tmp_path / RECORDED
    path.write_text(text_of({name: record}), encoding="utf-8")
    assert read_records(path) == {name: record}


@pytest.mark.skipif(not available(), reason="durable-rules does not run here")
@pytest.mark.parametrize("name", some(cases(), 180))
def test_every_engine_gives_the_same_record(name: str):
    one, other = (record_of(decide(rules(), cases()[name], engine=engine)) for engine in ("linear", "durable"))
    assert one == other


# Files


def record(**changes: Any) -> Record:
    return record_of(decision()).model_copy(update=changes)


def test_records_are_written_by_id_each_option_on_a_line():
    text = text_of({"b": record(), "a": record()})
    assert list(json.loads(text)) == ["a", "b"]
    assert text.splitlines()[:4] == [
        "{",
        ' "a": {',
        '  "intent": "disease_control; by rule.x",',
        '  "options": {',
    ]
    assert text.count('   "first": "recommended 1, ') == 2
    assert text.endswith("}\n")


def can_be_written(text: str) -> bool:
    """As the texts of a profile are, which the ids and names in a flag come from."""
    return bool(text.strip()) and control_character(text) is None


@given(about=st.lists(st.text(min_size=1).filter(can_be_written), min_size=1))
def test_whatever_a_flag_is_about_stays_on_one_line(about: list[str]):
    (line,) = record_of(replace(decision(), flags=(replace(FLAG, about=tuple(about)),))).flags
    assert len(line.splitlines()) == 1


def refused(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / RECORDED
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_records(path)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


WRONG = """\
{
 "a": {"intent": "open", "options": {"first": 1}, "flags": [], "assumptions": []},
 "b": {"intent": "open", "options": {}, "flags": "none", "assumptions": []},
 "c": {"intent": "open", "options": {}, "flag": [], "assumptions": []},
 "d": "open"
}
"""


def test_every_problem_of_a_file_of_records_is_told_with_its_place(tmp_path: Path):
    found = refused(tmp_path, WRONG)
    assert [problem.split(" ")[:2] for problem in found] == [
        ["recorded.json:2:47:", "TX005"],
        ["recorded.json:3:50:", "TX005"],
        ["recorded.json:4:7:", "TX004"],
        ["recorded.json:4:41:", "TX003"],
        ["recorded.json:5:7:", "TX005"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "recorded.json: TX005 expected the records of cases"),
        ('{"a": {}, "a": {}}', "recorded.json:1:11: TX002 the key `a` is written twice"),
        ("{\n<<<<<<< ours\n}", "recorded.json:2:1: TX001 not readable as JSON"),
        ("", "recorded.json:1:1: TX001 not readable as JSON"),
    ],
)
def test_what_holds_no_records_is_refused(tmp_path: Path, text: str, message: str):
    assert refused(tmp_path, text)[0].startswith(message)


# Folders

Recording = Callable[..., RecordedFolder]


@pytest.fixture
def folder(tmp_path: Path) -> Recording:
    """The folder with these cases added, all decided alike."""

    def made(*names: str) -> RecordedFolder:
        found = RecordedFolder(tmp_path)
        for name in names:
            file = (tmp_path / f"{name}.yaml").as_posix()
            text = f"id: {name}\ntitle: t\nnarrative: n\nprofile: {{cancer: {{type: PRAD}}}}\n"
            found.add(read_case(text, file), decision())
        return found

    return made


def test_a_case_without_a_record_is_told(folder: Recording):
    (problem,) = folder("one").differences("one")
    assert str(problem).endswith(
        "one.yaml:1:1: TX031 the case `one` is not recorded\n  hint: `txselect test --record` does"
    )


def test_what_was_written_does_not_differ(folder: Recording):
    folder("one", "two").write()
    again = folder("two", "one")
    assert again.differences("one") == again.differences("two") == ()
    assert again.left_over == ()


def test_the_records_of_cases_that_were_not_given_are_kept_if_they_are_asked_for(folder: Recording, tmp_path: Path):
    folder("one", "two").write()
    again = folder("two", "three")
    assert again.left_over == ("one",)
    (problem,) = again.about_left_over()
    assert (problem.place.line, problem.message) == (
        2,
        "the case `one` is recorded, and is not in this folder any more",
    )
    again.write(keeping=again.left_over)
    assert list(read_records(tmp_path / RECORDED)) == ["one", "three", "two"]
    folder("two", "three").write()
    assert list(read_records(tmp_path / RECORDED)) == ["three", "two"]


def test_nothing_is_left_beside_the_file(folder: Recording, tmp_path: Path):
    folder("one").write()
    folder("one").write()
    assert [path.name for path in tmp_path.iterdir()] == [RECORDED]


def test_two_cases_of_one_id_are_refused_and_one_given_twice_is_not(folder: Recording):
    given_twice = folder("one", "one")
    text = "id: one\ntitle: t\nnarrative: n\nprofile: {cancer: {type: PRAD}}\n"
    with pytest.raises(
        InputError, match=r"other.yaml:1:1: TX007 the case `one` is given twice\n  hint: first: .*one.yaml"
    ):
        given_twice.add(read_case(text, "other.yaml"), decision())


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="TX014 cannot be written: no such file"):
        RecordedFolder(tmp_path / "nowhere").write()
