"""The decision log: whole lines whoever writes, and whatever happens to a writer."""

import os
import random
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scale import examples
from txselect.decision.record import Decision
from txselect.decision.serialise import to_json
from txselect.decision_log import Entry, append, entries, read_log
from txselect.errors import InputError, Problem
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, decide

WRITER = Path(__file__).with_name("writer.py")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals, limits and devices of Unix")


@cache
def decision() -> Decision:
    rules = Rules(read_pack(Path(__file__).parents[1] / "bad" / "healthy_pack"))
    return decide(rules, {"as_of": "2026-06-01", "cancer": {"type": "PRAD"}, "ecog": 1}, engine="linear")


def large(size: int) -> Decision:
    return replace(decision(), disclaimer="é" * (size // 2))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


def write(log: Path, count: int = 1, first: int = 0) -> None:
    for number in range(first, first + count):
        append(log, decision(), NEW_YEAR + timedelta(milliseconds=number))


def good(log: Path) -> list[Entry]:
    return [found for found in read_log(log) if isinstance(found, Entry)]


def bad(log: Path) -> list[Problem]:
    return [found for found in read_log(log) if isinstance(found, Problem)]


# A log


def test_what_is_logged_is_read_again_with_its_time_and_line(log: Path):
    write(log, 3)
    assert list(read_log(log)) == [
        Entry(number + 1, NEW_YEAR + timedelta(milliseconds=number), decision()) for number in range(3)
    ]


def test_the_time_is_kept_in_utc(log: Path):
    append(log, decision(), datetime(2026, 1, 1, 2, 30, tzinfo=timezone(timedelta(hours=2))))
    assert b'"logged_at":"2026-01-01T00:30:00.000Z"' in log.read_bytes()


def test_a_log_of_patients_is_for_its_owner_alone_and_keeps_the_rights_it_is_given(log: Path):
    write(log)
    assert stat.S_IMODE(log.stat().st_mode) & 0o077 == 0 or sys.platform == "win32"
    log.chmod(0o640)
    write(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o640 or sys.platform == "win32"


def test_bare_decisions_one_a_line_are_read_as_well(log: Path):
    log.write_text(f"{to_json(decision(), compact=True)}\n\n{to_json(decision(), compact=True)}\n", encoding="utf-8")
    assert list(read_log(log)) == [Entry(1, None, decision()), Entry(3, None, decision())]


def test_text_with_every_kind_of_line_end_stays_on_one_line(log: Path):
    odd = replace(decision(), disclaimer="one\ntwo\r\nthree\u2028four\u0085five\x0bsix\x00")
    append(log, odd, NEW_YEAR)
    assert log.read_bytes().count(b"\n") == 1
    assert [entry.decision for entry in good(log)] == [odd]


# Many writers


@contextmanager
def writer(log: Path, stored: Path, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """A writer in a process of its own, which is ready and begins once it gets a line."""
    command = [sys.executable, str(WRITER), str(log), str(stored), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def begin(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def outcome(log: Path, stored: Path, *arguments: object) -> tuple[int, str]:
    """How a writer ends, and what it prints."""
    with writer(log, stored, *arguments) as process:
        printed, _ = process.communicate("\n")
    return process.returncode, printed.strip()


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "decision.json"
    path.write_text(to_json(large(200_000)), encoding="utf-8")
    path.chmod(0o644)
    return path


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Path]:
    """A folder that processes of any user can reach and write to."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def numbers(log: Path) -> list[int]:
    """The numbers in milliseconds that the entries carry as their times."""
    times = [entry.logged_at for entry in good(log) if entry.logged_at]
    return [round((time - NEW_YEAR) / timedelta(milliseconds=1)) for time in times]


def test_of_eight_processes_with_fifty_decisions_each_every_line_is_whole_and_none_is_lost(shared: Path, stored: Path):
    log = shared / "decisions.jsonl"
    with ExitStack() as running:
        writers = [running.enter_context(writer(log, stored, 1_000 * number, 50)) for number in range(8)]
        for process in writers:
            begin(process)
    assert [process.returncode for process in writers] == [0] * 8
    assert bad(log) == []
    assert sorted(numbers(log)) == [1_000 * process + number for process in range(8) for number in range(50)]
    changes = sum(one // 1_000 != other // 1_000 for one, other in zip(numbers(log), numbers(log)[1:], strict=False))
    assert changes > 20  # they did write at the same time


def test_threads_of_one_process_do_not_mix_their_lines(log: Path):
    threads = [threading.Thread(target=write, args=(log, 20, 1_000 * thread)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bad(log) == []
    assert sorted(numbers(log)) == [1_000 * thread + number for thread in range(8) for number in range(20)]


@posix
def test_a_writer_waits_for_one_that_is_in_the_middle_of_a_line(shared: Path, stored: Path):
    import fcntl

    log = shared / "decisions.jsonl"
    with writer(log, stored, 1, 1) as process, log.open("ab") as other:
        log.chmod(0o666)
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(to_json(decision(), compact=True).encode())
        other.flush()
        begin(process)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        other.write(b"\n")
        other.close()
    assert process.returncode == 0
    assert good(log)[0].logged_at is None
    assert (numbers(log), bad(log), log.read_bytes().count(b"\n")) == ([1], [], 2)


# A writer that is stopped


@posix
def test_after_writers_were_killed_while_they_wrote_the_log_goes_on(shared: Path, stored: Path):
    stored.write_text(to_json(large(4_000_000)), encoding="utf-8")
    log = shared / "decisions.jsonl"
    kills = examples(12, nightly=100)
    for kill in range(kills):
        with writer(log, stored, 1_000 * kill, 0) as process:
            begin(process)
            time.sleep(random.uniform(0.005, 0.05))
            process.kill()
        append(log, decision(), NEW_YEAR + timedelta(days=1, milliseconds=kill))
    after = 24 * 3_600 * 1_000
    found = numbers(log)
    assert [number - after for number in found if number >= after] == list(range(kills))
    for kill in range(kills):
        written = [number for number in found if number // 1_000 == kill]
        assert written == list(range(1_000 * kill, 1_000 * kill + len(written)))
    assert len(bad(log)) <= kills
    assert {problem.code for problem in bad(log)} <= {"TX014"}


@settings(max_examples=examples(60, nightly=2_000), suppress_health_check=list(HealthCheck))
@given(cut=st.integers(1, 100_000))
def test_a_line_cut_short_anywhere_costs_that_line_only_and_is_named(
    tmp_path_factory: pytest.TempPathFactory, cut: int
):
    log = tmp_path_factory.mktemp("log") / "decisions.jsonl"
    write(log, 2)
    whole = log.stat().st_size
    write(log, 1, first=2)
    os.truncate(log, whole + 1 + cut % (log.stat().st_size - whole - 2))
    write(log, 1, first=3)
    assert numbers(log) == [0, 1, 3]
    assert [(problem.place.line, problem.code) for problem in bad(log)] == [(3, "TX014")]
    assert [entry.line for entry in good(log)] == [1, 2, 4]


def test_a_line_that_lacks_only_its_end_is_whole(log: Path):
    write(log, 2)
    os.truncate(log, log.stat().st_size - 1)
    write(log, 1, first=2)
    assert (numbers(log), bad(log)) == ([0, 1, 2], [])


# A line that was changed


@settings(max_examples=examples(200, nightly=5_000), suppress_health_check=list(HealthCheck))
@given(place=st.integers(0, 100_000), other=st.integers(0, 255))
def test_any_byte_changed_in_a_line_is_found(tmp_path_factory: pytest.TempPathFactory, place: int, other: int):
    log = tmp_path_factory.mktemp("log") / "decisions.jsonl"
    write(log)
    content = bytearray(log.read_bytes())
    place %= len(content) - 1
    if content[place] != other:
        content[place] = other
        assert [type(found) for found in entries(bytes(content).splitlines(keepends=True), "log")] != [Entry]


def test_a_changed_line_is_told_with_its_place(log: Path):
    write(log, 3)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([lines[0], lines[1].replace(b"PRAD", b"BRCA"), lines[2]]))
    assert [str(problem) for problem in bad(log)] == [
        f"{log.as_posix()}:2:1: TX014 this line was changed after it was written: its checksum is another"
    ]
    assert numbers(log) == [0, 2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"no log at all", "this line is no entry of a decision log, or not a whole one"),
        (b'{"schema":"txselect.log/2"}', "this line is no entry of a decision log, or not a whole one"),
        (b'{"schema":"txselect.decision/1","as_of":"x"', "not readable as JSON"),
        (b'{"schema":"txselect.decision/1","\xff":1}', "not UTF-8 text"),
        (b'{"schema":"txselect.decision/1"}', "`rule_set` is missing"),
    ],
)
def test_what_is_no_entry_is_told_and_passed_over(log: Path, line: bytes, message: str):
    write(log)
    with log.open("ab") as stream:
        stream.write(line + b"\n")
    write(log, 1, first=1)
    assert numbers(log) == [0, 1]
    assert any(message in problem.message for problem in bad(log))
    assert {problem.place.line for problem in bad(log)} == {2}


# Where nothing can be written


def refused(log: Path) -> str:
    with pytest.raises(InputError) as raised:
        write(log)
    return str(raised.value)


@posix
def test_a_full_disk_is_an_error():
    assert refused(Path("/dev/full")) == "/dev/full: TX014 the decision cannot be logged: No space left on device"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path):
    assert "TX014 the decision cannot be logged: No such file" in refused(tmp_path / "nowhere" / "x.jsonl")


@posix
def test_a_folder_instead_of_a_file_is_an_error(tmp_path: Path):
    assert "TX014 the decision cannot be logged: Is a directory" in refused(tmp_path)


@posix
def test_a_folder_that_may_not_be_written_to_is_an_error(shared: Path, stored: Path):
    shared.chmod(0o555)
    log = shared / "decisions.jsonl"
    assert outcome(log, stored, 0, 1) == (2, f"{log}: TX014 the decision cannot be logged: Permission denied")
    assert list(shared.iterdir()) == []


@posix
def test_a_disk_that_is_full_after_half_a_line_leaves_the_log_as_it_was(log: Path, stored: Path):
    write(log, 2)
    before = log.read_bytes()
    status, printed = outcome(log, stored, 0, 1, len(before) + 10_000)
    assert status == 2
    assert "the decision cannot be logged: only 10000 of " in printed
    assert log.read_bytes() == before
    write(log, 1, first=2)
    assert (numbers(log), bad(log)) == ([0, 1, 2], [])


def test_a_log_that_cannot_be_read_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="TX014 cannot be read: No such file"):
        list(read_log(tmp_path / "nowhere.jsonl"))
