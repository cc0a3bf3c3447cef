"""The cases at the margins of the shipped rules: they hold, and with them cases show whatever can be shown."""

import random
from pathlib import Path

import pytest

from knowledge.shipped import cases, margins, rules
from scale import NIGHTLY, examples, some
from txselect.check.columns import readable_patients_of
from txselect.check.coverage import coverage
from txselect.check.killing import Equivalence
from txselect.check.margins import Margins
from txselect.check.mutants import mutants
from txselect.check.mutation import holding, judged, results
from txselect.check.mutation_text import Score
from txselect.expectations import unmet
from txselect.model.profile import Case
from txselect.pipeline import decide
from txselect.recorded import records_beside

AREAS = ("kidney", "breast", "colorectal", "lung", "melanoma", "prostate")


@pytest.mark.parametrize("name", some(margins(), 200))
def test_they_hold(name: str):
    case = margins()[name]
    assert unmet(case, decide(rules(), case, engine="linear"), rules().pack) == ()


def test_they_are_about_rules_that_are_there_and_expect_all_that_is_decided():
    for case in margins().values():
        assert case.id.partition(":")[0] in rules().pack.rules
        assert case.expect.decided
        assert case.source is not None
        assert case.source.kind == "margin"


def test_every_condition_decides_in_some_case_and_nearly_all_is_seen():
    found = coverage(rules().pack, [*cases().values(), *margins().values()])
    never = [seen.place for rule in found.rules for seen in rule.conditions if not seen.seen.decisive]
    assert len(never) <= 2, "conditions about the scope of their own rule"
    assert found.percent >= 99.5


@pytest.mark.skipif(not NIGHTLY, reason="takes a minute")
def test_what_no_case_shows_nobody_can_show():
    pack, everybody = rules().pack, [*cases().values(), *margins().values()]
    search = Margins(pack, mutants(pack), readable_patients_of(pack, everybody))
    found = (margin for batch in search.batches(list(pack.written)) for margin in search.found(batch))
    assert [margin.aim.id for margin in found if margin.profile is not None] == []


@pytest.mark.parametrize("area", some(AREAS, 1))
def test_nearly_every_mistake_in_a_rule_is_noticed(area: str):
    """Of mutants drawn at random; all of them take half an hour of two cores (docs/coverage.md)."""
    pack = rules().pack
    some_mutants = random.Random(4).sample(list(mutants(pack, f"{area}.")), examples(60, nightly=400))
    concerned = [case for case in (*cases().values(), *margins().values()) if area in (folder(case), rule_area(case))]
    records, equivalence = records_beside(concerned), Equivalence(pack, some_mutants)
    found = results(pack, holding(pack, concerned, records), some_mutants, records)
    tried = [(m, judged(m, result, equivalence.holds)) for m, result in zip(some_mutants, found, strict=True)]
    assert Score(tried).percent >= 90


def folder(case: Case) -> str:
    return Path(case.place.file).parent.name


def rule_area(case: Case) -> str:
    return case.id.partition(".")[0]
