"""One job: profiles in, decisions out, a part at a time, so that what is done stays done.

OUT/options/part-00000.parquet   the options of the patients of one block
OUT/progress.jsonl               a line for each part that is whole: its block, its counts, its tallies
OUT/summary.json, .md, .html     written last; where they are, everything is
OUT.rejected                     a line for each row that was not decided, with every problem
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from txselect.cohort.blocks import BlockDecider
from txselect.cohort.counts import Counts
from txselect.cohort.mapping import ColumnMapping
from txselect.cohort.sources import Source, source_of
from txselect.cohort.summary import summary_markdown, summary_of, summary_page
from txselect.errors import InputError, Place, Problem
from txselect.language.files import write_whole, writing
from txselect.pipeline import Rules
from txselect.version import VERSION

Item = TypeVar("Item")
_PROGRESS, _OPTIONS = "progress.jsonl", "options"


@dataclass(frozen=True)
class Asked:
    """What a job is to do. `day` None: that of each profile, or else that of the rules."""

    paths: tuple[Path, ...]
    out: Path
    rules: Rules
    day: date | None = None
    jurisdiction: str | None = None
    with_rules: bool = True
    mapping: ColumnMapping | None = None

    @property
    def identity(self) -> str:
        """What tells this job from one with other input, other rules or other options."""
        files = [(path.as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in self.paths]
        mapping = self.mapping.model_dump_json() if self.mapping else ""
        said = (files, self.rules.pack.sha256, str(self.day), self.jurisdiction, self.with_rules, mapping, VERSION)
        return sha256(json.dumps(said).encode()).hexdigest()


class Job:
    """Decides every profile of some files. Raises InputError for files, rules or a place that cannot be used."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.blocks = BlockDecider(asked.rules, asked.day, asked.jurisdiction, with_rules=asked.with_rules)
        profiles = self.blocks.profiles
        self.sources: list[Source] = [source_of(path, profiles, asked.mapping) for path in asked.paths]
        self.identity = asked.identity
        self.counts = Counts()

    @property
    def rows(self) -> int | None:
        """How many rows there are, where the files say so."""
        known = [source.rows for source in self.sources]
        return None if None in known else sum(number or 0 for number in known)

    def run(self, *, resume: bool = False, told: Callable[[Counts], None] = lambda counts: None) -> Counts:
        """Decide what is left to decide; `told` hears of the counts after each part.

        resume: go on with what an earlier run of the same job left.
        """
        with self._place_to_write(resume) as progress:
            done = self._done(progress)
            for counts in done.values():
                self.counts.add(counts)
            told(self.counts)
            self._decide_rest(progress, set(done), told)
            self._finish()
        return self.counts

    @contextmanager
    def _place_to_write(self, resume: bool) -> Iterator[Any]:
        out = self.asked.out
        with writing(out):
            (out / _OPTIONS).mkdir(parents=True, exist_ok=True)
            with (out / _PROGRESS).open("a+b", buffering=0) as progress:
                _lock(progress, out)
                if not resume and os.fstat(progress.fileno()).st_size:
                    hint = "`--resume` goes on with what is there; or give another place to `-o`"
                    raise _unusable(out, "there is a result already, or a part of one", hint)
                yield progress

    def _done(self, progress: Any) -> dict[int, Counts]:
        """The parts up to the first that is not whole, by their number; what follows is forgotten."""
        progress.seek(0)
        lines = progress.read().splitlines(keepends=True)
        begin = _whole(lines[0]) if lines else None
        if begin is None and len(lines) <= 1:
            progress.truncate(0)
            _append(progress, {"job": self.identity, "txselect": VERSION})
            return {}
        if begin is None or begin.get("job") != self.identity:
            hint = "start anew in another place"
            raise _unusable(self.asked.out, "what is there came of other files, rules or options", hint)
        self._remove_leftovers()
        done, size = {}, len(lines[0])
        for line in lines[1:]:
            value = _whole(line)
            if value is None or not all(path.is_file() for path in self._files_of(value["part"])):
                break
            done[value["part"]] = Counts.of_json(value)
            size += len(line)
        progress.truncate(size)
        return done

    def _remove_leftovers(self) -> None:
        """What a job that was stopped had begun to write."""
        out = self.asked.out
        for folder, begun in ((out, ".*.tmp"), (out / _OPTIONS, "*.tmp"), (out.parent, f".{out.name}.rejected.*.tmp")):
            for path in folder.glob(begun):
                path.unlink()

    def _files_of(self, number: int) -> tuple[Path, Path]:
        """Where the options of a part and its rejected rows are."""
        out = self.asked.out
        return out / _OPTIONS / f"part-{number:05}.parquet", out / f"rejected-{number:05}.jsonl"

    def _decide_rest(self, progress: Any, done: set[int], told: Callable[[Counts], None]) -> None:
        """One thread decides while others read ahead and write; a part counts once it is whole and on the disk."""
        blocks = enumerate(block for source in self.sources for block in source.blocks())
        left = ((number, block, block.batch()) for number, block in blocks if number not in done)
        with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
            waiting: tuple[Future[None], Counts] | None = None
            for number, block, batch in _ahead(left, reader):
                counts, rejected, table = self.blocks.decided(block, batch)
                if waiting:
                    self._finished(*waiting, told)
                waiting = writer.submit(self._write, progress, number, counts, rejected, table), counts
            if waiting:
                self._finished(*waiting, told)

    def _finished(self, written: Future[None], counts: Counts, told: Callable[[Counts], None]) -> None:
        written.result()
        self.counts.add(counts)
        told(self.counts)

    def _write(self, progress: Any, number: int, counts: Counts, rejected: list[bytes], table: pa.RecordBatch) -> None:
        part, rejected_rows = self._files_of(number)
        aside = part.with_suffix(".tmp")
        with writing(part):
            try:
                with pyarrow.parquet.ParquetWriter(aside, self.blocks.results.schema, compression="zstd") as stream:
                    stream.write_batch(_by_itself(table))
                write_whole(rejected_rows, b"".join(rejected))
                _onto_disk(aside, rejected_rows)
                aside.replace(part)
            except OSError:
                aside.unlink(missing_ok=True)
                raise
            _append(progress, {"part": number, **counts.as_json()})

    def _finish(self) -> None:
        found = (path.read_bytes() for path in sorted(self.asked.out.glob("rejected-*.jsonl")))
        ignored = {name: hint for source in self.sources for name, hint in source.ignored.items()}
        write_reports(self.asked, self.counts, found, ignored)


