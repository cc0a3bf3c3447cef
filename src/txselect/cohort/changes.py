"""Two rule sets over the same patients: only what the newer decides otherwise."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from txselect.cohort.counts import Counts
from txselect.cohort.tallies import Tally

_KEYS = ["patient", "therapy"]
_COMPARED = ("status", "rank", "rules")
CHANGES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("therapy", pa.string(), nullable=False),
        *(
            pa.field(name, kind)
            for compared, kind in zip(_COMPARED, (pa.string(), pa.int16(), pa.string()), strict=True)
            for name in (f"{compared}_before", compared)
        ),
    ]
)
"""A status that is null: not indicated, so that there is neither rank nor rule."""


def changes_between(
    before: pa.RecordBatch, after: pa.RecordBatch, ids: pa.Array, left_out: Collection[int]
) -> pa.RecordBatch:
    """The options in which two tables of the same patients differ, in status, rank or rules.

    left_out: the places of patients of whom there is nothing to compare, because one rule set cannot read them.
    """
    joined = _plain(before, left_out).join(
        _plain(after, left_out), _KEYS, join_type="full outer", left_suffix="_before", right_suffix=""
    )
    changed = joined.filter(_any_differs(joined)).sort_by([(key, "ascending") for key in _KEYS]).combine_chunks()
    columns = [ids.take(changed["patient"].combine_chunks()), changed["therapy"]]
    columns += [changed[field.name].cast(field.type) for field in CHANGES if field.name not in ("id", "therapy")]
    table = pa.table(
        [column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column]) for column in columns],
        schema=CHANGES,
    )
    return _one_batch(table)


def count_changes(changes: pa.RecordBatch, counts: Counts) -> None:
    """For how many patients the status of each class turned, and into what."""
    turned = pa.table(changes).group_by(["therapy", "status_before", "status"]).aggregate([([], "count_all")])
    for row in turned.to_pylist():
        before, after = (row[name] or "not_indicated" for name in ("status_before", "status"))
        if before != after:
            counts.tallies[Tally("changed", row["therapy"], f"{before} > {after}")] += row["count_all"]


def _plain(table: pa.RecordBatch, left_out: Collection[int]) -> pa.Table:
    columns = {"patient": table.column("id").indices, "therapy": table.column("therapy").cast(pa.string())}
    columns |= {
        "status": table.column("status").cast(pa.string()),
        "rank": table.column("rank"),
        "rules": table.column("rules").cast(pa.string()),
    }
    plain = pa.table(columns)
    return (
        plain.filter(~pc.is_in(plain["patient"], pa.array(np.array(sorted(left_out), np.int32))).to_numpy())
        if left_out
        else plain
    )


def _any_differs(joined: pa.Table) -> pa.ChunkedArray:
    differs = [_differ(joined[f"{name}_before"], joined[name]) for name in _COMPARED]
    return pc.or_(pc.or_(differs[0], differs[1]), differs[2])


def _differ(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether two columns differ; null is a value like any other."""
    unlike = pc.fill_null(pc.not_equal(one, other), False)
    return pc.or_(unlike, pc.xor(pc.is_null(one), pc.is_null(other)))


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
