"""Decisions for a batch of patients: status, rank and deciding rules of every option."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from txselect.cohort import kernels
from txselect.cohort.courses import Courses, MetConditions
from txselect.cohort.entries import Entries, Entry
from txselect.cohort.kernels import Numbers
from txselect.cohort.plan import STATUSES, OptionPlan, Plan, plan_of
from txselect.cohort.rows import Rows
from txselect.cohort.tallies import tallies_of
from txselect.cohort.weighing import Weight, weight_of
from txselect.pipeline import Prepared, Rules
from txselect.program.program import Program


@dataclass(frozen=True, eq=False)
class Batch:
    """Patients by position: the entries of each go from `starts[i]` to `starts[i + 1]`.

    course_starts, courses: likewise the prior therapies of each, by the numbers of their parts (`Courses`).
    kinds: pairs of cancer code and day; kind: for each patient the place of its pair, -1 for one who is not decided.
    """

    kinds: Sequence[tuple[str, date]]
    kind: Numbers
    starts: npt.NDArray[np.int64]
    entries: Numbers
    course_starts: npt.NDArray[np.int64]
    courses: Numbers


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What is decided for the members of a batch that share a program.

    members: their positions in the batch.
    status: options x members, codes of `STATUSES`; rank: the same shape, 0 where there is none.
    weights: the same shape, the numbers of the weights (`Decider.weighed`), -1 for an option that is not indicated.
    counts: how many members each of `Decider.tallies` counts.
    """

    decider: Decider
    members: npt.NDArray[np.int64]
    status: npt.NDArray[np.int8]
    rank: npt.NDArray[np.int16]
    weights: Numbers
    counts: npt.NDArray[np.int64]


class Cohort:
    """The rules as they are for many patients; what has been compiled, read and weighed is kept from batch to batch."""

    def __init__(self, rules: Rules, entries: Entries, courses: Courses, jurisdiction: str | None = None) -> None:
        self.rules = rules
        self.entries = entries
        self.courses = courses
        self.jurisdiction = jurisdiction
        self._deciders: dict[tuple[str, Prepared], Decider] = {}
        self._prepared: dict[tuple[str, date], Decider] = {}

    def decider(self, cancer: str, day: date) -> Decider:
        """What decides for patients with that cancer code on that day."""
        found = self._prepared.get((cancer, day))
        if found is None:
            prepared = self.rules.prepared(cancer, day, self.jurisdiction)
            key = (cancer, prepared)
            if key not in self._deciders:
                self._deciders[key] = Decider(self.rules, prepared.program, cancer)
            found = self._prepared[cancer, day] = self._deciders[key]
        return found

    def decided(self, batch: Batch) -> Iterator[Outcomes]:
        """The outcomes of every patient of the batch, those with one program together."""
        kinds: dict[Decider, list[int]] = {}
        for number, pair in enumerate(batch.kinds):
            kinds.setdefault(self.decider(*pair), []).append(number)
        for decider, numbers in kinds.items():
            members = np.flatnonzero(np.isin(batch.kind, numbers))
            if len(members):
                yield decider.decided(members, batch, self.entries.known, self.courses)