def write_reports(asked: Asked, counts: Counts, rejected: Iterable[bytes], ignored: Mapping[str, str]) -> None:
    """All rejected rows in one file beside the folder, then the summary, of which `summary.json` is the last."""
    summary = summary_of(counts, asked.rules.pack, ignored)
    texts = {
        asked.out.with_name(f"{asked.out.name}.rejected"): b"".join(rejected),
        asked.out / "summary.md": summary_markdown(summary).encode(),
        asked.out / "summary.html": summary_page(summary).encode(),
        asked.out / "summary.json": json.dumps(summary.as_json(), indent=1, ensure_ascii=False).encode(),
    }
    for path, content in texts.items():
        with writing(path):
            write_whole(path, content)


def _ahead(items: Iterator[Item], reader: ThreadPoolExecutor) -> Iterator[Item]:
    """The same, of which the next is made while one is worked on."""
    coming = reader.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = reader.submit(next, items, None)
        yield item


def _lock(progress: Any, out: Path) -> None:
    try:
        fcntl.flock(progress, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _unusable(out, "another job is writing here", "give another place to `-o`") from None


def _by_itself(table: pa.RecordBatch) -> pa.RecordBatch:
    """The table with only the texts that it uses, in their order: a part is the same whatever was decided before it."""
    columns = [
        _used_only(table.column(name)) if name in ("therapy", "rules") else table.column(name)
        for name in table.schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _used_only(column: pa.DictionaryArray) -> pa.DictionaryArray:
    codes = column.indices.to_numpy()
    used = np.flatnonzero(np.bincount(codes, minlength=len(column.dictionary)))
    order = used[pc.sort_indices(column.dictionary.take(pa.array(used))).to_numpy()]
    places = np.zeros(len(column.dictionary), np.int32)
    places[order] = np.arange(len(order))
    return pa.DictionaryArray.from_arrays(pa.array(places[codes]), column.dictionary.take(pa.array(order)))


def _onto_disk(*paths: Path) -> None:
    for path in paths:
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def _append(progress: Any, value: dict[str, Any]) -> None:
    """Raises OSError where the whole line cannot be written."""
    line = json.dumps(value).encode() + b"\n"
    if progress.write(line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(progress.fileno())


def _whole(line: bytes) -> dict[str, Any] | None:
    """What a line of the progress says, or None if it was not written to its end."""
    try:
        value = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _unusable(out: Path, text: str, hint: str) -> InputError:
    return InputError([Problem(Place(out.as_posix()), "TX014", text, hint)])
