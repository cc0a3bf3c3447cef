"""Clingo, held to what is asked of it: best models one after the other, and programs without variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import clingo

from txselect.inquiry.conclusions import Body, Counted


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
        return self._cheapest([])

    def has_model(self) -> bool:
        """Whether there is any model, whatever it costs."""
        return self._is_satisfiable([])

    def cheapest(self, name: str) -> frozenset[int]:
        """The arguments of an atom in a cheapest model, which must exist."""
        last: frozenset[int] = frozenset()
        with self._control.solve(yield_=True) as handle:
            for model in handle:
                last = frozenset(s.arguments[0].number for s in model.symbols(atoms=True) if s.name == name)
        return last

    def meeting(self, goal: str, number: int) -> Found | None:
        """The cheapest model in which an atom holds, or None where there is none."""
        literal = self._atom(goal, number)
        return None if literal is None else self._cheapest([literal])

    def can_meet(self, goal: str, number: int) -> bool:
        """Whether an atom holds in some model, whatever it costs."""
        literal = self._atom(goal, number)
        return literal is not None and self._is_satisfiable([literal])

    def _cheapest(self, assumed: Sequence[int]) -> Found | None:
        found: Found | None = None
        with self._control.solve(assumptions=assumed, yield_=True) as handle:
            for model in handle:
                found = _found(model)
        return found

    def _is_satisfiable(self, assumed: Sequence[int]) -> bool:
        self._control.configuration.solve.opt_mode = "ignore"  # type: ignore[union-attr]
        satisfiable = bool(self._control.solve(assumptions=assumed).satisfiable)
        self._control.configuration.solve.opt_mode = "opt"  # type: ignore[union-attr]
        return satisfiable

    def exclude(self, questions: Iterable[int]) -> None:
        """Leave out every model that answers all of these questions anew."""
        with self._control.backend() as backend:
            backend.add_rule([], [self._tried(question) for question in questions])

    def _tried(self, question: int) -> int:
        literal = self._atom("tried", question)
        assert literal is not None
        return literal

    def _atom(self, name: str, number: int) -> int | None:
        """The literal of an atom with one number, or None where nothing can make it hold."""
        atom = self._control.symbolic_atoms[clingo.Function(name, [clingo.Number(number)])]
        return None if atom is None else atom.literal


def _found(model: clingo.Model) -> Found:
    answers: dict[int, dict[str, str]] = {}
    details = []
    for symbol in model.symbols(shown=True):
        match symbol.name:
            case "does":
                answers[symbol.arguments[0].number] = {}
            case "detail":
                details.append(symbol.arguments)
            case _:
                pass
    for answer, key, value in details:
        answers[answer.number][key.name] = value.string if value.type is clingo.SymbolType.String else str(value)
    return Found(answers)


class Ground(clingo.Observer):
    """A program without variables, as Clingo makes it. Atoms are numbers, and a literal is one or its negative.

    rules: for an atom all that concludes it. choices: atoms that may hold or not, with what allows it.
    constraints: literals that cannot hold together.
    """

    def __init__(self, program: str) -> None:
        self.rules: dict[int, list[Body]] = {}
        self.choices: dict[int, tuple[int, ...]] = {}
        self.constraints: list[tuple[int, ...]] = []
        control = clingo.Control(["--warn=none"])
        control.register_observer(self)
        control.add("base", [], program)
        control.ground([("base", [])])
        self._control = control  # its atoms live as long as it does

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        """Called by Clingo."""
        if choice:
            self.choices.update(dict.fromkeys(head, tuple(body)))
        elif head:
            self.rules.setdefault(head[0], []).append(tuple(body))
        else:
            self.constraints.append(tuple(body))

    def weight_rule(self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]) -> None:
        """Called by Clingo for what is counted; the theory weighs nothing."""
        literals = tuple(literal for literal, _ in body)
        self.rules.setdefault(head[0], []).append(Counted(lower_bound, literals))

    @property
    def most(self) -> int:
        """The highest number of an atom."""
        heads = (*self.rules, *self.choices)
        return max((abs(n) for n in heads), default=0)

    def atoms(self, name: str) -> dict[int, int]:
        """The atoms of a name with one argument, by that where it is a number."""
        found = (
            (atom.symbol.arguments[0], atom.literal) for atom in self._control.symbolic_atoms.by_signature(name, 1)
        )
        return {argument.number: literal for argument, literal in found if argument.type is clingo.SymbolType.Number}


def _quiet(code: clingo.MessageCode, message: str) -> None:
    """Atoms that no rule can make are no mistake here."""
