"""What if: the changes are made, what they replace is said, and the answer is the difference between two decisions."""

import pytest

from knowledge.shipped import cases, rules
from scale import some
from txselect.errors import InputError
from txselect.explain.difference import difference
from txselect.inquiry.what_if import what_if
from txselect.language.changes import changed
from txselect.model.change import Change
from txselect.pipeline import read


def test_the_answer_is_the_difference_that_the_changed_profile_makes():
    case = cases()["ar-v7-positive"]
    changes = [Change("ecog", 3), Change("sites.liver", "present")]
    answer = what_if(rules(), case, changes, engine="linear")
    after = changed(case.profile, changes, rules().pack.vocabulary).profile
    made = (read(rules(), profile, engine="linear") for profile in (case.profile, after))
    assert answer.difference == difference(*made)


def test_changes_may_be_written_as_on_the_command_line():
    case = cases()["ar-v7-positive"]
    written = what_if(rules(), case, ["ecog=3"], engine="linear")
    assert written == what_if(rules(), case, [Change("ecog", 3)], engine="linear")


def test_both_engines_find_the_same_difference():
    case = cases()["ar-v7-positive"]
    answers = [what_if(rules(), case, ["ecog=3"], engine=engine) for engine in ("linear", "durable")]
    assert answers[0].difference == answers[1].difference


def test_the_text_begins_with_what_was_changed_and_what_was_set_aside():
    answer = what_if(rules(), cases()["ar-v7-positive"], ["biomarkers.BRCA2=positive"], engine="linear")
    first, second = answer.explanation.lines[:2]
    assert first.sentence() == "changed: BRCA2 alteration: BRCA2 positive; before no result"
    assert second.sentence() == "set aside: HRR negative, which cannot be true beside BRCA2 positive"
    assert answer.explanation.title == "What if: BRCA2 positive?"


def test_nothing_that_differs_is_said_in_one_sentence():
    answer = what_if(rules(), cases()["ar-v7-positive"], ["age=74"], engine="linear")
    assert answer.explanation.answer == "Nothing differs: the decision is the same."
    assert len(answer.explanation.lines) == 1


def test_a_changed_date_decides_on_that_day():
    answer = what_if(rules(), cases()["driver-alk-after-crizotinib"], ["as_of=2010-01-01"], engine="linear")
    scopes = {effect.after for change in answer.difference.options for effect in change.rules}
    assert "out_of_scope" in scopes
    assert "out of scope now" in str(answer.explanation)


def test_changes_that_cannot_be_made_are_bad_input():
    with pytest.raises(InputError) as raised:
        what_if(rules(), cases()["ar-v7-positive"], ["ecog=9", "sites.livre=present"])
    assert len(raised.value.problems) == 2


def test_a_profile_of_plain_values_is_taken_as_it_is():
    answer = what_if(rules(), {"cancer": {"type": "PRAD"}}, ["ecog=4"], engine="linear")
    assert answer.edits[0].before == "not stated"


@pytest.mark.parametrize("name", some(cases(), 20))
def test_what_is_changed_back_makes_no_difference(name: str):
    case = cases()[name]
    ecog = case.profile.ecog
    wanted = "unknown" if ecog is None else str(ecog)
    there = changed(case.profile, [Change("ecog", 4)], rules().pack.vocabulary).profile
    back = changed(there, [Change("ecog", "unknown" if ecog is None else ecog)], rules().pack.vocabulary).profile
    assert back == case.profile
    assert what_if(rules(), case, [f"ecog={wanted}"], engine="linear").difference.is_empty
