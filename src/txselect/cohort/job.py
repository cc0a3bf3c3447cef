"""One job: profiles in, decisions out, a part at a time, so that what is done stays done.

OUT/options/part-00000.parquet   the options of the patients of one block; OUT/changes/ or OUT/flags/ likewise
OUT/progress.jsonl               a line for each part that is whole: its block, its counts, its tallies
OUT/summary.json, .md, .html     written last; where they are, everything is
OUT.rejected                     a line for each row that was not decided, with every problem
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from txselect.cohort.blocks import BlockDecider
from txselect.cohort.changes import changes_between, count_changes
from txselect.cohort.counts import Counts
from txselect.cohort.deciding import Batch
from txselect.cohort.explaining import Explainer, explainer
from txselect.cohort.mapping import ColumnMapping
from txselect.cohort.sources import Block, Source, source_of
from txselect.cohort.summary import summary_markdown, summary_of, summary_page
from txselect.errors import InputError, Place, Problem
from txselect.language.files import write_whole, writing
from txselect.pipeline import Rules
from txselect.version import VERSION

Item = TypeVar("Item")
Explain = Literal["none", "rules", "full"]
_PROGRESS, _OPTIONS, _CHANGES, _FLAGS = "progress.jsonl", "options", "changes", "flags"


@dataclass(frozen=True)
class Asked:
    """What a job is to do.

    day: None is that of each profile, or else that of the rules.
    explain: what is written beside status and rank: nothing, the deciding rules, or all that is told of one patient.
    against: older rules; then only what changed from what they decide is written.
    """

    paths: tuple[Path, ...]
    out: Path
    rules: Rules
    day: date | None = None
    jurisdiction: str | None = None
    explain: Explain = "rules"
    mapping: ColumnMapping | None = None
    against: Rules | None = None

    @property
    def identity(self) -> str:
        """What tells this job from one with other input, other rules or other options."""
        files = [(path.as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in self.paths]
        mapping = self.mapping.model_dump_json() if self.mapping else ""
        rules = [rules.pack.sha256 for rules in (self.rules, self.against) if rules]
        said = (files, rules, str(self.day), self.jurisdiction, self.explain, mapping, VERSION)
        return sha256(json.dumps(said).encode()).hexdigest()


class _Side:
    """One rule set with all that reads and decides by it."""

    def __init__(self, asked: Asked, rules: Rules) -> None:
        with_rules = asked.explain != "none" or asked.against is not None
        self.decider = BlockDecider(rules, asked.day, asked.jurisdiction, with_rules=with_rules)
        profiles = self.decider.profiles
        self.sources: list[Source] = [source_of(path, profiles, asked.mapping) for path in asked.paths]

    def blocks(self) -> Iterator[Block]:
        return (block for source in self.sources for block in source.blocks())


def _with_batches(several: Sequence[Block]) -> list[tuple[Block, Batch]]:
    return [(block, block.batch()) for block in several]


class Job:
    """Decides every profile of some files. Raises InputError for files, rules or a place that cannot be used."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.newer = _Side(asked, asked.rules)
        self.older = _Side(asked, asked.against) if asked.against else None
        self.sources = self.newer.sources
        self.identity = asked.identity
        self.counts = Counts()
        self._explainer: Explainer | None = None

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
            with self._explaining():
                self._decide_rest(progress, set(done), told)
            self._finish()
        return self.counts

    @contextmanager
    def _place_to_write(self, resume: bool) -> Iterator[Any]:
        out = self.asked.out
        with writing(out):
            for folder in self._folders:
                (out / folder).mkdir(parents=True, exist_ok=True)
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
        parts = [(out / folder, "*.tmp") for folder in self._folders]
        for folder, begun in ((out, ".*.tmp"), *parts, (out.parent, f".{out.name}.rejected.*.tmp")):
            for path in folder.glob(begun):
                path.unlink()

    def _files_of(self, number: int) -> list[Path]:
        """The files of a part; the last holds its rejected rows."""
        tables = [self.asked.out / folder / f"part-{number:05}.parquet" for folder in self._folders]
        return [*tables, self.asked.out / f"rejected-{number:05}.jsonl"]

    @property
    def _folders(self) -> tuple[str, ...]:
        if self.older is not None:
            return (_CHANGES,)
        return (_OPTIONS, _FLAGS) if self.asked.explain == "full" else (_OPTIONS,)

    def _decide_rest(self, progress: Any, done: set[int], told: Callable[[Counts], None]) -> None:
        """One thread decides while others read ahead and write; a part counts once it is whole and on the disk."""
        sides = [side for side in (self.newer, self.older) if side]
        blocks = enumerate(zip(*(side.blocks() for side in sides), strict=True))
        left = ((number, _with_batches(several)) for number, several in blocks if number not in done)
        with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
            waiting: tuple[Future[None], Counts] | None = None
            for number, several in _ahead(left, reader):
                counts, rejected, tables = self._decided(several)
                if waiting:
                    self._finished(*waiting, told)
                waiting = writer.submit(self._write, progress, number, counts, rejected, tables), counts
            if waiting:
                self._finished(*waiting, told)

    def _decided(self, several: Sequence[tuple[Block, Batch]]) -> tuple[Counts, list[bytes], dict[str, pa.RecordBatch]]:
        """What is written of a block, by the name of its folder."""
        block, batch = several[0]
        counts, rejected, table = self.newer.decider.decided(block, batch)
        if self.older is not None:
            return counts, rejected, self._changed(several, table, counts)
        if self._explainer is None:
            return counts, rejected, {_OPTIONS: table}
        profiles = [block.profile(place)[0] if kind >= 0 else None for place, kind in enumerate(batch.kind.tolist())]
        table, flags = self._explainer.tables(table, profiles)
        return counts, rejected, {_OPTIONS: table, _FLAGS: flags}

    def _changed(
        self, several: Sequence[tuple[Block, Batch]], table: pa.RecordBatch, counts: Counts
    ) -> dict[str, pa.RecordBatch]:
        assert self.older is not None
        _, _, before = self.older.decider.decided(*several[1])
        unread = [
            place for place in range(len(several[0][0].ids)) if any(batch.kind[place] < 0 for _, batch in several)
        ]
        changes = changes_between(before, table, several[0][0].ids, unread)
        count_changes(changes, counts)
        counts.options = changes.num_rows
        return {_CHANGES: changes}

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """With processes that decide patients one at a time, where all that is told of them is asked."""
        asked = self.asked
        if asked.explain != "full":
            yield
            return
        with explainer(asked.rules.pack, asked.day, asked.jurisdiction) as self._explainer:
            yield

    def _finished(self, written: Future[None], counts: Counts, told: Callable[[Counts], None]) -> None:
        written.result()
        self.counts.add(counts)
        told(self.counts)

    def _write(
        self, progress: Any, number: int, counts: Counts, rejected: list[bytes], tables: Mapping[str, pa.RecordBatch]
    ) -> None:
        *parts, rejected_rows = self._files_of(number)
        begun = [part.with_suffix(".tmp") for part in parts]
        with writing(self.asked.out):
            try:
                for aside, table in zip(begun, tables.values(), strict=True):
                    with pyarrow.parquet.ParquetWriter(aside, table.schema, compression="zstd") as stream:
                        stream.write_batch(_by_itself(table))
                write_whole(rejected_rows, b"".join(rejected))
                _onto_disk(*begun, rejected_rows)
                for aside, part in zip(begun, parts, strict=True):
                    aside.replace(part)
            except OSError:
                for aside in begun:
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
        _used_only(column) if name in ("therapy", "rules") and pa.types.is_dictionary(column.type) else column
        for name, column in zip(table.schema.names, table.columns, strict=True)
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
