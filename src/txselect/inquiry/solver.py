"""Clingo, held to what is asked of it: best models one after the other, and what can hold at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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

    def possible(self, name: str, assumed: Assumed) -> frozenset[Any]:
        """What an atom's last argument can be in any model under the assumptions (brave consequences)."""
        found: frozenset[Any] = frozenset()
        with self._control.solve(assumptions=list(self._literals(assumed)), yield_=True) as handle:
            for model in handle:
                found = frozenset(_last(symbol) for symbol in model.symbols(shown=True) if symbol.name == name)
        return found

    def example(self, name: str, assumed: Assumed) -> frozenset[Any] | None:
        """What an atom's last argument is in one model under the assumptions, or None where there is none."""
        with self._control.solve(assumptions=list(self._literals(assumed)), yield_=True) as handle:
            for model in handle:
                return frozenset(_last(symbol) for symbol in model.symbols(shown=True) if symbol.name == name)
        return None

    def _literals(self, assumed: Assumed) -> Iterator[tuple[clingo.Symbol, bool]]:
        """Every atom of the assumed names, true where it was asked for."""
        for name, wanted in assumed.items():
            if isinstance(wanted, bool):
                yield clingo.Function(name), wanted
                continue
            for atom in self._control.symbolic_atoms.by_signature(name, 1):
                yield atom.symbol, atom.symbol.arguments[0].number in wanted

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
    for symbol in model.symbols(atoms=True):
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


def _last(symbol: clingo.Symbol) -> int | str:
    value = symbol.arguments[-1]
    return value.number if value.type is clingo.SymbolType.Number else value.name


def _quiet(code: clingo.MessageCode, message: str) -> None:
    """Atoms that no rule can make are no mistake here."""
