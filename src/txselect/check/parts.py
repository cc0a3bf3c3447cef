"""Rules as somebody wrote them: the parts of a condition that could be left out, and what is left without each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from txselect.errors import Place
from txselect.model.condition import All, AnyOf, AtLeast, CancerIs, Condition, Not
from txselect.model.rules import Contraindicate, Rule, RulePack


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a rule. `rest` is the whole condition of the rule without it, the scope included."""

    part: Condition
    rest: Condition

    @property
    def place(self) -> Place:
        return self.part.place


def written_rules(pack: RulePack) -> list[Rule]:
    """The rules that somebody wrote, without those that the loader adds for each therapy class."""
    return [rule for rule in pack.rules.values() if not (isinstance(rule.head, Contraindicate) and rule.head.exactly)]


def whole(rule: Rule, when: Condition | None = None, unless: tuple[Condition, ...] | None = None) -> Condition:
    """The condition of a rule as it is compiled: scope, `when`, and nothing of `unless`."""
    scope = (CancerIs(rule.applies_to),) if rule.applies_to else ()
    barring = rule.unless if unless is None else unless
    return All((*scope, rule.when if when is None else when, *map(Not, barring)))


def parts_of(rule: Rule) -> Iterator[Part]:
    """Every part of `when` that stands beside others, and every part of `unless`."""
    for part, rest in _left_out(rule.when):
        yield Part(part, whole(rule, when=rest))
    for index, barring in enumerate(rule.unless):
        others = rule.unless[:index] + rule.unless[index + 1 :]
        yield Part(barring, whole(rule, unless=others))
        for part, rest in _left_out(barring):
            yield Part(part, whole(rule, unless=(*others, rest)))


def _left_out(condition: Condition) -> Iterator[tuple[Condition, Condition]]:
    """Parts, at whatever depth, each with the condition that is left without it."""
    match condition:
        case All(parts) | AnyOf(parts):
            for index, part in enumerate(parts):
                if len(parts) > 1:
                    yield part, replace(condition, parts=parts[:index] + parts[index + 1 :])
                for inner, rest in _left_out(part):
                    yield inner, replace(condition, parts=(*parts[:index], rest, *parts[index + 1 :]))
        case AtLeast(_, parts):
            for index, part in enumerate(parts):
                for inner, rest in _left_out(part):
                    yield inner, replace(condition, parts=(*parts[:index], rest, *parts[index + 1 :]))
        case Not(part):
            for inner, rest in _left_out(part):
                yield inner, replace(condition, part=rest)
        case _:
            pass
