"""Patients at the margins: with them cases show all that anybody can show, and nobody shows what is said of nobody."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from check.small_rules import written
from check.test_proofs_law import small_packs
from laws.strategies import profiles
from scale import examples
from txselect.check.coverage import coverage
from txselect.check.margins import Margin, Margins
from txselect.check.mutants import Mutant, mutants
from txselect.check.mutation import Trial
from txselect.errors import PYTHON
from txselect.language.pack import read_pack
from txselect.language.validation import validated
from txselect.model.profile import Case
from txselect.model.rules import RulePack
from txselect.pipeline import Rules, decide


def case(name: str, profile: Mapping[str, Any]) -> Case:
    told = {"id": name, "title": name, "narrative": name, "profile": {**profile, "as_of": None}}
    return validated(Case, told, PYTHON)


def found(pack: RulePack, changes: Iterable[Mutant]) -> list[Margin]:
    return list(Margins(pack, changes, []).found(pack.written))


def missed(pack: RulePack, cases: list[Case]) -> set[str]:
    """What no case shows, by the ids of margins."""
    seen = coverage(pack, cases)
    rules = {f"{rule.rule.id}:{goal}" for rule in seen.rules for goal in rule.seen.missed}
    return rules | {
        f"{rule.rule.id}:{number}:{goal}"
        for rule in seen.rules
        for number, condition in enumerate(rule.conditions)
        for goal in condition.seen.missed
    }


def told_apart(pack: RulePack, changes: Iterable[Mutant], cases: list[Case]) -> set[str]:
    trial = Trial(pack, cases)
    return {mutant.id for mutant in changes if trial.concerned(mutant)[0]}


def options(pack: RulePack, cases: list[Case]) -> list[object]:
    """What is decided of each option, but for what it waits for."""
    rules = Rules(pack)
    found = (option for case in cases for option in decide(rules, case, engine="linear").options)
    return [
        (option.therapy, option.status, option.rank, [(note.rule, note.kind, note.certain) for note in option.cautions])
        for option in found
    ]


def check(pack: RulePack, others: list[Case]) -> None:
    changes = list(mutants(pack))
    margins = found(pack, changes)
    made = [case(margin.aim.id, margin.profile) for margin in margins if margin.profile is not None]
    nobody = {margin.aim.id for margin in margins if margin.profile is None}
    names = {mutant.id for mutant in changes}
    assert missed(pack, made) == nobody - names
    assert missed(pack, [*made, *others]) == nobody - names
    assert names - told_apart(pack, changes, made) <= nobody
    decided = options(pack, [*made, *others])
    for mutant in changes:
        assert mutant.id not in nobody or options(mutant.applied(pack), [*made, *others]) == decided


@pytest.fixture
def pack(tmp_path: Path) -> RulePack:
    return read_pack(written(tmp_path / "rules"))


def test_of_a_small_pack(pack: RulePack):
    check(pack, [])


@settings(max_examples=examples(15, nightly=200))
@given(small_packs(), st.lists(profiles(), max_size=15))
def test_of_random_packs_whoever_else_there_is(pack: RulePack, drawn: list[dict[str, Any]]):
    check(pack, [case(f"drawn {number}", with_usual_limits(profile)) for number, profile in enumerate(drawn)])


def with_usual_limits(profile: dict[str, Any]) -> dict[str, Any]:
    """Without limits of normal of its own: all patients are those held against the limits of the vocabulary."""
    own = ("upper_limit", "lower_limit")
    measured = [
        {name: value for name, value in each.items() if name not in own} for each in profile.get("measurements", ())
    ]
    return {**profile, "measurements": measured}


def test_what_is_shown_is_not_looked_for(pack: RulePack):
    changes = list(mutants(pack))
    first = Margins(pack, changes, [])
    margins = list(first.found(pack.written))
    known = [first.patient(margin.profile) for margin in margins if margin.profile is not None]
    again = list(Margins(pack, changes, known).found(pack.written))
    assert [margin.aim for margin in again] == [margin.aim for margin in margins if margin.profile is None]
