"""Outcomes as an Arrow table: a row for each patient and each option that is indicated or excluded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from txselect.cohort import kernels
from txselect.cohort.deciding import Decider, Outcomes
from txselect.cohort.kernels import Numbers
from txselect.cohort.plan import STATUSES

OPTIONS = pa.schema(
    [
        pa.field("id", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("therapy", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("status", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("rank", pa.int16()),
        pa.field("rules", pa.dictionary(pa.int32(), pa.string())),
    ]
)
"""`rank` is null for an option that is excluded. `rules` are the deciding rules' ids with blanks between them."""


class Results:
    """Makes tables of outcomes. Classes and rules keep their numbers from batch to batch."""

    def __init__(self, *, rules: bool) -> None:
        self.with_rules = rules
        self._therapies: dict[str, int] = {}
        self._rules: dict[tuple[str, ...], int] = {}
        self._texts: list[str] = []
        self._codes: dict[tuple[Decider, int], list[int]] = {}

    @property
    def schema(self) -> pa.Schema:
        return OPTIONS if self.with_rules else OPTIONS.remove(OPTIONS.get_field_index("rules"))

    def table(self, ids: pa.Array, outcomes: Sequence[Outcomes]) -> pa.RecordBatch:
        """The rows of a batch in the order of its patients, of whom `ids` are the names."""
        counts = np.zeros(len(ids), np.int64)
        for found in outcomes:
            kernels.indicated(found.members, found.status, counts)
        next_row = np.cumsum(counts) - counts
        kinds = (np.int32, np.int32, np.int8, np.int16, np.int32)
        written = kernels.Written(*(np.empty(int(counts.sum()), kind) for kind in kinds))
        for found in outcomes:
            rules_of, therapy_of = self._numbers(found.decider)
            decided = (found.members, found.status, found.rank, found.weights)
            kernels.flattened(decided, rules_of, therapy_of, next_row, written)
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(written.patient), ids),
            pa.DictionaryArray.from_arrays(pa.array(written.therapy), pa.array(list(self._therapies), pa.string())),
            pa.DictionaryArray.from_arrays(pa.array(written.status), pa.array(STATUSES)),
            pa.array(written.rank, mask=written.rank == 0),
        ]
        if self.with_rules:
            columns.append(pa.DictionaryArray.from_arrays(pa.array(written.rules), pa.array(self._texts, pa.string())))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _numbers(self, decider: Decider) -> tuple[tuple[npt.NDArray[np.int64], Numbers], Numbers]:
        """Where the rules of each option's weights begin, the numbers of those rules, and of each option's class."""
        every: list[list[int]] = []
        for number, weighing in enumerate(decider.weighed):
            codes = self._codes.setdefault((decider, number), [])
            for weight in weighing.weights[len(codes) :]:
                codes.append(self._rules.setdefault(weight.rules, len(self._rules)))
                if len(self._texts) < len(self._rules):
                    self._texts.append(" ".join(weight.rules))
            every.append(codes)
        starts = np.cumsum([0, *map(len, every)])[:-1].astype(np.int64)
        therapies = [self._therapies.setdefault(o.therapy, len(self._therapies)) for o in decider.plan.options]
        rules = np.array([code for codes in every for code in codes], np.int32)
        return (starts, rules), np.array(therapies, np.int32)
