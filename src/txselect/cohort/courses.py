"""Prior therapies as numbers: for each thing that conditions look at, the place of its value among those met so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from txselect.cohort import kernels
from txselect.cohort.circuit import NOBODY, Circuit
from txselect.cohort.kernels import Numbers
from txselect.cohort.statements import Met
from txselect.model.condition import TherapyGiven
from txselect.model.patient import TherapyRecord
from txselect.model.vocabulary import Vocabulary
from txselect.program.observe import met_by

ASKED_OF = {
    "names": "classes", "setting": "settings", "line": "line", "hormone_state": "hormone_states", "outcome": "outcomes",
    "months_since_end": "months_since_end", "months_on_therapy": "months_on_therapy",
}  # fmt: skip
"""The parts of a prior therapy, each with the part of a condition that looks at it."""

PARTS = tuple(ASKED_OF)
NAMES, SETTING, LINE = PARTS.index("names"), PARTS.index("setting"), PARTS.index("line")
_ANY_COURSE = TherapyRecord((), None, None, None, None, None, None, systemic=False, position=1)


class Courses:
    """The values of each part, numbered; 0 is a part that is not known.

    systemic: for each value of `names` whether it is a line of systemic therapy.
    """

    def __init__(self) -> None:
        self.values: list[list[object]] = [[None] for _ in PARTS]
        self.systemic = [False]
        self._numbers: list[dict[object, int]] = [{None: 0} for _ in PARTS]

    def course(self, record: TherapyRecord) -> tuple[int, ...]:
        """The numbers of a prior therapy's parts."""
        return tuple(self.number(place, record) for place in range(len(PARTS)))

    def number(self, place: int, record: TherapyRecord) -> int:
        """The number of the part at this place of `PARTS`."""
        value = getattr(record, PARTS[place])
        found = self._numbers[place].get(value)
        if found is None:
            found = self._numbers[place][value] = len(self.values[place])
            self.values[place].append(value)
            if place == NAMES:
                self.systemic.append(record.systemic)
        return found

    def lines(self, starts: npt.NDArray[np.int64], courses: Numbers) -> Numbers:
        """Patients x 2: the lines given at least, and at most of what is listed (`language.patient.prior_lines`)."""
        settings = {None: 2, "metastatic": 1}
        counts = np.array([settings.get(value, 0) for value in self.values[SETTING]], np.int8)  # type: ignore[call-overload]
        lines = np.array([value or 0 for value in self.values[LINE]], np.int64)
        found = np.zeros((len(starts) - 1, 2), np.int32)
        kernels.count_lines(starts, courses, np.array(self.systemic), counts, lines, found)
        return found


class MetConditions:
    """For each value of each part which conditions it meets (`certain`) or may meet (`perhaps`), a bit each.

    A prior therapy meets a condition if each of its parts does. Arrays are parts x values x words.
    wires: for each condition that of patients who meet it and that of those who may.
    """

    def __init__(self, circuit: Circuit, vocabulary: Vocabulary) -> None:
        met = [(statement, wire) for statement, wire in circuit.inputs.items() if isinstance(statement, Met)]
        asked = [(statement.leaf, wire) for statement, wire in met if statement.certain]
        perhaps = [circuit.inputs.get(Met(leaf, False), NOBODY) for leaf, _ in asked]
        self.wires = np.array([[wire for _, wire in asked], perhaps], np.int32)
        self.certain = np.zeros((len(PARTS), 0, max(1, -(-len(asked) // 64))), np.uint64)
        self.perhaps = self.certain.copy()
        leaves = [leaf for leaf, _ in asked if isinstance(leaf, TherapyGiven)]
        self._tests = [[met_by(_only(leaf, part), vocabulary) for leaf in leaves] for part in PARTS]
        self._known = [0] * len(PARTS)

    def extend(self, courses: Courses) -> None:
        """Ask the conditions of the values that have come since.

        More may come meanwhile, of the batch that is read ahead; they have their turn with it.
        """
        counts = [len(values) for values in courses.values]
        most = max(counts)
        if most > self.certain.shape[1]:
            room = ((0, 0), (0, 2 * most - self.certain.shape[1]), (0, 0))
            self.certain, self.perhaps = np.pad(self.certain, room), np.pad(self.perhaps, room)
        for place, values in enumerate(courses.values):
            for number in range(self._known[place], counts[place]):
                record = replace(_ANY_COURSE, **_part(place, values[number]))
                truths = [test(record) for test in self._tests[place]]
                self.certain[place, number] = list(_words((truth is True for truth in truths), self.certain.shape[2]))
                self.perhaps[place, number] = list(
                    _words((truth is not False for truth in truths), self.certain.shape[2])
                )
        self._known = counts


def _part(place: int, value: object) -> dict[str, Any]:
    """The field of a prior therapy that a value stands for; therapies have no names where none is known."""
    return {PARTS[place]: value or () if place == NAMES else value}


def _only(leaf: TherapyGiven, part: str) -> TherapyGiven:
    """A condition that asks only this part of what another asks."""
    return replace(TherapyGiven(), **{ASKED_OF[part]: getattr(leaf, ASKED_OF[part])})


def _words(bits: Iterator[bool], count: int) -> Iterator[int]:
    whole = sum(1 << place for place, bit in enumerate(bits) if bit)
    return (whole >> 64 * word & (1 << 64) - 1 for word in range(count))
