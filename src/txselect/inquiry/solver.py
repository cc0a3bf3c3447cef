"""Clingo, held to what is asked of it: best models one after the other, and what can hold at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import clingo


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


def _quiet(code: clingo.MessageCode, message: str) -> None:
    """Atoms that no rule can make are no mistake here."""