class Decider:
    """The plan of one program in arrays, with the rows of entries and the weights met so far."""

    def __init__(self, rules: Rules, program: Program, cancer: str) -> None:
        self.rules = rules
        self.plan: Plan = plan_of(program, rules.pack, cancer)
        options = self.plan.options
        tallies = tallies_of(self.plan, rules.words, cancer)  # asks for more inputs, so it comes before what gives them
        self.tallies = [tally for tally, _ in tallies]
        self.rows = Rows(self.plan.circuit, rules.pack.vocabulary)
        self.met = MetConditions(self.plan.circuit, rules.pack.vocabulary)
        counts = [len(option.marks) for option in options]
        self.wiring = kernels.Wiring(
            gates=self.plan.circuit.gates,
            statuses=np.array([option.statuses for option in options], np.int32).reshape(-1, 4),
            mark_from=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
            marks=np.array([wire for option in options for _, wire in option.marks], np.int32),
            tallies=np.array([wire for _, wire in tallies], np.int32),
        )
        self.words = max(1, -(-max(counts, default=0) // 64))
        self.weighed = [_Weighing(rules, program, option, self.words) for option in options]
        self._order = _Order(self.weighed)

    def decided(
        self, members: npt.NDArray[np.int64], batch: Batch, known: Sequence[Entry], courses: Courses
    ) -> Outcomes:
        """The outcomes of the members of a batch."""
        used = np.zeros(len(known), np.bool_)
        kernels.mark_used(members, batch.starts, batch.entries, used)
        self.rows.extend(np.flatnonzero(used), known)
        self.met.extend(courses)
        shape = (len(self.plan.options), len(members))
        status = np.zeros(shape, np.int8)
        marks = np.zeros((*shape, self.words), np.uint64)
        counts = np.zeros(len(self.tallies), np.int64)
        patients = kernels.Patients(members, batch.starts, batch.entries, batch.course_starts, batch.courses)
        rows, met = self.rows, self.met
        inputs = kernels.Inputs(rows.row_of, rows.starts, rows.wires, met.certain, met.perhaps, met.wires)
        kernels.outcomes(patients, inputs, self.wiring, self.plan.circuit.wires, status, marks, counts)
        weights = np.empty(shape, np.int32)
        for number, weighing in enumerate(self.weighed):
            weighing.number(status[number], marks[number], weights[number])
        return Outcomes(self, members, status, self._ranks(weights), weights, counts)

    def _ranks(self, weights: Numbers) -> npt.NDArray[np.int16]:
        places = np.empty(weights.shape, np.int32)
        for option, of_weight in enumerate(self._order.places()):
            places[option] = of_weight[weights[option]]
        ranks = np.zeros(weights.shape, np.int16)
        kernels.ranked(places, ranks)
        return ranks


class _Order:
    """The keys of all options' weights in one order, so that whole numbers can stand for them."""

    def __init__(self, weighed: Sequence[_Weighing]) -> None:
        self._weighed = weighed
        self._placed = 0
        self._places: list[Numbers] = []

    def places(self) -> Sequence[Numbers]:
        """For each option the places of its weights' keys, -1 for one without and, at the end, for no weight at all."""
        count = sum(len(weighing.weights) for weighing in self._weighed)
        if count > self._placed or not self._places:
            keys = {weight.key for weighing in self._weighed for weight in weighing.weights if weight.key is not None}
            order: dict[object, int] = {None: -1, **{key: place for place, key in enumerate(sorted(keys))}}
            self._places = [
                np.array([*(order[weight.key] for weight in weighing.weights), -1], np.int32)
                for weighing in self._weighed
            ]
            self._placed = count
        return self._places


class _Weighing:
    """The weights of one option by number, one for each combination of status and marks that was met."""

    def __init__(self, rules: Rules, program: Program, option: OptionPlan, words: int) -> None:
        self.rules = rules
        self.program = program
        self.option = option
        self.weights: list[Weight] = []
        self._seen = np.zeros((0, words + 1), np.uint64)
        self._table = np.zeros(0, np.int32)
        self._count = np.zeros(1, np.int32)
        self._grow()

    def number(self, status: npt.NDArray[np.int8], marks: npt.NDArray[np.uint64], numbers: Numbers) -> None:
        """Write the number of each member's weight; -1 where the option is not indicated."""
        while not kernels.numbered(status, marks, self._seen, self._table, self._count, numbers):
            self._grow()
        for row in self._seen[len(self.weights) : self._count[0]].tolist():
            self.weights.append(self._weight(row))

    def _grow(self) -> None:
        room = max(64, 2 * len(self._seen))
        self._seen = np.concatenate((self._seen, np.zeros((room - len(self._seen), self._seen.shape[1]), np.uint64)))
        self._table = np.full(2 * room, -1, np.int32)
        kernels.placed(self._seen, self._count[0], self._table)

    def _weight(self, row: Sequence[int]) -> Weight:
        status, *words = row
        marks = [mark for number, (mark, _) in enumerate(self.option.marks) if words[number >> 6] >> (number & 63) & 1]
        nodes = self.program.options[self.option.therapy]
        return weight_of(self.rules.pack, self.program, nodes, STATUSES[status], marks)
