"""Where profiles come from: JSON lines, Parquet and CSV, read block by block in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from txselect.cohort.batching import batch_of
from txselect.cohort.columns import FlatReader
from txselect.cohort.csv_rows import CsvRows, fitting, header_of, rows_of, unread
from txselect.cohort.deciding import Batch
from txselect.cohort.flat import ID, FlatTable, flat_table, plain
from txselect.cohort.mapping import ColumnMapping
from txselect.cohort.nested import NestedProfiles
from txselect.errors import InputError, InternalCheckError, Place, Problem, did_you_mean
from txselect.language.document import PLACE, check_json, decoded, parse
from txselect.model.profile import LIST_NAMES, Profile

LINES = (".jsonl", ".ndjson")
ENDINGS = (*LINES, ".parquet", ".csv", ".tsv")
_ROWS, _LINES_AT_ONCE = 1 << 15, 1 << 14
"""How much is decided at once, at most: rows of a flat table, nested profiles."""
_FILE_STARTS = {b"PAR1": "Parquet", b"\x1f\x8b": "compressed", b"PK\x03\x04": "compressed"}
"""How files begin that are no lines of text."""
_MANY = re.compile(rf"(cancer\.)?({'|'.join(LIST_NAMES.values())})|other_findings|prior\.[0-9]+\.therapy")
"""Columns of a flat table in which a cell may be a list."""
_TEXT = re.compile(rf"{_MANY.pattern}|cancer\.type|prior\.[0-9]+\.(start|end)")
"""Columns of a flat table of which other values are read as their text."""


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
        if mapping is not None:
            text = "columns can be mapped in a table only"
            raise InputError([Problem(Place(path.as_posix()), "TX014", text, "leave `--mapping` out")])
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
        with _readable(path), path.open("rb") as stream:
            begin = stream.read(4)
        for known, kind in _FILE_STARTS.items():
            if begin.startswith(known):
                text = f"this file is {kind}, not lines of text"
                raise InputError([Problem(Place(path.as_posix()), "TX014", text, "give it the name of its kind")])

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
        values = [self._value(position) for position in range(len(lines))]
        self._values = [_profile_in(value) for value in values]
        named = zip(self.numbers, values, strict=True)
        self.ids = pa.array([_name(value) or f"{path.stem}:{number}" for number, value in named], pa.string())

    def batch(self) -> Batch:
        return batch_of(self._values, self._profiles)

    def profile(self, position: int) -> tuple[Any, Place]:
        return _profile_in(self._told(position)), Place(self.file, self.numbers[position], 1)

    def _told(self, position: int) -> Any:
        """The value of a line with the places of its parts. Raises InputError for what is no JSON."""
        number = self.numbers[position]
        text = decoded(self._lines[position].rstrip(b"\r\n"), self.file, number)
        check_json(text, Place(self.file, number, 1), "each line is a JSON object of its own")
        return parse(text, self.file, number)

    def _value(self, position: int) -> Any:
        """The value of a line, read fast where that is sure to read the same; None for one that is no JSON."""
        line = self._lines[position]
        try:
            value = orjson.loads(line)
            # A key that is there twice is lost, and its quotes with it. This alone is a quote that is written without.
            if b"\\u0022" not in line and line.count(b'"') == orjson.dumps(value).count(b'"'):
                return value
        except ValueError:  # what orjson refuses may still be read: NaN, a byte order mark
            pass
        try:
            return _without_places(self._told(position))
        except InputError:
            return None


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items() if key != PLACE}
    return [_without_places(item) for item in value] if isinstance(value, list) else value


def _profile_in(value: Any) -> Any:
    return value["profile"] if isinstance(value, dict) and "profile" in value else value


def _name(value: Any) -> str | None:
    """The name of a case, which is a text or a whole number."""
    name = value.get(ID) if isinstance(value, dict) and "profile" in value else None
    return str(name) if name and name.__class__ in (str, int) else None


# Tables


def _parquet(path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> Source:
    with _readable(path):
        schema = pyarrow.parquet.read_schema(path)
    _check_names(schema.names, path, mapping)
    if mapping is None and "cancer" in schema.names and pa.types.is_struct(schema.field("cancer").type):
        return NestedParquet(path, profiles)
    return ParquetSource(path, profiles, mapping)


class NestedParquet:
    """A profile in each row, with lists and structures as in a nested profile; a column `id` may name it."""

    def __init__(self, path: Path, profiles: NestedProfiles) -> None:
        self.path = path
        self._profiles = profiles
        with _readable(path):
            file = pyarrow.parquet.ParquetFile(path)
        self.rows: int | None = file.metadata.num_rows
        known = {ID, *Profile.model_fields} - {PLACE}
        self._names = [name for name in file.schema_arrow.names if name in known]
        self.ignored = {name: did_you_mean(name, known) for name in file.schema_arrow.names if name not in known}

    def blocks(self) -> Iterator[Block]:
        first = 1
        with _readable(self.path):
            file = pyarrow.parquet.ParquetFile(self.path, page_checksum_verification=True, pre_buffer=False)
            for rows in file.iter_batches(_LINES_AT_ONCE, columns=self._names):
                rows.validate(full=True)
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
        return batch_of(self._values, self._profiles)

    def profile(self, position: int) -> tuple[Any, Place]:
        return self._values[position], Place(self.file, self.numbers[position], 1)


def _without_nothing(value: Any) -> Any:
    """A value of a table as JSON would have it: what is null is not there, and a day is a text."""
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return plain(value)


def _check_names(names: Sequence[str], path: Path, mapping: ColumnMapping | None) -> None:
    """Raises InputError with every name that several columns have, if anything is read from them."""
    unread = mapping.unused(list(names)) if mapping else []
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, 1):
        places.setdefault(name, []).append(place)
    file, hint = path.as_posix(), "give each column a name of its own"
    if repeated := {name: found for name, found in places.items() if len(found) > 1 and name not in unread}:
        raise InputError(
            Problem(Place(file), "TX040", f"the columns {', '.join(map(str, found))} all have the name `{name}`", hint)
            for name, found in repeated.items()
        )


class _Flat:
    """A flat table; the column names are checked before anything is read."""

    def __init__(self, path: Path, names: list[str], profiles: NestedProfiles, mapping: ColumnMapping | None) -> None:
        self.path = path
        self.mapping = mapping
        self.ignored: dict[str, str] = {}
        file = path.as_posix()
        _check_names(names, path, mapping)
        flat = names
        if mapping is not None:
            if missing := mapping.missing(names, Place(file)):
                raise InputError(missing)
            self.ignored = dict.fromkeys(mapping.unused(names), "")
            flat = list(mapping.columns)
        self.table = flat_table(flat, profiles.pack.vocabulary, file)
        ignored = self.ignored if mapping is not None else self.table.ignored
        self.wanted = [name for name in names if name not in ignored]
        self.ignored |= self.table.ignored
        self._reader = FlatReader(self.table, profiles)

    def block(self, rows: pa.RecordBatch, numbers: Sequence[int], broken: Sequence[Problem] = ()) -> FlatBlock:
        flat = rows if self.mapping is None else self.mapping.flat(_known_types(rows))
        return FlatBlock(self.path, flat, numbers, self._reader, broken)


def _known_types(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with texts for all kinds of texts, days for times, and numbers as JSON has them."""
    columns = [_known_type(column, name) for name, column in zip(rows.schema.names, rows.columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, rows.schema.names)


def _known_type(column: pa.Array, name: str) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.date32())
    if pa.types.is_decimal(kind) and name != ID:
        return column.cast(pa.int64() if kind.scale <= 0 and kind.precision <= 18 else pa.float64())
    if not pa.types.is_string(kind) and (_is_text(kind) or (_TEXT.fullmatch(name) and _has_a_text(kind))):
        return column if pa.types.is_dictionary(kind) else column.cast(pa.string())
    return column


