"""For each entry the inputs of a circuit on which it puts its patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from txselect.cohort.circuit import NOBODY, Circuit
from txselect.cohort.entries import Entry
from txselect.cohort.kernels import Numbers
from txselect.cohort.statements import Holds
from txselect.model.vocabulary import Vocabulary
from txselect.program.observe import Test, leaf_test, subject_of


class Rows:
    """The wires of the entries met so far; `starts[n]` to `starts[n + 1]` are those of the entry in row n.

    row_of: the row of each entry by its number, -1 for one that none of the patients had.
    """

    def __init__(self, circuit: Circuit, vocabulary: Vocabulary) -> None:
        self.row_of = np.zeros(0, np.int32)
        self.starts = np.zeros(1, np.int32)
        self.wires = np.zeros(0, np.int32)
        self._inputs = circuit.inputs
        self._asked: dict[str, list[tuple[Test, int, int]]] = {}
        for statement, wire in circuit.inputs.items():
            if isinstance(statement, Holds) and statement.truth:
                test = leaf_test(statement.leaf, vocabulary)
                false = circuit.inputs.get(Holds(statement.leaf, False), NOBODY)
                self._asked.setdefault(subject_of(statement.leaf), []).append((test, wire, false))

    def extend(self, numbers: npt.NDArray[np.int64], known: Sequence[Entry]) -> None:
        """Add the rows of the entries with these numbers that have none yet."""
        if len(known) > len(self.row_of):
            self.row_of = np.concatenate((self.row_of, np.full(len(known) - len(self.row_of), -1, np.int32)))
        new = numbers[self.row_of[numbers] < 0]
        if len(new) == 0:
            return
        rows, wires = self._stated([known[number] for number in new.tolist()], known)
        counts = np.bincount(rows, minlength=len(new))
        self.row_of[new] = np.arange(len(self.starts) - 1, len(self.starts) - 1 + len(new), dtype=np.int32)
        self.starts = np.concatenate((self.starts, self.starts[-1] + np.cumsum(counts))).astype(np.int32)
        self.wires = np.concatenate((self.wires, wires))

    def _stated(self, entries: Sequence[Entry], known: Sequence[Entry]) -> tuple[npt.NDArray[np.int64], Numbers]:
        """The row of each wire, and the wire."""
        rows: list[int] = []
        wires: list[int] = []
        for row, entry in enumerate(entries):
            for part in (entry, *(known[number] for number in entry.parts)):
                found = [wire for wire in self._wires(part) if wire != NOBODY]  # what nothing asks for has no wire
                rows += [row] * len(found)
                wires += found
        return np.array(rows, np.int64), np.array(wires, np.int32)

    def _wires(self, entry: Entry) -> Iterator[int]:
        for statement in entry.statements:
            yield self._inputs.get(statement, NOBODY)
        if entry.patient is not None:
            for subject in entry.subjects:
                for test, true, false in self._asked.get(subject, ()):
                    truth = test(entry.patient)
                    if truth is not None:
                        yield true if truth else false
