"""Clingo, held to what is asked of it: best models one after the other, and what can hold at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import clingo

Assumed = Mapping[str, frozenset[int] | bool]
"""For an atom's name the numbers for which it is to hold, or whether it is to hold at all."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one model does: answers (by number), each with the details that it states, as the theory writes them."""

    answers: Mapping[int, Mapping[str, str]]


class Solver:
    """A theory, grounded once; constraints can be added between questions."""

    def __init__(self, program: str, *options: str) -> None:
        self._control = clingo.Control([*options], logger=_quiet)
        self._control.add("base", [], program)
        self._control.ground([("base", [])])
        self._known: dict[str, list[tuple[int, int]]] = {}

    def best(self) -> Found | None:
        """The cheapest model, or None where there is none."""
        found: Found | None = None
        with self._control.solve(yield_=True) as handle:
            for model in handle:
                found = _found(model)
        return found

    def cheapest(self, name: str) -> frozenset[int]:
        """The arguments of an atom in a cheapest model, which must exist."""
        last: frozenset[int] = frozenset()
        with self._control.solve(yield_=True) as handle:
            for model in handle:
                last = frozenset(s.arguments[0].number for s in model.symbols(atoms=True) if s.name == name)
        return last

    def possible(self, name: str, assumed: Assumed) -> frozenset[tuple[Any, ...]]:
        """All arguments with which an atom holds in some model under the assumptions (brave consequences)."""
        found: frozenset[tuple[Any, ...]] = frozenset()
        with self._control.solve(assumptions=self._literals(assumed), yield_=True) as handle:
            for model in handle:
                found = _arguments(model, name)
        return found

    def example(self, name: str, assumed: Assumed) -> frozenset[tuple[Any, ...]] | None:
        """The arguments with which an atom holds in one model under the assumptions, or None where there is none."""
        with self._control.solve(assumptions=self._literals(assumed), yield_=True) as handle:
            for model in handle:
                return _arguments(model, name)
        return None

    def _literals(self, assumed: Assumed) -> list[int]:
        """Every atom of the assumed names, true where it was asked for."""
        literals: list[int] = []
        for name, wanted in assumed.items():
            for arguments, literal in self._atoms(name):
                holds = wanted if isinstance(wanted, bool) else arguments in wanted
                literals.append(literal if holds else -literal)
        return literals

    def _atoms(self, name: str) -> list[tuple[int, int]]:
        """The ground atoms of a name: their argument, if they have one, and their literal."""
        if name not in self._known:
            atoms = self._control.symbolic_atoms
            found = [*atoms.by_signature(name, 0), *atoms.by_signature(name, 1)]
            self._known[name] = [(sum(a.number for a in atom.symbol.arguments), atom.literal) for atom in found]
        return self._known[name]

    def exclude(self, questions: Iterable[int]) -> None:
        """Leave out every model that answers all of these questions anew."""
        with self._control.backend() as backend:
            backend.add_rule([], [self._tried(question) for question in questions])

    def _tried(self, question: int) -> int:
        atom = self._control.symbolic_atoms[clingo.Function("tried", [clingo.Number(1), clingo.Number(question)])]
        assert atom is not None
        return atom.literal


def _found(model: clingo.Model) -> Found:
    answers: dict[int, dict[str, str]] = {}
    details = []
    for symbol in model.symbols(shown=True):
        match symbol.name:
            case "does":
                answers[symbol.arguments[1].number] = {}
            case "detail":
                details.append(symbol.arguments[1:])
            case _:
                pass
    for answer, key, value in details:
        answers[answer.number][key.name] = value.string if value.type is clingo.SymbolType.String else str(value)
    return Found(answers)


def _arguments(model: clingo.Model, name: str) -> frozenset[tuple[Any, ...]]:
    symbols = (symbol for symbol in model.symbols(shown=True) if symbol.name == name)
    return frozenset(tuple(map(_value, symbol.arguments)) for symbol in symbols)


def _value(symbol: clingo.Symbol) -> int | str:
    return symbol.number if symbol.type is clingo.SymbolType.Number else symbol.name


def _quiet(code: clingo.MessageCode, message: str) -> None:
    """Atoms that no rule can make are no mistake here."""