def _is_text(kind: pa.DataType) -> bool:
    """Whether values are texts; older programs write them to Parquet as bytes."""
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_binary,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _has_a_text(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or pa.types.is_date(kind) or pa.types.is_dictionary(kind))


class FlatBlock:
    """Rows of a flat table."""

    def __init__(
        self, path: Path, rows: pa.RecordBatch, numbers: Sequence[int], reader: FlatReader, broken: Sequence[Problem]
    ) -> None:
        self.file = path.as_posix()
        self.numbers = numbers
        self.broken = broken
        self._rows = _known_types(rows)
        self._reader = reader
        self._table: FlatTable = reader.table
        self.ids = _ids(path, rows, numbers)

    def batch(self) -> Batch:
        return self._reader.batch(self._rows)

    def profile(self, position: int) -> tuple[Any, Place]:
        (row,) = self._rows.slice(position, 1).to_pylist()
        return self._table.profile(row), Place(self.file, self.numbers[position], 1)


def _ids(path: Path, rows: pa.RecordBatch, numbers: Sequence[int]) -> pa.Array:
    """What each row calls itself, or else the name of its file and its number."""
    if ID not in rows.schema.names:
        return pa.array([f"{path.stem}:{number}" for number in numbers], pa.string())
    said = rows.column(ID)
    if pa.types.is_floating(said.type) and pc.all(pc.equal(pc.trunc(said), said)).as_py():
        said = said.cast(pa.int64())  # whole numbers of which some are missing are often kept so
    said = pc.utf8_trim_whitespace(said.cast(pa.string()))
    if not said.null_count and not pc.any(pc.equal(said, "")).as_py():
        return said
    named = zip(said.to_pylist(), numbers, strict=True)
    return pa.array([name or f"{path.stem}:{number}" for name, number in named], pa.string())


