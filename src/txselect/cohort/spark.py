"""The same decisions on Apache Spark: each batch of a partition is decided by the program that one machine runs.

Rules are broadcast; each partition compiles them once and keeps what it has read. Nothing here distributes anything.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from txselect.cohort.blocks import BlockDecider
from txselect.cohort.columns import FlatReader
from txselect.cohort.counts import Counts
from txselect.cohort.flat import ID, flat_table
from txselect.cohort.job import Asked, write_reports
from txselect.cohort.mapping import ColumnMapping
from txselect.cohort.sources import LINES, Block, FlatBlock, LineBlock, NestedBlock
from txselect.errors import InputError, Place, Problem
from txselect.pipeline import Rules

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LINE = "value"
"""The column in which Spark gives the lines of a text file."""

SCHEMA = "part string, id string, therapy string, status string, rank smallint, rules string, told string"
"""What comes out. part: `option`, a row as the local engine writes it; `rejected`, with every problem as
JSON in `told`; or `counts`, what was counted of a batch, as JSON."""


def decided(
    profiles: DataFrame,
    rules: Rules,
    *,
    day: date | None = None,
    jurisdiction: str | None = None,
    with_rules: bool = True,
) -> DataFrame:
    """The decisions of a data frame of profiles, in the columns of `SCHEMA`.

    profiles: flat columns, or the columns of nested profiles, or one column `value` with a JSON object in each line (as
    `spark.read.text` gives it). Raises InputError for columns that cannot be meant.
    """
    names = profiles.columns
    nested = dict(profiles.dtypes).get("cancer", "").startswith("struct")
    if names != [LINE] and not nested:
        flat_table(names, rules.pack.vocabulary, "<data frame>")
    session = profiles.sparkSession
    pack = session.sparkContext.broadcast(rules.pack)

    def decide(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        blocks = BlockDecider(Rules(pack.value), day, jurisdiction, with_rules=with_rules)
        reader = _reader(blocks, names, nested=nested)
        first = 1
        for batch in batches:
            block = reader(pa.RecordBatch.from_arrays(batch.columns, names=names), first)
            first += batch.num_rows
            yield _written(*blocks.decided(block, block.batch()), partition=_partition())

    without_dots = profiles.toDF(*(f"column_{number}" for number in range(len(names))))
    return without_dots.mapInArrow(decide, SCHEMA)  # which would look for `type` within a column `cancer`


def counts_in(decisions: DataFrame) -> Counts:
    """What was counted of all batches."""
    counts = Counts()
    for row in decisions.where("part = 'counts'").select("told").toLocalIterator():
        counts.add(Counts.of_json(json.loads(row.told)))
    return counts


def run_on_spark(asked: Asked) -> Counts:
    """A whole job on the session that is there, or a local one: options under OUT/part=option, then the summary.

    Raises InputError for what cannot be read, and for a place where something is already.
    """
    from pyspark.sql import SparkSession

    if asked.out.exists():
        hint = "give another place to `-o`"
        raise InputError([Problem(Place(asked.out.as_posix()), "TX014", "there is something here already", hint)])
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark would take whatever `python3` is
    session = SparkSession.builder.appName("txselect cohort").getOrCreate()
    frames = [
        decided(
            _frame(session, path, asked.mapping),
            asked.rules, day=asked.day, jurisdiction=asked.jurisdiction, with_rules=asked.explain != "none",
        )
        for path in asked.paths
    ]  # fmt: skip
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    whole.write.partitionBy("part").parquet(asked.out.as_posix())
    written = session.read.schema(SCHEMA).parquet(asked.out.as_posix())
    counts = counts_in(written)
    rejected = (row.told for row in written.where("part = 'rejected'").select("told").toLocalIterator())
    write_reports(asked, counts, (f"{told}\n".encode() for told in rejected), {})
    return counts


def _frame(session: SparkSession, path: Path, mapping: ColumnMapping | None) -> DataFrame:
    """A file as Spark reads it. Raises InputError for a kind of file, or a mapping, that it is not asked to read."""
    name = path.as_posix()
    if mapping is not None:
        hint = "without `--engine spark`, or map the columns in Spark and call `txselect.cohort.spark.decided`"
        raise InputError([Problem(Place("--mapping"), "TX014", "a mapping is not read on Spark", hint)])
    if path.suffix in LINES:
        return session.read.text(name)
    if path.suffix != ".parquet":
        hint = (
            "Spark fills up rows with too few cells in silence; decide it without `--engine spark`, or make it Parquet"
        )
        raise InputError([Problem(Place(name), "TX014", f"a {path.suffix} file is not read on Spark", hint)])
    return session.read.parquet(name)


def _reader(blocks: BlockDecider, names: list[str], *, nested: bool) -> Callable[[pa.RecordBatch, int], Block]:
    profiles, file = blocks.profiles, Path("spark")
    if names == [LINE]:
        return lambda batch, first: LineBlock(file, list(enumerate(_lines(batch), first)), profiles)
    if nested:
        return lambda batch, first: NestedBlock(file, batch, range(first, first + batch.num_rows), profiles)
    flat = FlatReader(flat_table(names, profiles.pack.vocabulary, "spark"), profiles)
    return lambda batch, first: FlatBlock(file, batch, range(first, first + batch.num_rows), flat, ())


def _partition() -> int:
    from pyspark import TaskContext

    context = TaskContext.get()
    return context.partitionId() if context else 0


def _told(rejected: dict[str, Any], partition: int) -> tuple[str, str, str]:
    """A rejected row, of which Spark knows the place in its partition only."""
    place = {"file": None, "row": None, "partition": partition, "row_of_partition": rejected["row"]}
    return "rejected", rejected["id"], json.dumps({**rejected, **place}, ensure_ascii=False)


def _lines(batch: pa.RecordBatch) -> list[bytes]:
    return [(text or "").encode() for text in batch.column(LINE).to_pylist()]


def _written(counts: Counts, rejected: list[bytes], table: pa.RecordBatch, partition: int) -> pa.RecordBatch:
    """Options, then rejected rows, then the counts, in one table."""
    more: list[tuple[str, str | None, str]] = [_told(json.loads(line), partition) for line in rejected]
    more.append(("counts", None, json.dumps(counts.as_json())))
    options = [column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column for column in table.columns]
    named = dict(zip(table.schema.names, options, strict=True))
    nothing = pa.nulls(len(more), pa.string())
    columns = {
        "part": pa.concat_arrays(
            [pa.array(["option"] * len(table), pa.string()), pa.array([part for part, _, _ in more])]
        ),
        "id": pa.concat_arrays([named[ID], pa.array([name for _, name, _ in more], pa.string())]),
        **{name: pa.concat_arrays([named[name], nothing]) for name in ("therapy", "status")},
        "rank": pa.concat_arrays([named["rank"], pa.nulls(len(more), pa.int16())]),
        "rules": pa.concat_arrays([named.get("rules", pa.nulls(len(table), pa.string())), nothing]),
        "told": pa.concat_arrays([pa.nulls(len(table), pa.string()), pa.array([told for _, _, told in more])]),
    }
    return pa.RecordBatch.from_pydict(columns)
