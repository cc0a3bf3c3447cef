"""Where profiles come from: JSON lines, Parquet and CSV, read block by block in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from txselect.cohort.batching import batch_of
from txselect.cohort.columns import FlatReader
from txselect.cohort.deciding import Batch
from txselect.cohort.flat import ID, FlatTable, flat_table, plain
from txselect.cohort.mapping import ColumnMapping
from txselect.cohort.nested import NestedProfiles
from txselect.errors import InputError, Place, Problem
from txselect.language.document import check_json, decoded, parse

LINES = (".jsonl", ".ndjson")
ENDINGS = (*LINES, ".parquet", ".csv", ".tsv")
_ROWS, _LINES_AT_ONCE, _CSV_BYTES = 1 << 16, 1 << 14, 1 << 23
"""How much is decided at once, at most: rows, lines, bytes."""


class Block(Protocol):
    """Some patients of a file. numbers: the row or line of each, from 1; broken: rows that are no row at all."""

    @property
    def file(self) -> str: ...

    @property
    def numbers(self) -> Sequence[int]: ...

    @property
    def ids(self) -> pa.Array: ...

    @property
    def broken(self) -> Sequence[Problem]: ...

    def batch(self) -> Batch: ...

    def profile(self, position: int) -> tuple[Any, Place]:
        """A patient's profile as a value, and where it stands. Raises InputError for what is none."""


class Source(Protocol):
    """A file of profiles. ignored: columns that nothing is read from, with a hint where there is one."""

    @property
    def path(self) -> Path: ...

    @property
    def rows(self) -> int | None: ...

    @property
    def ignored(self) -> Mapping[str, str]: ...

    def blocks(self) -> Iterator[Block]: ...