class ParquetSource(_Flat):
    """A flat table in Parquet."""

    def __init__(self, path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> None:
        with _readable(path):
            file = pyarrow.parquet.ParquetFile(path)
        self.rows: int | None = file.metadata.num_rows
        super().__init__(path, file.schema_arrow.names, profiles, mapping)
        self._fields = [file.schema_arrow.field(name) for name in self.wanted]
        if wrong := [problem for field in self._fields for problem in self._wrong_type(field)]:
            raise InputError(wrong)

    def blocks(self) -> Iterator[Block]:
        first = 1
        texts = [field.name for field in self._fields if pa.types.is_string(field.type) and field.name != ID]
        with _readable(self.path):
            file = pyarrow.parquet.ParquetFile(
                self.path, read_dictionary=texts, page_checksum_verification=True, pre_buffer=False
            )
            for rows in file.iter_batches(_ROWS, columns=self.wanted):
                rows.validate(full=True)  # else a damaged text is found only where it is used
                yield self.block(rows, range(first, first + rows.num_rows))
                first += rows.num_rows

    def _wrong_type(self, field: pa.Field) -> Iterator[Problem]:
        """A problem for a column whose values can be nothing that is written in a cell."""
        place = Place(self.path.as_posix())
        if pa.types.is_nested(field.type):
            several = self.mapping is None and _MANY.fullmatch(field.name)
            if not (several and _is_list_of_texts(field.type)):
                text = f"the column `{field.name}` holds {field.type}, where one value is expected"
                yield Problem(place, "TX040", text, "take the values apart into columns, or give nested profiles")


def _is_list_of_texts(kind: pa.DataType) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_text(kind.value_type)


class CsvSource(_Flat):
    """A flat table as CSV (or, by its ending, with tabs); every cell is a text."""

    rows: int | None = None

    def __init__(self, path: Path, profiles: NestedProfiles, mapping: ColumnMapping | None) -> None:
        self._delimiter = "\t" if path.suffix == ".tsv" else ","
        with _readable(path):
            self._header = header_of(path, self._delimiter)
        super().__init__(path, self._header.names, profiles, mapping)

    def blocks(self) -> Iterator[Block]:
        with _readable(self.path):
            for rows in rows_of(self.path, self._header, self._delimiter):
                yield self._block(rows)

    def _block(self, rows: CsvRows) -> Block:
        wrong = unread(rows, len(self._header.names), self.path.as_posix())
        content, lines = fitting(rows, wrong)
        cells = self._cells(content)
        if cells.num_rows != len(lines):
            raise InternalCheckError(f"{self.path}: {len(lines)} rows were found, and {cells.num_rows} read")
        return self.block(cells, lines.tolist(), [wrong[place] for place in sorted(wrong)])

    def _cells(self, content: bytes) -> pa.RecordBatch:
        types = dict.fromkeys(self.wanted, pa.string())
        if not content:
            return pa.RecordBatch.from_pylist([], pa.schema(types))
        names = self._header.names
        table = pyarrow.csv.read_csv(
            pa.py_buffer(content),
            pyarrow.csv.ReadOptions(use_threads=False, block_size=len(content), column_names=names),
            pyarrow.csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
            pyarrow.csv.ConvertOptions(
                column_types=types, include_columns=self.wanted, strings_can_be_null=True, null_values=[""]
            ),
        )
        (cells,) = table.combine_chunks().to_batches()
        return cells


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
