"""Where the rows of a CSV file are: the line that each begins in, and how many cells it has.

Arrow turns rows into columns, but does not say where in the file a row stood, and takes a whole file or none if one of
its rows is no row. So rows are found here, by the same reading of quotes, and only those that fit are given to Arrow.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numba
import numpy as np
import numpy.typing as npt

from txselect.errors import InputError, Place, Problem
from txselect.language.document import decoded

_BOM = b"\xef\xbb\xbf"
_BYTES = 1 << 23
"""How much is read at once; no row may be longer."""
_ROW_START, _CELL_START, _IN_CELL, _IN_QUOTES, _QUOTE_IN_QUOTES = range(5)


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, the line that follows them and where it begins."""

    names: list[str]
    next_line: int
    begin: int


@dataclass(frozen=True, slots=True)
class CsvRows:
    """Whole rows. lines: where each begins; is_open: whether the last ends with the file, within quotes."""

    content: bytes
    starts: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    is_open: bool

    def __len__(self) -> int:
        return len(self.lines)

    def row(self, place: int) -> bytes:
        return self.content[self.starts[place] : self.starts[place + 1]]


def header_of(path: Path, delimiter: str) -> Header:
    """The header, after empty lines and lines that begin with `#`. Raises InputError where there is none."""
    file = path.as_posix()
    with path.open("rb") as stream:
        if stream.read(len(_BOM)) != _BOM:
            stream.seek(0)
        before = 0
        while (first := stream.readline()).startswith(b"#") or (first and not first.strip()):
            before += 1
        texts = (decoded(line, file, before + number) for number, line in enumerate(_from(first, stream), 1))
        reader = csv.reader(texts, delimiter=delimiter)
        try:
            names = [name.strip() for name in next(reader, [])]
        except csv.Error as error:
            raise InputError([Problem(Place(file, before + 1, 1), "TX014", f"cannot be read: {error}")]) from None
        if not any(names):
            raise InputError([Problem(Place(file), "TX014", "no line with the names of columns")])
        return Header(names, before + reader.line_num + 1, stream.tell())


def _from(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    while first:
        yield first
        first = stream.readline()


def rows_of(path: Path, header: Header, delimiter: str) -> Iterator[CsvRows]:
    """The rows below the header, some megabytes at a time. Raises InputError for one that is longer, and OSError."""
    line, rest = header.next_line, b""
    with path.open("rb") as stream:
        stream.seek(header.begin)
        while True:
            read = stream.read(_BYTES)
            rows, line = _rows(rest + read, line, delimiter, at_end=not read)
            if len(rows):
                yield rows
            if not read:
                return
            rest = rows.content[rows.starts[-1] :]
            if len(rest) > _BYTES:
                text = f"the row that begins here does not end within {_BYTES:,} bytes"
                raise InputError([Problem(Place(path.as_posix(), line, 1), "TX040", text, "is a quote not closed?")])


def _rows(content: bytes, line: int, delimiter: str, *, at_end: bool) -> tuple[CsvRows, int]:
    """The rows in some bytes, and the line of the first that is not whole."""
    most = content.count(b"\n") + content.count(b"\r") + 1
    starts, lines, cells = np.empty(most + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    found, line, is_open = _find(np.frombuffer(content, np.uint8), ord(delimiter), line, at_end, starts, lines, cells)
    return CsvRows(content, starts[: found + 1], lines[:found], cells[:found], bool(is_open)), int(line)


@numba.njit(cache=True, nogil=True)
def _find(content, delimiter, line, at_end, starts, lines, cells):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
    """Fill the arrays; the number of rows, the line after them and whether the last ends within quotes."""
    row, state, size, next_line = 0, _ROW_START, len(content), line
    starts[0], begin = 0, 0
    for place in range(size):
        byte = content[place]
        is_end = byte in (10, 13)
        if byte == 13 and place + 1 == size and not at_end:
            break  # what follows decides whether this is the end of a line or half of it
        if byte == 10 or (byte == 13 and (place + 1 == size or content[place + 1] != 10)):
            next_line += 1
        if state == _IN_QUOTES:
            if byte == 34:
                state = _QUOTE_IN_QUOTES
            continue
        if state == _QUOTE_IN_QUOTES and byte == 34:
            state = _IN_QUOTES
            continue
        if state == _ROW_START:
            if is_end:
                starts[row], line = place + 1, next_line
                continue
            begin, state = place, _CELL_START
            starts[row], lines[row], cells[row] = begin, line, 1
        if is_end:
            row, state = row + 1, _ROW_START
            starts[row], line = place + 1, next_line
        elif byte == delimiter:
            cells[row] += 1
            state = _CELL_START
        elif byte == 34 and state == _CELL_START:
            state = _IN_QUOTES
        else:
            state = _IN_CELL
    if at_end and state != _ROW_START:
        row += 1
        starts[row] = size
    return row, line, at_end and state == _IN_QUOTES


def unread(rows: CsvRows, columns: int, file: str) -> dict[int, Problem]:
    """What is wrong with rows that are none, by their place: too few cells or too many, or no text."""
    wrong = {
        int(place): _another_number(rows, int(place), columns, file) for place in np.flatnonzero(rows.cells != columns)
    }
    if rows.is_open:
        wrong[len(rows) - 1] = _problem(rows, len(rows) - 1, file, "a quoted cell is not closed before the file ends")
    if not _is_text(rows.content):
        no_text = (place for place in range(len(rows)) if place not in wrong and not _is_text(rows.row(place)))
        wrong |= {place: _problem(rows, place, file, "not UTF-8 text", "save the file as UTF-8") for place in no_text}
    return wrong


def fitting(rows: CsvRows, wrong: dict[int, Any]) -> tuple[bytes, npt.NDArray[np.int64]]:
    """The bytes of the rows that are rows, and the lines that they begin in."""
    if not wrong:
        return rows.content[: rows.starts[-1]], rows.lines
    places = [place for place in range(len(rows)) if place not in wrong]
    return b"".join(rows.row(place) for place in places), rows.lines[places]


def _another_number(rows: CsvRows, place: int, columns: int, file: str) -> Problem:
    found = int(rows.cells[place])
    return _problem(rows, place, file, f"{found} cell{'s' * (found > 1)}, where the table has {columns} columns")


def _problem(rows: CsvRows, place: int, file: str, text: str, hint: str = "") -> Problem:
    return Problem(Place(file, int(rows.lines[place]), 1), "TX040", text, hint)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
