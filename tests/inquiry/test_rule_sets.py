"""Two rule sets on a case: each edit that makes a difference is named, and what is said of its part is tried anew."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from laws.strategies import conditions, pack_with, profiles, rule_lists
from scale import examples, some
from txselect.errors import PYTHON
from txselect.inquiry.rule_sets import RuleSetDifference, RuleSets, diff, on_cases
from txselect.language.validation import validated
from txselect.model.condition import Comparison, FieldMeasures, MarkerIs
from txselect.model.profile import Profile
from txselect.model.rules import Contraindicate, Derive, Recommend, Rule, RulePack
from txselect.pipeline import Rules, decide

DOCETAXEL = "prostate.mcrpc.docetaxel.no_arpi_failure"
AR_V7 = "prostate.mcrpc.arpi.ar_v7"
STATUS = ("appeared", "vanished", "status", "reason")


def with_rule(pack: RulePack, name: str, **parts: Any) -> RulePack:
    return replace(pack, rules={**pack.rules, name: replace(pack.rules[name], **parts)}, sha256="edited")


def on(case: str, new: RulePack) -> RuleSetDifference:
    return diff(rules(), Rules(new), cases()[case], engine="linear")


# Laws on random rule sets


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[Rule], list[Rule]]:
    """Rules, and the same after some were removed or got other conditions; rules that derive facts stay."""
    old = draw(rule_lists())
    new: list[Rule] = []
    for rule in old:
        what = "stays" if isinstance(rule.head, Derive) else draw(st.sampled_from(["stays", "stays", "goes", "other"]))
        if what == "other":
            new.append(replace(rule, when=draw(conditions(())), unless=()))
        elif what == "stays":
            new.append(rule)
    assume(new != old)
    return old, new


def status(rules: list[Rule], profile: Profile, therapy: str) -> str:
    option = decide(Rules(pack_with(rules)), profile, engine="linear").option(therapy)
    return option.status if option else "not_indicated"


@settings(max_examples=examples(60, nightly=1_500), deadline=None)
@given(edited(), profiles())
def test_each_other_status_names_an_edited_rule_and_what_alone_does_it_does(
    both: tuple[list[Rule], list[Rule]], written: dict[str, Any]
):
    old, new = both
    profile = validated(Profile, written, PYTHON)
    found = diff(Rules(pack_with(old)), Rules(pack_with(new)), profile, engine="linear").difference
    changes = [change for change in found.options if change.kind in STATUS]
    by_id = {rule.id: rule for rule in new}
    for change in changes:
        written_ids = {rule.id for rule in old}
        culprits = [effect for effect in change.rules if effect.edit and effect.rule in written_ids]
        assert culprits
        for effect in culprits:
            alone = [by_id.get(rule.id) if rule.id == effect.rule else rule for rule in old]
            does_it = status([rule for rule in alone if rule], profile, change.therapy) == change.after.status
            assert does_it == (effect.does == "this alone does it")
        if len(culprits) == 1:
            assert culprits[0].does


@settings(max_examples=examples(30, nightly=500), deadline=None)
@given(rule_lists(), profiles())
def test_the_same_rules_read_twice_make_no_difference(made: list[Rule], written: dict[str, Any]):
    profile = validated(Profile, written, PYTHON)
    found = diff(Rules(pack_with(made)), Rules(pack_with(made)), profile, engine="linear")
    assert found.difference.is_empty
    assert found.otherwise == ()


# On shipped rules


def test_a_rule_with_stricter_conditions_is_named_with_what_was_edited():
    stricter = FieldMeasures("ecog", Comparison(at_most=0))
    found = on("ar-v7-positive", with_rule(rules().pack, DOCETAXEL, when=stricter))
    (change,) = found.difference.options
    (effect,) = change.rules
    assert (change.therapy, change.kind) == ("docetaxel_chemotherapy", "vanished")
    assert (effect.rule, effect.edit, effect.parts) == (DOCETAXEL, "edited", ("conditions",))
    assert effect.does == "this alone does it"
    assert "docetaxel where no ARPI has failed (edited: conditions, no longer" in str(found.explanation)


def test_a_contraindication_made_absolute_excludes_though_it_held_before():
    head = rules().pack.rules[AR_V7].head
    assert isinstance(head, Contraindicate)
    found = on("ar-v7-positive", with_rule(rules().pack, AR_V7, head=replace(head, strength="absolute")))
    change = next(change for change in found.difference.options if change.therapy == "arpi")
    assert (change.kind, change.after.status) == ("vanished", "excluded")
    assert [(effect.rule, effect.parts, effect.does) for effect in change.rules] == [
        (AR_V7, ("conclusion",), "this alone does it")
    ]


def test_an_edited_fact_is_named_behind_the_rules_that_use_it():
    name = "prostate.history.docetaxel_available"
    never = FieldMeasures("age", Comparison(above=119))
    found = on("ar-v7-positive", with_rule(rules().pack, name, when=never))
    change = next(change for change in found.difference.options if change.therapy == "docetaxel_chemotherapy")
    assert [(effect.rule, effect.edit, effect.does) for effect in change.rules] == [
        (DOCETAXEL, "", ""),
        (name, "edited", "this alone does it"),
    ]


def test_two_edits_that_are_both_needed_are_said_to_do_it_together():
    never = FieldMeasures("age", Comparison(above=119))
    new = rules().pack
    for rule in new.rules_for["clinical_trial"]:
        new = with_rule(new, rule.id, when=never)
    names = {rule.id for rule in new.rules_for["clinical_trial"] if rules().pack.rules[rule.id] != rule}
    assert len(names) > 1
    profile = cases()["ar-v7-positive"]
    change = next(
        change
        for change in diff(rules(), Rules(new), profile, engine="linear").difference.options
        if change.therapy == "clinical_trial"
    )
    holding = [effect for effect in change.rules if effect.edit]
    assert {effect.does for effect in holding} <= {"this alone does it", "does it together with other edits"}


def test_another_sentence_is_a_difference_in_what_is_said():
    found = on("ar-v7-positive", with_rule(rules().pack, DOCETAXEL, because="Another sentence."))
    (change,) = found.difference.options
    assert change.kind == "details"
    assert [detail.came for detail in change.details if detail.name == "why"] == [("Another sentence.",)]
    assert [effect.parts for effect in change.rules] == [("sentence",)]


def test_a_ranking_that_no_rule_explains_is_named():
    pack = rules().pack
    backwards = pack.ranking.model_copy(update={"criteria": tuple(reversed(pack.ranking.criteria))})
    found = on("ar-v7-positive", replace(pack, ranking=backwards))
    assert {change.kind for change in found.difference.options} == {"moved"}
    assert found.otherwise == ("the ranking",)
    assert "besides, the ranking differs" in str(found.explanation)


def test_a_word_of_the_vocabulary_is_named_where_no_rule_explains_it():
    pack = rules().pack
    docetaxel = pack.vocabulary.agents["docetaxel"].model_copy(update={"label": "docetaxel every week"})
    vocabulary = replace(pack.vocabulary, agents={**pack.vocabulary.agents, "docetaxel": docetaxel})
    found = on("ar-v7-positive", replace(pack, vocabulary=vocabulary))
    (change,) = found.difference.options
    assert [detail.came for detail in change.details] == [("docetaxel every week",)]
    assert found.otherwise == ("the vocabulary (agents)",)


def test_an_edit_gets_no_credit_for_what_the_new_vocabulary_does_already():
    preferred = Recommend("first", (), "preferred")
    rule = Rule("rule", "a rule", preferred, MarkerIs("CLASS", True), (), "It says so.", evidence=("source_phase_3",))
    new = pack_with([replace(rule, head=replace(preferred, preference="selected"))])
    markers = new.vocabulary.biomarkers
    alone = markers["VARIANT"].model_copy(update={"is_a": ()})
    old = replace(pack_with([rule]), vocabulary=replace(new.vocabulary, biomarkers={**markers, "VARIANT": alone}))
    profile = {"cancer": {"type": "ALPHA"}, "biomarkers": [{"marker": "VARIANT", "state": "positive"}]}
    found = diff(Rules(old), Rules(new), {**profile, "prior_therapies": []}, engine="linear")
    (change,) = found.difference.options
    assert (change.before.status, change.after.status) == ("possible", "recommended")
    assert [(effect.edit, effect.does) for effect in change.rules] == [("edited", "")]
    assert found.otherwise == ("the vocabulary (biomarkers)",)


def test_without_a_date_both_are_of_the_newer_rules_date():
    pack = rules().pack
    later = replace(pack, date=pack.date.replace(year=pack.date.year + 1))
    profile = cases()["ar-v7-positive"].profile.model_copy(update={"as_of": None})
    found = diff(rules(), Rules(later), profile, engine="linear")
    assert found.difference.assumptions_came == found.difference.assumptions_went == ()


def test_several_cases_are_told_in_one_answer():
    stricter = FieldMeasures("ecog", Comparison(at_most=0))
    sets = RuleSets(rules(), Rules(with_rule(rules().pack, DOCETAXEL, when=stricter)))
    names = ("ar-v7-positive", "msi-high-pancreas-lynch")
    answer = on_cases([(name, sets.diff(cases()[name], engine="linear")) for name in names])
    assert list(answer.cases) == ["ar-v7-positive"]
    assert answer.unchanged == 1
    assert answer.explanation.answer == "1 case decided otherwise, 1 unchanged."
    (line,) = answer.explanation.lines
    assert line.sentence() == "ar-v7-positive: - docetaxel"
    assert [part.rule for part in line.parts] == [DOCETAXEL]


@pytest.mark.parametrize("name", some(cases(), 12))
def test_shipped_rules_do_not_differ_from_themselves(name: str):
    assert diff(rules(), rules(), cases()[name], engine="linear").difference.is_empty
