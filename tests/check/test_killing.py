"""A survivor is the same rule for everybody, or there is a case that holds now and would notice it."""

import random
from dataclasses import replace

import pytest

from check.test_faulty_packs import faulty_packs
from knowledge.shipped import rules
from scale import examples
from txselect.check.killing import Equivalence, killing_case
from txselect.check.mutants import Mutant, mutants
from txselect.check.witness import case_file
from txselect.expectations import unmet
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.model.condition import All
from txselect.model.rules import Caution
from txselect.pipeline import Rules, decide

RULE = "prostate.mcrpc.psma_radioligand.post_arpi_taxane"
SOME = random.Random(1).sample(list(mutants(rules().pack, "prostate.mcrpc")), examples(12, nightly=200))


def is_equivalent(pack, mutant):
    return Equivalence(pack, [mutant]).holds(mutant)


def holds(case, pack):
    return not unmet(case, decide(Rules(pack), case, engine="linear"), pack)


@pytest.mark.parametrize("mutant", SOME, ids=lambda mutant: mutant.id)
def test_the_case_holds_now_and_not_with_the_change(mutant):
    made = killing_case(rules().pack, mutant)
    if made is None:
        pytest.skip("no status of any patient shows it")
    case = read_case(case_file(made), "made.yaml")
    assert holds(case, rules().pack)
    assert not holds(case, mutant.applied(rules().pack))
    assert not is_equivalent(rules().pack, mutant)


def changed(when):
    rule = rules().pack.rules[RULE]
    return Mutant("id", RULE, "kind", rule.place, "text", replace(rule, when=when(rule.when)))


def test_what_says_the_same_in_other_words_is_equivalent():
    twice = changed(lambda when: All((*reversed(when.parts), when.parts[0])))
    assert is_equivalent(rules().pack, twice)
    assert killing_case(rules().pack, twice) is None


def test_a_condition_that_matters_is_not():
    assert not is_equivalent(rules().pack, changed(lambda when: All(when.parts[1:])))


IDLE = [(folder, fault) for folder, fault in faulty_packs() if fault.code == "TX206"]


@pytest.mark.parametrize(("folder", "fault"), IDLE, ids=[folder.name for folder, _ in IDLE])
def test_a_condition_that_never_matters_can_be_dropped_and_nobody_notices(folder, fault):
    pack = read_pack(folder / "faulty")
    of_the_rule = [mutant for mutant in mutants(pack, fault.rule) if mutant.rule == fault.rule]
    assert [mutant.id for mutant in of_the_rule if is_equivalent(pack, mutant)] != []


def test_a_caution_for_everybody_is_seen_without_any_therapy():
    for_everybody = next(
        rule for rule in rules().pack.written.values() if isinstance(rule.head, Caution) and not rule.head.therapies
    )
    for mutant in mutants(rules().pack, for_everybody.id):
        if mutant.kind in ("rule", "negate"):
            assert not is_equivalent(rules().pack, mutant)
