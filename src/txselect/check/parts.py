"""Rules as somebody wrote them: the parts of a condition that could be left out, and what is left without each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from txselect.errors import Place
from txselect.model.condition import All, AnyOf, AtLeast, CancerIs, Condition, Not
from txselect.model.rules import Rule


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a rule. `rest` is the whole condition of the rule without it, the scope included."""

    part: Condition
    rest: Condition

    @property
    def place(self) -> Place:
        return self.part.place


def whole(rule: Rule) -> Condition:
    """The condition of a rule as it is compiled, the scope included."""
    return _in_scope(rule, rule.condition)


def _in_scope(rule: Rule, condition: Condition) -> Condition:
    return All((CancerIs(rule.applies_to), condition)) if rule.applies_to else condition


def parts_of(rule: Rule) -> Iterator[Part]:
    """Every part of `when` that stands beside others, and every part of `unless`."""
    for part, rest in _left_out(rule.when):
        yield Part(part, whole(replace(rule, when=rest)))
    for index, barring in enumerate(rule.unless):
        others = rule.unless[:index] + rule.unless[index + 1 :]
        yield Part(barring, whole(replace(rule, unless=others)))
        for part, rest in _left_out(barring):
            yield Part(part, whole(replace(rule, unless=(*others, rest))))


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


def with_occurrence(rule: Rule, number: int, settled: Condition) -> Condition:
    """The whole condition of a rule with another in the place of one leaf or fact, in the order of `occurrences_in`."""
    left = count()

    def replaced(condition: Condition) -> Condition:
        match condition:
            case All(parts) | AnyOf(parts) | AtLeast(_, parts):
                return replace(condition, parts=tuple(map(replaced, parts)))
            case Not(part):
                return replace(condition, part=replaced(part))
            case _:
                return settled if next(left) == number else condition

    return _in_scope(rule, replaced(rule.condition))
