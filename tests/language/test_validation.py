"""What pydantic finds is said in plain words, once, where it stands."""

from datetime import date
from pathlib import Path

import pytest

from txselect.errors import PYTHON, InputError, Problem
from txselect.language.case import case_lines, load_case, read_case
from txselect.language.document import parse
from txselect.language.validation import validated
from txselect.model.forms import day_of
from txselect.model.profile import Case, Profile
from txselect.pipeline import checked_profile

JARGON = ("Input should be", "input should be", "constrained", "pydantic", "union", "None", "dict", "tuple", "str ")


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as raised:
        read_case(text, "x.yaml")
    return raised.value.problems


@pytest.mark.parametrize("value", ["true", "[1]", "{a: 1}", '""'])
def test_a_union_gives_one_message_for_one_fault(value: str):
    found = problems(f"cancer: {{type: PRAD}}\nbiomarkers:\n  - marker: HER2_IHC\n    value: {value}\n")
    assert [(problem.place.line, problem.place.column) for problem in found] == [(4, 12)]
    assert "expected a number or a text" in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "age: 1.5",
        "age: x",
        "sex: 3",
        "biomarkers: x",
        "biomarkers: [1]",
        "drugs: {items: x}",
        "as_of: 5",
        "other_findings: [1]",
        "ecog: [1]",
        "drugs: {complete: 2, items: []}",
    ],
)
def test_messages_speak_plain_words(text: str):
    for problem in problems(f"cancer: {{type: PRAD}}\n{text}\n"):
        assert not [word for word in JARGON if word in f"{problem.message} {problem.hint}"]


def test_problems_come_sorted_by_place_and_only_once():
    found = problems("sex: x\nage: y\ncancer: {type: 5}\nbiomarkers: [{}, {}]\n")
    assert [problem.place.line for problem in found] == [1, 2, 3, 4, 4]
    assert list(found) == sorted(set(found))


def test_a_profile_built_in_python_gets_the_same_messages():
    with pytest.raises(InputError) as raised:
        checked_profile({"cancer": {"type": "PRAD"}, "ecog": 5, "biomarkers": [{"marker": "X"}]})
    assert [str(problem).split(":")[0] for problem in raised.value.problems] == ["<python>", "<python>"]
    assert {problem.place for problem in raised.value.problems} == {PYTHON}


def test_a_profile_built_in_python_may_hold_dates():
    profile = checked_profile({"cancer": {"type": "PRAD"}, "as_of": date(2026, 1, 1)})
    assert profile.as_of == date(2026, 1, 1)


def test_a_bare_profile_becomes_a_case_named_after_its_file():
    case = read_case("cancer: {type: PRAD}", "folder/one.yaml")
    assert (case.id, case.title) == ("one", "one")


def test_a_profile_may_be_json():
    text = '{"cancer": {"type": "PRAD", "sites": ["bone"]}, "biomarkers": [{"marker": "BRCA2", "state": "positive"}]}'
    assert read_case(text, "x.json").profile.biomarkers[0].state == "positive"


def test_a_case_with_a_misspelled_profile_is_still_read_as_a_case():
    found = problems("id: a\ntitle: t\nnarrative: n\nprofil: {cancer: {type: PRAD}}\n")
    assert [problem.message for problem in found] == ["`profile` is missing", "unknown key `profil`"]


def test_equal_profiles_have_one_hash_wherever_they_stand():
    one = validated(Profile, parse("age: 70\ncancer: {type: PRAD}", "a.yaml"), PYTHON)
    other = validated(Profile, parse("\n\ncancer:\n  type: PRAD\nage: 70", "b.yaml"), PYTHON)
    assert one == other
    assert one.sha256() == other.sha256()


def test_a_file_that_cannot_be_opened_is_a_problem_and_no_traceback(tmp_path):
    with pytest.raises(InputError, match="TX014 cannot be read"):
        load_case(tmp_path)


@pytest.mark.parametrize("text", ["20260101", "2026-1-1", "2026-W01-1", "01.02.2026", "2026-02-30", ""])
def test_a_day_is_written_in_one_way(text: str):
    with pytest.raises(ValueError, match=r"date of the form|no day"):
        day_of(text)


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x9b", "\u202e"])
def test_a_text_that_could_steer_a_terminal_is_refused_with_its_place(character: str):
    with pytest.raises(InputError) as caught:
        read_case(
            f'id: a\ntitle: "x\\u{ord(character):04x}"\nnarrative: b\nprofile: {{cancer: {{type: PRAD}}}}\n', "c.yaml"
        )
    (problem,) = caught.value.problems
    assert (problem.place.line, problem.code) == (2, "TX005")
    assert character not in str(problem)