def source_of(path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> Source:
    """The source that a file is, by the ending of its name. Raises InputError for what cannot be read."""
    if path.suffix in LINES:
        return LineSource(path, profiles)
    if path.suffix == ".parquet":
        return _parquet(path, profiles, mapping)
    if path.suffix in (".csv", ".tsv"):
        return CsvSource(path, profiles, mapping)
    hint = f"names of files with profiles end in {', '.join(ENDINGS)}"
    raise InputError([Problem(Place(path.as_posix()), "TX014", "not a kind of file that cohorts are read from", hint)])


# JSON lines


class LineSource:
    """A profile or a case in each line, as a JSON object."""

    def __init__(self, path: Path, profiles: NestedProfiles) -> None:
        self.path = path
        self.rows = None
        self.ignored: dict[str, str] = {}
        self._profiles = profiles

    def blocks(self) -> Iterator[Block]:
        """The blocks of the file. Raises InputError if it cannot be read."""
        with _readable(self.path), self.path.open("rb") as stream:
            lines = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
            while block := list(islice(lines, _LINES_AT_ONCE)):
                yield LineBlock(self.path, block, self._profiles)


class LineBlock:
    """Lines, each with its number."""

    broken: Sequence[Problem] = ()

    def __init__(self, path: Path, lines: Sequence[tuple[int, bytes]], profiles: NestedProfiles) -> None:
        self.file = path.as_posix()
        self.numbers = [number for number, _ in lines]
        self._lines = [line for _, line in lines]
        self._profiles = profiles
        values = [_value(line) for line in self._lines]
        self._values = [_profile_in(value) for value in values]
        named = zip(self.numbers, values, strict=True)
        self.ids = pa.array([_name(value) or f"{path.stem}:{number}" for number, value in named], pa.string())

    def batch(self) -> Batch:
        read = [self._profiles.read(value) for value in self._values]
        return batch_of(read, self._profiles.entries, self._profiles.courses)

    def profile(self, position: int) -> tuple[Any, Place]:
        number = self.numbers[position]
        text = decoded(self._lines[position].rstrip(b"\r\n"), self.file, number)
        check_json(text, Place(self.file, number, 1), "each line is a JSON object of its own")
        return _profile_in(parse(text, self.file, number)), Place(self.file, number, 1)


def _value(line: bytes) -> Any:
    """The value of a line; None for one that is no JSON or gives a key twice."""
    try:
        value = orjson.loads(line)
    except ValueError:
        return None
    return value if line.count(b'"') == orjson.dumps(value).count(b'"') else None


def _profile_in(value: Any) -> Any:
    return value["profile"] if isinstance(value, dict) and "profile" in value else value


def _name(value: Any) -> str | None:
    name = value.get(ID) if isinstance(value, dict) and "profile" in value else None
    return name if isinstance(name, str) else None


# Tables


def _parquet(path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> Source:
    with _readable(path):
        schema = pyarrow.parquet.read_schema(path)
    if "cancer" in schema.names and pa.types.is_struct(schema.field("cancer").type):
        return NestedParquet(path, profiles)
    return ParquetSource(path, profiles, mapping)


class NestedParquet:
    """A profile in each row, with lists and structures as in a nested profile; a column `id` may name it."""

    def __init__(self, path: Path, profiles: NestedProfiles) -> None:
        self.path = path
        self.ignored: dict[str, str] = {}
        self._profiles = profiles
        with _readable(path):
            self.rows: int | None = pyarrow.parquet.ParquetFile(path).metadata.num_rows

    def blocks(self) -> Iterator[Block]:
        first = 1
        with _readable(self.path):
            for rows in pyarrow.parquet.ParquetFile(self.path).iter_batches(_LINES_AT_ONCE):
                yield NestedBlock(self.path, rows, range(first, first + rows.num_rows), self._profiles)
                first += rows.num_rows


class NestedBlock:
    """Nested profiles out of a table."""

    broken: Sequence[Problem] = ()

    def __init__(self, path: Path, rows: pa.RecordBatch, numbers: Sequence[int], profiles: NestedProfiles) -> None:
        self.file = path.as_posix()
        self.numbers = numbers
        self.ids = _ids(path, rows, numbers)
        whole = ({key: value for key, value in row.items() if key != ID} for row in rows.to_pylist())
        self._values = [_without_nothing(value) for value in whole]
        self._profiles = profiles

    def batch(self) -> Batch:
        read = [self._profiles.read(value) for value in self._values]
        return batch_of(read, self._profiles.entries, self._profiles.courses)

    def profile(self, position: int) -> tuple[Any, Place]:
        return self._values[position], Place(self.file, self.numbers[position], 1)


def _without_nothing(value: Any) -> Any:
    """A value of a table as JSON would have it: what is null is not there, and a day is a text."""
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return plain(value)


class _Flat:
    """A flat table; the column names are checked before anything is read."""

    def __init__(self, path: Path, names: list[str], profiles: NestedProfiles, mapping: ColumnMapping | None) -> None:
        self.path = path
        self.mapping = mapping
        self.ignored: dict[str, str] = {}
        file = path.as_posix()
        if mapping is not None:
            if missing := mapping.missing(names, Place(file)):
                raise InputError(missing)
            self.ignored = dict.fromkeys(mapping.unused(names), "")
            names = list(mapping.columns)
        self.table = flat_table(names, profiles.pack.vocabulary, file)
        self.ignored |= self.table.ignored
        self._reader = FlatReader(self.table, profiles)

    def block(self, rows: pa.RecordBatch, numbers: Sequence[int], broken: Sequence[Problem] = ()) -> FlatBlock:
        flat = rows if self.mapping is None else self.mapping.flat(rows)
        return FlatBlock(self.path, flat, numbers, self._reader, broken)


class FlatBlock:
    """Rows of a flat table."""

    def __init__(
        self, path: Path, rows: pa.RecordBatch, numbers: Sequence[int], reader: FlatReader, broken: Sequence[Problem]
    ) -> None:
        self.file = path.as_posix()
        self.numbers = numbers
        self.broken = broken
        self._rows = rows
        self._reader = reader
        self._table: FlatTable = reader.table
        self.ids = _ids(path, rows, numbers)

    def batch(self) -> Batch:
        return self._reader.batch(self._rows)

    def profile(self, position: int) -> tuple[Any, Place]:
        (row,) = self._rows.slice(position, 1).to_pylist()
        return self._table.profile(row), Place(self.file, self.numbers[position], 1)


def _ids(path: Path, rows: pa.RecordBatch, numbers: Sequence[int]) -> pa.Array:
    if ID not in rows.schema.names:
        return pa.array([f"{path.stem}:{number}" for number in numbers], pa.string())
    ids = rows.column(ID).cast(pa.string())
    if ids.null_count:
        return pa.array(
            [name or f"{path.stem}:{number}" for name, number in zip(ids.to_pylist(), numbers, strict=True)]
        )
    return ids


class ParquetSource(_Flat):
    """A flat table in Parquet."""

    def __init__(self, path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> None:
        with _readable(path):
            file = pyarrow.parquet.ParquetFile(path)
            self.rows: int | None = file.metadata.num_rows
            super().__init__(path, file.schema_arrow.names, profiles, mapping)

    def blocks(self) -> Iterator[Block]:
        first = 1
        wanted = (
            None if self.mapping else [n for n in pyarrow.parquet.read_schema(self.path).names if n not in self.ignored]
        )
        with _readable(self.path):
            texts = [
                field.name
                for field in pyarrow.parquet.read_schema(self.path)
                if pa.types.is_string(field.type) and field.name != ID
            ]
            file = pyarrow.parquet.ParquetFile(self.path, read_dictionary=texts)
            for rows in file.iter_batches(_ROWS, columns=wanted):
                yield self.block(rows, range(first, first + rows.num_rows))
                first += rows.num_rows


class CsvSource(_Flat):
    """A flat table as CSV (or, by its ending, with tabs); every cell is a text."""

    rows: int | None = None

    def __init__(self, path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> None:
        self._tab = "\t" if path.suffix == ".tsv" else ","
        with _readable(path), path.open("rb") as stream:
            self._comments = 0
            while (line := stream.readline()).startswith(b"#"):
                self._comments += 1
        self._header = decoded(line, path.as_posix()).rstrip("\r\n")
        if not self._header:
            raise InputError([Problem(Place(path.as_posix()), "TX014", "no line with the names of columns")])
        names = [name.strip().strip('"') for name in self._header.split(self._tab)]
        super().__init__(path, names, profiles, mapping)
        self._names = names

    def blocks(self) -> Iterator[Block]:
        broken: list[tuple[int, Problem]] = []
        number = self._comments + 1
        with _readable(self.path):
            for rows in self._stream(broken):
                gone = {line for line, _ in broken}
                numbers: list[int] = []
                while len(numbers) < rows.num_rows:
                    number += 1
                    if number not in gone:
                        numbers.append(number)
                yield self.block(rows, numbers, [problem for _, problem in broken])
                broken.clear()

    def _stream(self, broken: list[tuple[int, Problem]]) -> Any:
        def refused(row: Any) -> str:
            line = (row.number or 0) + self._comments
            text = f"{row.actual_columns} cells, where the table has {row.expected_columns} columns"
            broken.append((line, Problem(Place(self.path.as_posix(), line, 1), "TX040", text)))
            return "skip"

        options = pyarrow.csv.ReadOptions(
            use_threads=False, block_size=_CSV_BYTES, skip_rows=self._comments + 1, column_names=self._names
        )
        parsing = pyarrow.csv.ParseOptions(delimiter=self._tab, invalid_row_handler=refused, newlines_in_values=True)
        texts = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(self._names, pa.string()), strings_can_be_null=True, null_values=[""]
        )
        return pyarrow.csv.open_csv(self.path, options, parsing, texts)


class _readable:  # noqa: N801
    """Raises InputError where something within cannot read the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (OSError, pa.ArrowException)):
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error).splitlines()[0]
            hint = "is it complete, and of the kind that its name says?"
            raise InputError(
                [Problem(Place(self.path.as_posix()), "TX014", f"cannot be read: {reason}", hint)]
            ) from None
