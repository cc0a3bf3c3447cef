"""From the columns of a flat table to a batch: every distinct value is read once, every patient gets its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from txselect.cohort import kernels
from txselect.cohort.batching import NOTHING, line_entries, starts_of
from txselect.cohort.courses import NAMES, PARTS
from txselect.cohort.deciding import Batch
from txselect.cohort.entries import UNREADABLE
from txselect.cohort.flat import FlatTable, Slot, course_of, plain, read
from txselect.cohort.kernels import Numbers
from txselect.cohort.nested import NestedProfiles
from txselect.cohort.steps import Steps

Codes = tuple[Numbers, Sequence[Any]]
"""For each patient the place of its value among some, of which the first is None."""

Kinds = Sequence[tuple[str, date]]

_OF_THE_DAY = -2
_NO_PARTS = (0,) * len(PARTS)
_OF_THE_END = ("outcome", "months_since_end")
_IN_TIME = (*_OF_THE_END, "months_on_therapy", "start", "end")
"""Fields of a prior therapy that bear on each other, without and with days."""


class FlatReader:
    """Reads batches of a flat table; what was read before is known by its value."""

    def __init__(self, table: FlatTable, profiles: NestedProfiles) -> None:
        self.table = table
        self.profiles = profiles
        self._slots: dict[Slot, dict[tuple[Any, ...], int]] = {slot: {} for slot in table.slots}
        self._courses = [_CourseReader(course, profiles) for course in table.courses]

    def batch(self, rows: pa.RecordBatch) -> Batch:
        """The patients of the rows; one whose row cannot be read is of no kind."""
        columns = {name: rows.column(name) for name in rows.schema.names}
        kinds, kind = self._kinds(columns, rows.num_rows)
        found = [self._slot(slot, columns, kinds, kind) for slot in self.table.slots]
        histories = self._histories(columns, kinds, kind)
        numbers = np.stack([*found, *histories.entries])
        kind = np.where((numbers == UNREADABLE).any(axis=0), np.int32(NOTHING), kind)
        starts, entries = kernels.gathered(numbers, NOTHING)
        return Batch(kinds, kind, starts, entries, histories.starts, histories.courses)

    def _kinds(self, columns: Mapping[str, pa.Array], count: int) -> tuple[list[tuple[str, date]], Numbers]:
        """The pairs of cancer and day with the place of each patient's."""
        names = [self.table.cancer, *([self.table.day] if self.table.day else [])]
        codes, values = _combined([_encoded(columns[name]) for name in names], count)
        kinds: dict[tuple[str, date], int] = {}
        places = np.full(len(values), NOTHING, np.int32)
        for number, (cancer, *day) in enumerate(values):
            found = self.profiles.kind(cancer, day[0] if day else None)
            if found is not None:
                places[number] = kinds.setdefault(found, len(kinds))
        return list(kinds), places[codes]

    def _slot(self, slot: Slot, columns: Mapping[str, pa.Array], kinds: Kinds, kind: Numbers) -> Numbers:
        """For each patient the number of the entry that the slot's columns say, or nothing."""
        encoded = [_standing(columns[name], *self._steps(slot, name)) for name in slot.columns]
        codes, values = _combined(encoded, len(kind))
        known = self._slots[slot]
        numbers = np.empty(len(values), np.int32)
        for place, value in enumerate(values):
            number = known.get(value)
            if number is None:
                number = known[value] = self._entry(slot, value)
            numbers[place] = number
        if (numbers == _OF_THE_DAY).any():
            return self._dated(slot, (codes, values), kinds, kind)
        return numbers[codes]

    def _steps(self, slot: Slot, name: str) -> tuple[Steps | None, float]:
        found = slot.steps.get(name)
        return (self.profiles.limits.measurements[found[0]], found[1]) if found else (None, 1.0)

    def _entry(self, slot: Slot, value: tuple[Any, ...]) -> int:
        part = slot.part(value)
        if part is None:
            return NOTHING
        return _OF_THE_DAY if self.profiles.dated(part) else self.profiles.part(part, self.profiles.pack.date)

    def _dated(self, slot: Slot, encoded: Codes, kinds: Kinds, kind: Numbers) -> Numbers:
        """The same where what is said depends on the day of the decision."""
        codes, values = _combined([_on_days(kinds, kind), encoded], len(kind))
        parts = [(slot.part(value), day) for day, value in values]
        numbers = [NOTHING if part is None else self.profiles.part(part, day) for part, day in parts]
        return np.array(numbers, np.int32)[codes]

    def _histories(self, columns: Mapping[str, pa.Array], kinds: Kinds, kind: Numbers) -> _Histories:
        """The prior therapies of each patient, with the entries that tell of them."""
        complete: Codes = (np.zeros(len(kind), np.int32), [None])
        if self.table.complete:
            complete = _encoded(columns[self.table.complete])
        said = [read("complete", value) for value in complete[1]]
        found = [reader.courses(columns, kinds, kind) for reader in self._courses]
        listed, is_open = complete[0] > 0, np.array([value is False for value in said])[complete[0]]
        for entries, parts in found:
            listed = listed | (entries != NOTHING)
            is_open = is_open | ((entries != NOTHING) & (parts[:, 0] == NOTHING))
        headers = np.array([self.profiles.listed(value) for value in said], np.int32)[complete[0]]
        every = (
            np.stack([parts for _, parts in found], axis=1) if found else np.zeros((len(kind), 0, len(PARTS)), np.int32)
        )
        there = every[:, :, 0] != NOTHING
        starts, courses = starts_of(there.sum(axis=1)), every[there]
        lines = line_entries(starts, courses, listed, is_open, self.profiles)
        numbers = [np.where(listed, headers, np.int32(NOTHING)), lines, *(entries for entries, _ in found)]
        return _Histories(numbers, starts, courses)


