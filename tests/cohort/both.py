"""What the cohort decides and what is decided for one patient at a time, in one form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from txselect.cohort.batching import batch_of
from txselect.cohort.blocks import BlockDecider
from txselect.cohort.columns import FlatReader
from txselect.cohort.deciding import Batch
from txselect.cohort.flat import flat_table
from txselect.errors import InputError
from txselect.pipeline import Rules, decide

Options = dict[str, tuple[str, int | None, tuple[str, ...]]]
"""Status, rank and deciding rules of every option that is indicated or excluded."""


def alone(rules: Rules, profile: Any) -> Options | None:
    """The options of one patient; None for a profile that cannot be read."""
    try:
        decision = decide(rules, profile, engine="linear")
    except InputError:
        return None
    return {o.therapy: (o.status, o.rank, o.rules) for o in decision.options if o.status != "not_indicated"}


def together(rules: Rules, profiles: Iterable[Any]) -> list[Options | None]:
    """The same of nested profiles, decided as a cohort."""
    blocks = BlockDecider(rules, None, None, with_rules=True)
    batch = batch_of(profiles, blocks.profiles)
    return _decided(blocks, batch, len(batch.kind))


def from_table(rules: Rules, table: pa.Table) -> tuple[list[Options | None], list[Any]]:
    """The same of a flat table, with the nested profiles that its rows are."""
    blocks = BlockDecider(rules, None, None, with_rules=True)
    flat = flat_table(table.column_names, rules.pack.vocabulary, "population")
    reader = FlatReader(flat, blocks.profiles)
    found: list[Options | None] = []
    for rows in table.to_batches(max_chunksize=1500):  # more than one batch, so that what is kept between them counts
        found += _decided(blocks, reader.batch(rows), rows.num_rows)
    return found, [flat.profile(row) for row in table.to_pylist()]


def _decided(blocks: BlockDecider, batch: Batch, count: int) -> list[Options | None]:
    ids = pa.array(map(str, range(count)))
    rows = blocks.results.table(ids, list(blocks.cohort.decided(batch)))
    found: list[Options | None] = [None if kind < 0 else {} for kind in batch.kind.tolist()]
    return _gathered(rows.to_pylist(), found)


def _gathered(rows: Sequence[dict[str, Any]], found: list[Options | None]) -> list[Options | None]:
    for row in rows:
        options = found[int(row["id"])]
        assert options is not None
        assert row["therapy"] not in options
        options[row["therapy"]] = (row["status"], row["rank"], tuple(row["rules"].split()))
    return found


def written(paths: Iterable[Path]) -> list[tuple[Any, ...]]:
    """The rows of written options, in an order of their own."""
    tables = [pa.parquet.read_table(path) for path in paths]
    return sorted(tuple(row.values()) for table in tables for row in table.to_pylist())
