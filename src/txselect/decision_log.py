"""The decision log: one line a decision, safe for many writers and against a crash (`docs/decision-log.md`).

A line is `{"schema":"txselect.log/1","logged_at":"...","decision":{...},"sha256":"..."}`; the checksum is that of all
bytes of the line before `,"sha256"`.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from txselect.decision.record import SCHEMA, Decision
from txselect.decision.serialise import to_json
from txselect.decision.stored import read_decision
from txselect.errors import InputError, Place, Problem

LOG_SCHEMA = "txselect.log/1"

_LINE = re.compile(
    rb'(\{"schema":"%b","logged_at":"([0-9TZ:.-]*)","decision":(\{.*\})),"sha256":"([0-9a-f]{64})"\}'
    % re.escape(LOG_SCHEMA.encode())
)
_BARE = b'{"schema":"%b"' % SCHEMA.encode()
_ONLY_ITS_OWNER = 0o600


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision in a log, and its line, counted from 1.

    logged_at: None for a bare decision, without time and checksum, as `recommend --format json` writes for several.
    """

    line: int
    logged_at: datetime | None
    decision: Decision


# Writing


def append(path: Path, decision: Decision, logged_at: datetime) -> None:
    """One line more at the end of a log, which is made if there is none; on disk when this returns.

    logged_at: with its time zone. Raises InputError (TX014) if the whole line cannot be written; the log is then as it
    was before.
    """
    line = _line(decision, logged_at)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), _ONLY_ITS_OWNER)
        try:
            with _locked(handle):
                _write(handle, line)
        finally:
            os.close(handle)
    except OSError as error:
        message = f"the decision cannot be logged: {error.strerror or error}"
        raise InputError([Problem(Place(path.as_posix()), "TX014", message)]) from None


def _line(decision: Decision, logged_at: datetime) -> bytes:
    time = logged_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = f'{{"schema":"{LOG_SCHEMA}","logged_at":"{time}","decision":{to_json(decision, compact=True)}'.encode()
    return b'%b,"sha256":"%b"}\n' % (body, sha256(body).hexdigest().encode())


def _write(handle: int, line: bytes) -> None:
    """The line in a single write, on a new line even where an earlier writer was stopped in the middle of one."""
    about = os.fstat(handle)
    content = line if _ends_a_line(handle, about.st_size) else b"\n" + line
    try:
        written = os.write(handle, content)
        if written < len(content):
            raise OSError(f"only {written} of {len(content)} bytes could be written")
        if stat.S_ISREG(about.st_mode):
            os.fsync(handle)
    except OSError:
        with suppress(OSError):  # else a torn line stays, which reading names and passes over
            os.ftruncate(handle, about.st_size)
        raise


def _ends_a_line(handle: int, size: int) -> bool:
    if size == 0:
        return True
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


if sys.platform == "win32":
    import msvcrt

    _FAR_AWAY = 1 << 40
    """A locked byte cannot be read there, so one is locked that no log reaches."""

    @contextmanager
    def _locked(handle: int) -> Iterator[None]:
        os.lseek(handle, _FAR_AWAY, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            os.lseek(handle, _FAR_AWAY, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextmanager
    def _locked(handle: int) -> Iterator[None]:
        """Other processes and threads wait; the lock ends with the handle, so also with a process that is killed."""
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# Reading


def read_log(path: Path) -> Iterator[Entry | Problem]:
    """The entries of a log in order, and in place of each line that cannot be used its problems.

    Raises InputError if the file cannot be read.
    """
    try:
        with path.open("br") as lines:
            yield from entries(lines, path.as_posix())
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise InputError([Problem(Place(path.as_posix()), "TX014", message)]) from None


def entries(lines: Iterable[bytes], file: str) -> Iterator[Entry | Problem]:
    """`read_log` for the lines of anything; `file` is what problems call it. Empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _entry(line.rstrip(b"\r\n"), Place(file, number, 1))
            except InputError as error:
                yield from error.problems


def _entry(line: bytes, place: Place) -> Entry:
    if line.startswith(_BARE):
        return Entry(place.line, None, read_decision(_text(line, place), place))
    found = _LINE.fullmatch(line)
    if found is None:
        hint = "a write was interrupted, or the line was changed; the other lines are not touched by it"
        raise InputError([Problem(place, "TX014", "this line is no entry of a decision log, or not a whole one", hint)])
    body, time, decision, checksum = found.groups()
    if sha256(body).hexdigest().encode() != checksum:
        raise InputError(
            [Problem(place, "TX014", "this line was changed after it was written: its checksum is another")]
        )
    return Entry(place.line, _time(time, place), read_decision(_text(decision, place), place))


def _text(content: bytes, place: Place) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InputError([Problem(place, "TX014", "not UTF-8 text")]) from None


def _time(text: bytes, place: Place) -> datetime:
    try:
        return datetime.fromisoformat(text.decode())
    except ValueError:
        raise InputError([Problem(place, "TX014", f"`{text.decode()}` is no time")]) from None