@dataclass(frozen=True, eq=False)
class _Histories:
    entries: list[Numbers]
    starts: npt.NDArray[np.int64]
    courses: Numbers


class _CourseReader:
    """Reads one of the prior therapies: fields that bear on each other together, others each by itself."""

    def __init__(self, columns: Mapping[str, str], profiles: NestedProfiles) -> None:
        self.columns = columns
        self.profiles = profiles
        self.dated = "start" in columns or "end" in columns
        together = [key for key in columns if key in (_IN_TIME if self.dated else _OF_THE_END)]
        self.groups = [[key] for key in columns if key not in together] + ([together] if together else [])
        self._known: dict[object, tuple[int, tuple[int, ...] | None]] = {}

    def courses(self, columns: Mapping[str, pa.Array], kinds: Kinds, kind: Numbers) -> tuple[Numbers, Numbers]:
        """For each patient the number of an entry, and of each part, `NOTHING` where there is no such therapy."""
        encoded = {key: self._encoded(key, columns[name]) for key, name in self.columns.items()}
        given = np.any([codes > 0 for codes, _ in encoded.values()], axis=0)
        entries = np.where(given, np.int32(self.profiles.listed(None)), np.int32(NOTHING))
        parts = np.zeros((len(kind), len(PARTS)), np.int32)
        set_aside = np.zeros(len(kind), np.bool_)
        for keys in self.groups:
            group = [encoded[key] for key in keys]
            group.append(
                _on_days(kinds, kind) if self.dated and len(keys) > 1 else (np.zeros(len(kind), np.int32), [None])
            )
            codes, values = _combined(group, len(kind))
            found = [self._read(keys, value) for value in values]
            numbers = np.array([number for number, _ in found], np.int32)[codes]
            entries = np.where(given & (numbers != NOTHING) & (entries != UNREADABLE), numbers, entries)
            parts += np.array([several or _NO_PARTS for _, several in found], np.int32)[codes]
            set_aside |= np.array([several is None for _, several in found])[codes]
        if "therapy" not in encoded:
            entries = np.where(given, np.int32(UNREADABLE), entries)
        parts[~given | set_aside | (entries == UNREADABLE)] = NOTHING
        return entries, parts

    def _encoded(self, key: str, column: pa.Array) -> Codes:
        return _standing(column, self.profiles.limits.months if key.startswith("months_") else None, 1.0)

    def _read(self, keys: Sequence[str], value: tuple[Any, ...]) -> tuple[int, tuple[int, ...] | None]:
        """The number of an entry, if there is more to say than that there is a list, and those of the parts.

        There are no parts where the prior therapy is set aside.
        """
        known = (tuple(keys), value)
        if known not in self._known:
            *cells, day = value
            self._known[known] = self._part(course_of(dict(zip(keys, cells, strict=True))), keys, day)
        return self._known[known]

    def _part(
        self, course: dict[str, Any], keys: Sequence[str], day: date | None
    ) -> tuple[int, tuple[int, ...] | None]:
        if not course:
            return (UNREADABLE if "therapy" in keys else NOTHING), _NO_PARTS
        whole = course if "therapy" in keys else {"therapy": [self.profiles.any_therapy], **course}
        number, parts = self.profiles.course(whole, day or self.profiles.pack.date)
        if parts is None:
            return number, None
        own = tuple(part if (place == NAMES) == ("therapy" in keys) else 0 for place, part in enumerate(parts))
        return (NOTHING if number == self.profiles.listed(None) else number), own


