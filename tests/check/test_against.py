"""Two versions of a rule set: equal for every patient, or a patient for whom they differ, confirmed by deciding."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from check.test_proofs_law import combined, small_packs
from inquiry.small import THERAPY
from knowledge.shipped import rules, written_rules
from laws.strategies import profiles
from scale import examples
from txselect.check.against import differences
from txselect.cli.app import run
from txselect.errors import PYTHON, InputError
from txselect.language.generated import generated_rules
from txselect.language.validation import validated
from txselect.model.condition import All
from txselect.model.profile import Profile
from txselect.pipeline import Rules, decide

RULE = "prostate.mcrpc.psma_radioligand.post_arpi_taxane"


def status(pack, profile, therapy):
    option = decide(Rules(pack), profile, engine="linear").option(therapy)
    return option.status if option else "not_indicated"


def edited(change):
    """The shipped pack with one rule changed, or left out where nothing is left of it."""
    pack = rules().pack
    made = change(pack.rules[RULE])
    written = {rule.id: rule for rule in written_rules() if rule.id != RULE} | ({RULE: made} if made else {})
    return replace(pack, rules=written | generated_rules(pack.vocabulary, written))


def test_a_rule_set_is_equal_to_itself():
    assert list(differences(rules().pack, rules().pack)) == []


def test_a_text_or_another_order_makes_no_difference():
    pack = edited(lambda rule: replace(rule, title="otherwise", because="Said otherwise."))
    assert list(differences(rules().pack, pack)) == []


def without_its_first_condition(rule):
    return replace(rule, when=All(rule.when.parts[1:]))


def left_out(_):
    return None


@pytest.mark.parametrize("change", [left_out, without_its_first_condition])
def test_an_edit_shows_in_its_therapy_class_and_in_a_patient(change):
    old, new = rules().pack, edited(change)
    found = list(differences(old, new))
    assert [differs.therapy for differs in found] == [old.rules[RULE].head.therapy]
    for differs in found:
        patient = dict(differs.patient)
        assert differs.before != differs.after
        assert status(old, patient, differs.therapy) == differs.before
        assert status(new, patient, differs.therapy) == differs.after


@settings(max_examples=examples(30, nightly=300))
@given(small_packs(), small_packs(), st.lists(profiles(), min_size=10, max_size=10))
def test_every_difference_is_shown_and_none_is_missed(old, new, drawn):
    found = {differs.therapy: differs for differs in differences(old, new)}
    for therapy, differs in found.items():
        assert status(old, dict(differs.patient), therapy) == differs.before
        assert status(new, dict(differs.patient), therapy) == differs.after
        assert differs.before != differs.after
    if THERAPY not in found:
        people = [*(validated(Profile, each, PYTHON) for each in drawn), *combined(old)]
        old_rules, new_rules = Rules(old), Rules(new)
        for person in (each.model_copy(update={"as_of": None}) for each in people[:60]):
            before, after = (decide(each, person, engine="linear").option(THERAPY) for each in (old_rules, new_rules))
            assert (before.status if before else None) == (after.status if after else None)


def test_rule_sets_with_other_words_are_refused():
    pack = rules().pack
    fewer = dict(list(pack.vocabulary.tests.items())[1:])
    new = replace(pack, vocabulary=replace(pack.vocabulary, tests=fewer))
    with pytest.raises(InputError, match="no patient can be asked about both"):
        list(differences(pack, new))


def test_the_command_says_that_they_are_equal(capsys):
    shipped = Path(__file__).parents[2] / "rules"
    assert run(["check", "--against", str(shipped)]) == 0
    assert capsys.readouterr().out.startswith("equal: ")
