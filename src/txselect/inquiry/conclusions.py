"""What follows from rules, as functions of what is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from txselect.inquiry.diagrams import Diagrams, Function


@dataclass(frozen=True, slots=True)
class Counted:
    """At least so many of the literals."""

    number: int
    literals: tuple[int, ...]


Body = tuple[int, ...] | Counted
"""Literals that hold together, or are counted. A literal is an atom (a number above 0), or minus that: it fails."""


class Conclusions:
    """For every atom when it holds: the least functions that the rules allow. No rule may depend on its own failing.

    rules: for an atom the bodies that conclude it. given: when an atom holds whatever the rules say.

    >>> diagrams = Diagrams()
    >>> rain, roof = diagrams.variables(2)
    >>> wet, raining, covered, dripping = 1, 2, 3, 4
    >>> rules = {wet: [(raining, -covered), (dripping,)], dripping: [(wet,)]}
    >>> Conclusions(rules, {raining: rain, covered: roof}, diagrams).of(wet) == rain & ~roof
    True
    """

    def __init__(self, rules: Mapping[int, Sequence[Body]], given: Mapping[int, Function], diagrams: Diagrams) -> None:
        self._rules = rules
        self._given = given
        self._diagrams = diagrams
        self._found: dict[int, Function] = {}
        self._entered: dict[int, int] = {}
        self._waiting: list[int] = []

    def of(self, atom: int) -> Function:
        """When an atom holds."""
        if atom not in self._found:
            self._enter(atom)
        return self._found[atom]

    def together(self, literals: Iterable[int]) -> Function:
        """When literals hold together."""
        return self._diagrams.all_of(map(self._literal, literals))

    def _enter(self, atom: int) -> int:
        """Conclude an atom after all on which it depends; atoms that depend on each other are concluded at once.

        R. Tarjan, SIAM Journal on Computing 1 (1972), 146-160.
        """
        first = number = self._entered[atom] = len(self._entered)
        position = len(self._waiting)
        self._waiting.append(atom)
        for other in self._needed_by(atom):
            if other not in self._entered:
                first = min(first, self._enter(other))
            elif other not in self._found:
                first = min(first, self._entered[other])
        if first == number:
            self._conclude(self._waiting[position:])
            del self._waiting[position:]
        return first

    def _needed_by(self, atom: int) -> Iterator[int]:
        bodies = (body.literals if isinstance(body, Counted) else body for body in self._rules.get(atom, ()))
        return map(abs, chain.from_iterable(bodies))

    def _conclude(self, atoms: Sequence[int]) -> None:
        for atom in atoms:
            self._found[atom] = self._given.get(atom, self._diagrams.false)
        changed = True
        while changed:
            before = [self._found[atom] for atom in atoms]
            for atom in atoms:
                bodies = map(self._body, self._rules.get(atom, ()))
                self._found[atom] = self._diagrams.any_of((self._found[atom], *bodies))
            changed = len(atoms) > 1 and before != [self._found[atom] for atom in atoms]

    def _body(self, body: Body) -> Function:
        if isinstance(body, Counted):
            return self._diagrams.at_least(body.number, [self._literal(literal) for literal in body.literals])
        return self.together(body)

    def _literal(self, literal: int) -> Function:
        return self.of(literal) if literal > 0 else ~self.of(-literal)
