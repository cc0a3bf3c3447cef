"""How long it takes to prove rule sets: those shipped, from nothing and after one edit, and one of 5,000 rules."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from txselect.check.against import differences
from txselect.check.checked import proofs
from txselect.check.lint import lint
from txselect.cli.inputs import read_every
from txselect.language.generated import generated_rules
from txselect.language.pack import read_pack
from txselect.model.condition import All, AnyOf, AtLeast, Comparison, Condition, FactHolds, FieldMeasures, Not
from txselect.model.profile import Case
from txselect.model.rules import Derive, Rule, RulePack
from txselect.shipped import shipped_folder

_DECADES = ((0, 30), (30, 60), (60, 75), (75, 120))
AGES = tuple(Comparison(at_least=low, below=high) for low, high in _DECADES)
"""Rules for one age each are many rules of which none says what another does."""


@cache
def shipped() -> RulePack:
    return read_pack(shipped_folder("rules"))


@pytest.fixture(autouse=True)
def _nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@cache
def shipped_cases() -> tuple[Case, ...]:
    return tuple(read_every([str(shipped_folder("cases"))]))


def at_each_age(cases: Iterable[Case]) -> list[Case]:
    """The cases once in each of the ages that the generated rules ask for."""
    profiles = [(case, case.profile.model_copy(update={"age": low + 5})) for case in cases for low, _ in _DECADES]
    return [case.model_copy(update={"profile": profile}) for case, profile in profiles]


def written(pack: RulePack) -> list[Rule]:
    generated = generated_rules(pack.vocabulary, pack.rules)
    return [rule for rule in pack.rules.values() if rule.id not in generated]


def with_rules(pack: RulePack, rules: list[Rule]) -> RulePack:
    made = {rule.id: rule for rule in rules}
    return replace(pack, rules=made | generated_rules(pack.vocabulary, made))


def edited(pack: RulePack) -> RulePack:
    """The pack after one edit of one rule."""
    rules = written(pack)
    first = next(number for number, rule in enumerate(rules) if isinstance(rule.when, All) and len(rule.when.parts) > 2)
    rules[first] = replace(rules[first], when=All(rules[first].when.parts[1:], rules[first].when.place))
    return with_rules(pack, rules)


def some_five_thousand(pack: RulePack) -> RulePack:
    """The rules once for each age, each with facts of its own."""
    rules = written(pack)
    copies = [_for_age(rule, number, age) for number, age in enumerate(AGES) for rule in rules]
    facts = {
        f"{name}_{number}": fact.model_copy(update={"id": f"{name}_{number}"})
        for name, fact in pack.vocabulary.facts.items()
        for number in range(len(AGES))
    }
    return with_rules(replace(pack, vocabulary=replace(pack.vocabulary, facts=facts)), copies[:5000])


def _for_age(rule: Rule, number: int, age: Comparison) -> Rule:
    head = Derive(f"{rule.head.fact}_{number}") if isinstance(rule.head, Derive) else rule.head
    when = All((FieldMeasures("age", age), _with_facts(rule.when, number)))
    unless = tuple(_with_facts(part, number) for part in rule.unless)
    return replace(rule, id=f"{rule.id}_{number}", head=head, when=when, unless=unless)


def _with_facts(condition: Condition, number: int) -> Condition:
    match condition:
        case FactHolds(fact):
            return replace(condition, fact=f"{fact}_{number}")
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            return replace(condition, parts=tuple(_with_facts(part, number) for part in parts))
        case Not(part):
            return replace(condition, part=_with_facts(part, number))
        case _:
            return condition


def test_lint_of_the_shipped_rules(benchmark: BenchmarkFixture):
    benchmark.group = "checks of the shipped rules"
    benchmark.pedantic(lint, args=(shipped(), shipped().date), rounds=5)


def test_all_proofs_of_the_shipped_rules(benchmark: BenchmarkFixture):
    benchmark.group = "checks of the shipped rules"
    benchmark.pedantic(lambda: list(proofs(shipped(), cases=shipped_cases())), rounds=1)


def test_all_proofs_without_cases(benchmark: BenchmarkFixture):
    benchmark.group = "checks of the shipped rules"
    benchmark.pedantic(lambda: list(proofs(shipped())), rounds=1)


def test_all_proofs_again_after_one_edit(benchmark: BenchmarkFixture):
    list(proofs(shipped(), cases=shipped_cases()))
    benchmark.group = "checks of the shipped rules"
    benchmark.pedantic(lambda pack: list(proofs(pack, cases=shipped_cases())), args=(edited(shipped()),), rounds=1)


@pytest.mark.parametrize("change", [lambda pack: pack, edited], ids=["equal", "one_edit"])
def test_two_versions_of_the_shipped_rules(benchmark: BenchmarkFixture, change):
    benchmark.group = "checks of the shipped rules"
    benchmark.pedantic(lambda: list(differences(shipped(), change(shipped()))), rounds=3)


def test_all_proofs_of_five_thousand_rules(benchmark: BenchmarkFixture):
    pack, cases = some_five_thousand(shipped()), at_each_age(shipped_cases())
    benchmark.group = "checks of a generated rule set"
    benchmark.pedantic(lambda: list(proofs(pack, cases=cases)), rounds=1)


def test_all_proofs_of_five_thousand_rules_without_cases(benchmark: BenchmarkFixture):
    pack = some_five_thousand(shipped())
    benchmark.group = "checks of a generated rule set"
    benchmark.pedantic(lambda: list(proofs(pack)), rounds=1)
