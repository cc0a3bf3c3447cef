"""Circuits of and, or and and-not: what a compiled program says, in the operations that one machine word does at once.

A wire carries a word in which each bit is a patient. Equal gates are one gate, and what is known beforehand is no gate.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Key = TypeVar("Key", bound=Hashable)
NOBODY, EVERYBODY = 0, 1
AND, OR, AND_NOT = 0, 1, 2


class Circuit:
    """Inputs and gates over numbered wires, of which the first two are `NOBODY` and `EVERYBODY`.

    inputs: the wire of each thing that was asked for as an input.

    >>> circuit = Circuit()
    >>> a, b = circuit.input("a"), circuit.input("b")
    >>> circuit.any((a, circuit.every((a, b)), NOBODY)), circuit.gates.tolist()
    (5, [[0, 2, 3, 4], [1, 2, 4, 5]])
    """

    def __init__(self) -> None:
        self.wires = 2
        self.inputs: dict[Hashable, int] = {}
        self._gates: dict[tuple[int, int, int], int] = {}

    @property
    def gates(self) -> npt.NDArray[np.int32]:
        """One row for each gate, after those it depends on: the operation, its two wires and the wire of the result."""
        rows = [(*gate, wire) for gate, wire in self._gates.items()]
        return np.array(rows, dtype=np.int32).reshape(-1, 4)

    def input(self, asked: Hashable) -> int:
        """The wire of an input."""
        return self._new(self.inputs, asked)

    def both(self, one: int, other: int) -> int:
        """Those on both wires."""
        one, other = sorted((one, other))
        if one in (NOBODY, other):
            return one
        return other if one == EVERYBODY else self._new(self._gates, (AND, one, other))

    def either(self, one: int, other: int) -> int:
        """Those on one wire or the other."""
        one, other = sorted((one, other))
        if one in (EVERYBODY, other):
            return one
        return other if one == NOBODY else self._new(self._gates, (OR, one, other))

    def but_not(self, one: int, other: int) -> int:
        """Those on one wire who are not on the other."""
        if one in (NOBODY, other) or other == EVERYBODY:
            return NOBODY
        return one if other == NOBODY else self._new(self._gates, (AND_NOT, one, other))

    def every(self, wires: Iterable[int]) -> int:
        """Those on every wire; everybody where there is none."""
        result = EVERYBODY
        for wire in wires:
            result = self.both(result, wire)
        return result

    def any(self, wires: Iterable[int]) -> int:
        """Those on some wire."""
        result = NOBODY
        for wire in wires:
            result = self.either(result, wire)
        return result

    def _new(self, known: dict[Key, int], key: Key) -> int:
        wire = known.get(key)
        if wire is None:
            wire = known[key] = self.wires
            self.wires += 1
        return wire