def _on_days(kinds: Kinds, kind: Numbers) -> Codes:
    """The day of each patient's decision."""
    return kind + 1, [None, *(day for _, day in kinds)]


def _encoded(column: pa.Array) -> Codes:
    """A column by its distinct values as a profile has them."""
    if pa.types.is_nested(column.type):
        return _by_value(column.to_pylist())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32) + 1
    values = [None, *map(plain, column.dictionary.to_pylist())]
    if None in values[1:]:  # an empty text is nothing
        empty = np.array([value is None for value in values])
        codes = np.where(empty[codes], 0, codes)
    return codes, values


def _by_value(items: Sequence[Any]) -> Codes:
    """Lists by value, which Arrow does not encode."""
    places: dict[Any, int] = {None: 0}
    codes = [places.setdefault(None if item is None else tuple(item), len(places)) for item in items]
    return np.array(codes, np.int32), list(places)


def _standing(column: pa.Array, steps: Steps | None, factor: float) -> Codes:
    """Numbers by the step that they are on, those close to a limit by themselves; anything else by its value."""
    whole = pa.types.is_integer(column.type)
    if steps is None or not (whole or pa.types.is_floating(column.type)):
        return _encoded(column)
    numbers = pc.fill_null(column, 0).to_numpy(zero_copy_only=False).astype(np.float64)
    codes, values = steps.standing_for_each(numbers, factor)
    given = pc.is_valid(column).to_numpy(zero_copy_only=False)
    return np.where(given, codes + 1, 0).astype(np.int32), [None, *(int(v) if whole else v for v in values)]


def _combined(columns: Sequence[Codes], count: int) -> tuple[Numbers, list[tuple[Any, ...]]]:
    """Several columns as one, by the combinations of values that occur."""
    if len(columns) == 1:
        codes, values = columns[0]
        return codes, [(value,) for value in values]
    pairs = np.zeros(count, np.int64)
    for codes, values in columns:
        pairs = pairs * len(values) + codes
    distinct, places = _distinct(pairs)
    found = []
    for pair in distinct.tolist():
        row: list[Any] = []
        for _, values in reversed(columns):
            pair, code = divmod(pair, len(values))  # noqa: PLW2901
            row.append(values[code])
        found.append(tuple(reversed(row)))
    return places, found


def _distinct(numbers: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Numbers]:
    """The distinct numbers, and for each number its place among them."""
    encoded = pa.array(numbers).dictionary_encode()
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy().astype(np.int32)