# Cases line by line

GOOD = '{"cancer": {"type": "PRAD"}, "ecog": 1}'


def in_lines(*lines: str) -> tuple[list[Case], list[str]]:
    found = list(case_lines("\n".join(lines).encode(), "folder/cohort.jsonl"))
    problems = [str(each).removeprefix("folder/") for each in found if isinstance(each, Problem)]
    return [each for each in found if isinstance(each, Case)], problems


def test_each_line_is_a_case_that_knows_its_line():
    whole = '{"id": "a", "title": "t", "narrative": "n", "profile": {"cancer": {"type": "PRAD"}}}'
    cases, problems = in_lines(GOOD, whole)
    assert problems == []
    assert [(case.id, str(case.place)) for case in cases] == [
        ("cohort:1", "folder/cohort.jsonl:1:1"),
        ("a", "folder/cohort.jsonl:2:1"),
    ]
    assert str(cases[1].profile.cancer.place) == "folder/cohort.jsonl:2:67"


def test_a_case_in_a_line_says_what_it_says_in_a_file():
    (case,) = in_lines(GOOD)[0]
    assert case.profile == read_case(GOOD, "x.yaml").profile


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n \t\n"])
def test_blank_lines_are_passed_over_and_counted(end: str):
    cases, problems = in_lines("", GOOD, "  ", GOOD + end)
    assert [case.place.line for case in cases] == [2, 4]
    assert problems == []


def test_every_problem_of_every_line_is_told_beside_the_good_ones():
    cases, problems = in_lines('{"cancer": {"type": "PRAD"}, "ecog": 7, "age": "x"}', GOOD, '{"ecog": 1, "ecog": 2}')
    assert [case.place.line for case in cases] == [2]
    assert [problem.split(" ")[:2] for problem in problems] == [
        ["cohort.jsonl:1:38:", "TX005"],
        ["cohort.jsonl:1:48:", "TX005"],
        ["cohort.jsonl:3:13:", "TX002"],
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cancer: {type: PRAD}", "cohort.jsonl:2:1: TX001 not readable as JSON: expecting value\n  hint: each line is"),
        ('{"cancer": {"type": "PRAD"}', "cohort.jsonl:2:28: TX001 not readable as JSON: expecting ',' delimiter"),
        ("[1]", "cohort.jsonl:2:1: TX005 expected a mapping"),
        ('{"sex": "\\ud83d\\ude00"}', "cohort.jsonl:2:12: TX001 not readable as YAML: found invalid Unicode"),
        (f'{{"a": {"[" * 99}{"]" * 99}}}', "cohort.jsonl:2:66: TX001 nested more than 60 deep"),
        ('{"cancer": "\x07"}', "cohort.jsonl:2:13: TX001 not readable as JSON: invalid control character"),
    ],
)
def test_a_line_that_is_no_object_of_json_is_told_with_its_line(line: str, message: str):
    cases, problems = in_lines(GOOD, line, GOOD)
    assert len(cases) == 2
    assert problems[0].startswith(message)


def test_a_line_that_is_no_text_is_told_with_its_line():
    found = list(case_lines(GOOD.encode() + b'\n{"age": \xff}', "x.jsonl"))
    assert [str(each) for each in found[1:]] == ["x.jsonl:2:9: TX014 not UTF-8 text\n  hint: save the file as UTF-8"]


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_file_without_a_line_is_a_problem(text: str):
    assert in_lines(text)[1][0].startswith("cohort.jsonl: TX014 no cases in this file")


def test_one_line_is_a_case_and_several_are_not(tmp_path: Path):
    path = tmp_path / "cohort.jsonl"
    path.write_text(f"\n{GOOD}\n", encoding="utf-8")
    assert load_case(path).id == "cohort:2"
    path.write_text(f"{GOOD}\n{GOOD}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"cohort.jsonl: TX014 2 cases lie here, and only one is taken\n  hint: "):
        load_case(path)
    path.write_text(f"{GOOD}\n{GOOD}\n{{}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="2 cases lie here") as caught:
        load_case(path)
    assert len(caught.value.problems) == 2
