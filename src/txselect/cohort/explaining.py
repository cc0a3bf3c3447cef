"""The whole decision for each patient, by the reading of single patients: what options wait for, and every flag.

It is made beside the cohort's own and must agree with it; where it does not, there is no answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from typing import Any

import pyarrow as pa

from txselect.errors import InputError, InternalCheckError, Place, Problem
from txselect.model.rules import RulePack
from txselect.pipeline import Rules, decide

FLAGS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("about", pa.list_(pa.string())),
        pa.field("rules", pa.list_(pa.string())),
    ]
)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Explained:
    """What is told of one patient beside status, rank and rules.

    options: for each option that is indicated or excluded its status, rank and rules, and what it waits for.
    flags: kind, text, what it is about, rules.
    """

    options: Mapping[str, tuple[str, int | None, str, list[str]]]
    flags: Sequence[tuple[str, str, list[str], list[str]]]


class Explainer:
    """Workers that decide patients one at a time."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def explained(self, profiles: Sequence[Any]) -> list[Explained]:
        """Each of the profiles. Raises InputError where a worker was stopped."""
        parts = [profiles[start : start + _AT_ONCE] for start in range(0, len(profiles), _AT_ONCE)]
        try:
            return [one for part in self._pool.map(_explained, parts) for one in part]
        except BrokenProcessPool:
            text = "a process that decides patients was stopped from outside, perhaps for want of memory"
            raise InputError(
                [Problem(Place("--explain"), "TX014", text, "`--resume` goes on with what is done")]
            ) from None

    def tables(self, table: pa.RecordBatch, profiles: Sequence[Any]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """The options with what each waits for, and the flags. Raises InternalCheckError where decisions differ.

        profiles: for each patient of the table's ids the nested profile, None for one that was not decided.
        """
        names = table.column("id").dictionary.to_pylist()
        places = [place for place, profile in enumerate(profiles) if profile is not None]
        found = dict(zip(places, self.explained([profiles[place] for place in places]), strict=True))
        waiting = [self._waits(found, place, row) for place, row in _rows(table)]
        if sum(len(one.options) for one in found.values()) != len(waiting):
            raise InternalCheckError("patients decided alone have other options than in a cohort")
        flags = [(names[place], *flag) for place, one in found.items() for flag in one.flags]
        columns = [pa.array([flag[number] for flag in flags], field.type) for number, field in enumerate(FLAGS)]
        return table.append_column("pending", pa.array(waiting, pa.list_(pa.string()))), pa.RecordBatch.from_arrays(
            columns, schema=FLAGS
        )

    @staticmethod
    def _waits(found: dict[int, Explained], place: int, row: dict[str, Any]) -> list[str]:
        *decided, waits = found[place].options.get(row["therapy"], (None, None, None, []))
        if decided != [row["status"], row["rank"], row.get("rules")]:
            text = f"`{row['therapy']}` of `{row['id']}` is {row['status']} in a cohort and {decided[0]} alone"
            raise InternalCheckError(text)
        return waits


def _rows(table: pa.RecordBatch) -> Iterator[tuple[int, dict[str, Any]]]:
    return zip(table.column("id").indices.to_pylist(), table.to_pylist(), strict=True)


@contextmanager
def explainer(pack: RulePack, day: date | None, jurisdiction: str | None) -> Iterator[Explainer]:
    """Workers on all cores, each with the rules."""
    context = get_context("spawn")  # a copy of a process with threads may wait for a lock for ever
    with ProcessPoolExecutor(os.cpu_count(), context, _begin, (pack, day, jurisdiction)) as pool:
        yield Explainer(pool)


_WORKER: dict[str, Any] = {}


def _begin(pack: RulePack, day: date | None, jurisdiction: str | None) -> None:
    _WORKER.update(rules=Rules(pack), day=day, jurisdiction=jurisdiction)


def _explained(profiles: Sequence[Any]) -> list[Explained]:
    return [_of_one(profile) for profile in profiles]


def _of_one(profile: Any) -> Explained:
    decision = decide(
        _WORKER["rules"], profile, as_of=_WORKER["day"], engine="linear", jurisdiction=_WORKER["jurisdiction"]
    )
    options = {
        option.therapy: (
            option.status,
            option.rank,
            " ".join(option.rules),
            [f"{p.what} ({p.state})" for p in option.pending],
        )
        for option in decision.options
        if option.status != "not_indicated"
    }
    flags = [(flag.kind, flag.text, list(flag.about), list(flag.rules)) for flag in decision.flags]
    return Explained(options, flags)
