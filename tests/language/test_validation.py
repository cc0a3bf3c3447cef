"""What pydantic finds is said in plain words, once, where it stands."""

from datetime import date

import pytest

from txselect.errors import PYTHON, InputError, Problem
from txselect.language.case import load_case, read_case
from txselect.language.document import parse
from txselect.language.validation import validated
from txselect.model.forms import day_of
from txselect.model.profile import Profile
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
