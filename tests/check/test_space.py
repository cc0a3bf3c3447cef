"""All patients at once: the program for any cancer says of each what that for the patient's own cancer says."""

from functools import cache

import pytest

from knowledge.shipped import cases, rules
from scale import some
from txselect.check.goals import Goals, does_not_fail, holds, lacks
from txselect.check.space import Space, plain
from txselect.errors import PYTHON
from txselect.language.validation import validated
from txselect.model.profile import Profile
from txselect.pipeline import read


@cache
def space():
    return Space(rules().pack)


@pytest.mark.parametrize("name", some(cases(), 60))
def test_rules_hold_for_a_patient_as_they_do_in_the_program_for_the_cancer(name):
    case = cases()[name]
    reading, _ = read(rules(), case, as_of=rules().pack.date, engine="linear")
    everywhere = space().reading(case.profile.model_copy(update={"as_of": None}))
    references = space().program.rules
    assert {rule: everywhere.truth(references[rule]) for rule in reading.program.rules} == {
        rule: reading.rule_truth(rule) for rule in reading.program.rules
    }
    left_out = references.keys() & reading.program.left_out.keys()
    assert left_out
    assert [rule for rule in left_out if everywhere.truth(references[rule]) is not False] == []


def found(references, *alternatives):
    goals = Goals()
    goal = goals.add(*alternatives)
    return space().looking_for(goals).patient(goal)


def test_a_patient_is_found_and_said_as_a_case_file_says_one():
    rule = space().program.rules["prostate.mcrpc.psma_radioligand.post_arpi_taxane"]
    profile = found(space(), (holds(rule),))
    assert profile["cancer"]["type"] != "<any>"
    assert plain(validated(Profile, profile, PYTHON)) == profile
    reading, _ = read(rules(), profile, engine="linear")
    assert reading.rule_truth("prostate.mcrpc.psma_radioligand.post_arpi_taxane") is True


def test_a_patient_for_whom_a_rule_is_unknown_is_found():
    rule = space().program.rules["prostate.mcrpc.psma_radioligand.post_arpi_taxane"]
    reading, _ = read(rules(), found(space(), (lacks(rule), does_not_fail(rule))), engine="linear")
    assert reading.rule_truth("prostate.mcrpc.psma_radioligand.post_arpi_taxane") is None


def test_nobody_both_meets_a_condition_and_does_not():
    rule = space().program.rules["prostate.mcrpc.psma_radioligand.post_arpi_taxane"]
    assert found(space(), (holds(rule), lacks(rule))) is None


def test_what_depends_on_the_sex_is_found_where_no_condition_asks_for_it():
    """A limit of normal can depend on the sex, which the profile then has to state."""
    profile = found(space(), (holds(space().program.rules["kidney.imdc.haemoglobin"]),))
    assert "sex" in profile
