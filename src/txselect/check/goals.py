"""What a patient may be looked for: goals, each with the alternatives that meet it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from txselect.program.horn import opposite

Kind = Literal["holds", "lacks", "goal"]
Part = tuple[Kind, int]
"""A literal of the program that is known, one that is not, or another goal that is met."""


def holds(reference: int) -> Part:
    """A condition is known to hold."""
    return "holds", reference


def fails(reference: int) -> Part:
    """A condition is known not to hold."""
    return "holds", opposite(reference)


def lacks(reference: int) -> Part:
    """A condition is not known to hold: it fails or is unknown."""
    return "lacks", reference


def does_not_fail(reference: int) -> Part:
    """A condition holds or is unknown."""
    return "lacks", opposite(reference)


def differing(one: int, other: int) -> tuple[tuple[Part, ...], ...]:
    """The ways in which two conditions can be otherwise for a patient."""
    return (*known_to_hold_in_one(one, other), *known_to_fail_in_one(one, other))


def known_to_hold_in_one(one: int, other: int) -> tuple[tuple[Part, ...], ...]:
    """The ways in which one of two conditions is known to hold and the other is not."""
    return ((holds(one), lacks(other)), (lacks(one), holds(other)))


def known_to_fail_in_one(one: int, other: int) -> tuple[tuple[Part, ...], ...]:
    """The ways in which one of two conditions is known to fail and the other is not."""
    return ((fails(one), does_not_fail(other)), (does_not_fail(one), fails(other)))


@dataclass
class Goals:
    """Goals by number. A goal is met where all parts of one of its alternatives are.

    asked: those that stand for themselves, and are not just parts of others.

    >>> goals = Goals()
    >>> unknown = goals.add((lacks(4), does_not_fail(4)))
    >>> goals.text()
    'goal(0) :- not holds(4), not holds(5).'
    >>> known = {4: 0b01, 5: 0b00}
    >>> bin(goals.meeting(unknown, known.__getitem__, everyone=0b11))
    '0b10'
    """

    alternatives: list[tuple[tuple[Part, ...], ...]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def add(self, *alternatives: Iterable[Part]) -> int:
        """A new goal; its number."""
        self.asked.append(self._add(alternatives))
        return self.asked[-1]

    def one_of(self, parts: Iterable[Part]) -> Part:
        """A part that is met where one of these is."""
        return "goal", self._add((part,) for part in parts)

    def _add(self, alternatives: Iterable[Iterable[Part]]) -> int:
        self.alternatives.append(tuple(map(tuple, alternatives)))
        return len(self.alternatives) - 1

    @property
    def references(self) -> list[int]:
        """The literals of the program that the goals look at."""
        return [number for parts in self._parts() for kind, number in parts if kind != "goal"]

    def text(self) -> str:
        """The goals in the language of Clingo."""
        return " ".join(
            f"goal({number}) :- {', '.join(map(_said, parts))}."
            for number, alternatives in enumerate(self.alternatives)
            for parts in alternatives
        )

    def meeting(self, goal: int, holding: Callable[[int], int], everyone: int = 1) -> int:
        """The patients, a bit each, who meet a goal; `holding`: for whom a literal is known."""
        found = 0
        for parts in self.alternatives[goal]:
            those = everyone
            for kind, number in parts:
                met = self.meeting(number, holding, everyone) if kind == "goal" else holding(number)
                those &= ~met if kind == "lacks" else met
            found |= those
        return found

    def only(self, wanted: Iterable[int]) -> Goals:
        """These goals alone, under the same numbers; nobody meets any other."""
        kept: set[int] = set()
        waiting = [*wanted]
        while waiting:
            goal = waiting.pop()
            kept.add(goal)
            waiting += [number for parts in self.alternatives[goal] for kind, number in parts if kind == "goal"]
        left = [parts if number in kept else () for number, parts in enumerate(self.alternatives)]
        return Goals(left, [number for number in self.asked if number in kept])

    def _parts(self) -> Iterator[tuple[Part, ...]]:
        return (parts for alternatives in self.alternatives for parts in alternatives)


def _said(part: Part) -> str:
    kind, number = part
    return {"holds": f"holds({number})", "lacks": f"not holds({number})", "goal": f"goal({number})"}[kind]
