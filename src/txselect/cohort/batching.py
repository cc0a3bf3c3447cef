"""Batches put together: what is counted over all prior therapies of a patient becomes an entry like any other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from txselect.cohort.courses import PARTS
from txselect.cohort.deciding import Batch
from txselect.cohort.entries import Entries
from txselect.cohort.kernels import Numbers
from txselect.cohort.nested import NestedProfiles, Read
from txselect.model.patient import Span

NOTHING = -1


def batch_of(values: Iterable[Any], profiles: NestedProfiles) -> Batch:
    """The batch of these nested profiles; one that cannot be read is of no kind."""
    kinds: dict[tuple[str, date], int] = {}
    read = [profiles.read(value) or Read("", date.min) for value in values]
    kind = [kinds.setdefault((one.cancer, one.day), len(kinds)) if one.cancer else NOTHING for one in read]
    course_starts = starts_of([len(one.courses) for one in read])
    parts = np.array([course for one in read for course in one.courses], np.int32).reshape(-1, len(PARTS))
    listed = np.array([one.listed for one in read], np.bool_)
    lines = line_entries(course_starts, parts, listed, np.array([one.is_open for one in read], np.bool_), profiles)
    numbers = [
        [*one.entries, line] if line != NOTHING else one.entries for one, line in zip(read, lines.tolist(), strict=True)
    ]
    return Batch(
        kinds=list(kinds),
        kind=np.array(kind, np.int32),
        starts=starts_of([len(several) for several in numbers]),
        entries=np.array([number for several in numbers for number in several], np.int32),
        course_starts=course_starts,
        courses=parts,
    )


def line_entries(
    starts: npt.NDArray[np.int64], parts: Numbers, listed: npt.NDArray[np.bool_], is_open: npt.NDArray[np.bool_],
    profiles: NestedProfiles,
) -> Numbers:  # fmt: skip
    """For each patient with a list of prior therapies the number of the entry that says how many lines they are."""
    lines = profiles.courses.lines(starts, parts)
    pairs = np.where(listed, lines[:, 0] * 1024 + np.where(is_open, 1023, lines[:, 1]), NOTHING)
    distinct, places = np.unique(pairs, return_inverse=True)
    numbers = np.array([_lines(pair, profiles.entries) for pair in distinct.tolist()], np.int32)
    return numbers[places] if len(numbers) else np.zeros(0, np.int32)


def _lines(pair: int, entries: Entries) -> int:
    if pair == NOTHING:
        return NOTHING
    low, high = divmod(pair, 1024)
    return entries.lines(Span(low, float("inf") if high == 1023 else high))


def starts_of(counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Where the items of each begin that are so many, and where the last of all ends."""
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
