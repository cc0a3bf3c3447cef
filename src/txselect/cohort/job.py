"""One job: profiles in, decisions out, a part at a time, so that what is done stays done.

    OUT/options/part-00000.parquet   the options of the patients of one block
    OUT/progress.jsonl               a line for each part that is whole: its block, its counts, its tallies
    OUT/summary.json, .md, .html     written last; where they are, everything is
    OUT.rejected                     a line for each row that was not decided, with every problem
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from txselect.cohort.courses import Courses
from txselect.cohort.deciding import Cohort
from txselect.cohort.entries import Entries
from txselect.cohort.mapping import ColumnMapping
from txselect.cohort.nested import NestedProfiles
from txselect.cohort.results import Results
from txselect.cohort.sources import Block, Source, source_of
from txselect.cohort.tallies import Tally
from txselect.errors import InputError, InternalCheckError, Place, Problem
from txselect.language.files import write_whole, writing
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.profile import Profile
from txselect.pipeline import Rules
from txselect.version import VERSION

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


@dataclass
class Counts:
    """What was read, decided and rejected, and what was counted of those decided."""

    rows: int = 0
    decided: int = 0
    rejected: int = 0
    options: int = 0
    tallies: Counter[Tally] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        self.rows += other.rows
        self.decided += other.decided
        self.rejected += other.rejected
        self.options += other.options
        self.tallies.update(other.tallies)


class Job:
    """Decides every profile of some files. Raises InputError for files, rules or a place that cannot be used."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        entries, courses = Entries(asked.rules.pack.vocabulary), Courses()
        profiles = NestedProfiles(asked.rules.pack, entries, courses, asked.day)
        self.sources: list[Source] = [source_of(path, profiles, asked.mapping) for path in asked.paths]
        self.cohort = Cohort(asked.rules, entries, courses, asked.jurisdiction)
        self.results = Results(rules=asked.with_rules)
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
            done = self._done(progress, resume)
            for counts in done.values():
                self.counts.add(counts)
            told(self.counts)
            self._decide_rest(progress, set(done), told)
            self._gather_rejected(len(done))
        return self.counts

    @contextmanager
    def _place_to_write(self, resume: bool) -> Iterator[Any]:
        out = self.asked.out
        with writing(out):
            (out / _OPTIONS).mkdir(parents=True, exist_ok=True)
            progress = (out / _PROGRESS).open("a+b")
        with progress:
            try:
                fcntl.flock(progress, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise _unusable(out, "another job is writing here", "give another place to `-o`") from None
            if not resume and os.fstat(progress.fileno()).st_size:
                hint = "`--resume` goes on with what is there; or give another place to `-o`"
                raise _unusable(out, "there is a result already, or a part of one", hint)
            with writing(out):
                yield progress

    def _done(self, progress: Any, resume: bool) -> dict[int, Counts]:
        """The parts that are whole already, by their number."""
        progress.seek(0)
        lines = [line for line in progress.read().split(b"\n") if line]
        if not lines:
            _append(progress, {"job": self.asked.identity, "txselect": VERSION})
            return {}
        try:
            values = [json.loads(line) for line in lines]
        except ValueError:  # the last line was not written to its end
            values = [json.loads(line) for line in lines[:-1]]
            progress.truncate(sum(len(line) + 1 for line in lines[:-1]))
        if not resume or values[0].get("job") != self.asked.identity:
            hint = "start anew in another place"
            raise _unusable(self.asked.out, "what is there came of other files, rules or options", hint)
        return {value["part"]: _counts_of(value) for value in values[1:]}

    def _decide_rest(self, progress: Any, done: set[int], told: Callable[[Counts], None]) -> None:
        """One thread decides while another writes; a part counts once it is whole and on the disk."""
        with ThreadPoolExecutor(1) as writer:
            waiting: tuple[Future[None], Counts] | None = None
            blocks = (block for source in self.sources for block in source.blocks())
            for number, block in enumerate(blocks):
                if number in done:
                    continue
                counts, rejected, table = self._decided(block)
                if waiting:
                    self._finished(*waiting, told)
                waiting = writer.submit(self._write, progress, number, counts, rejected, table), counts
            if waiting:
                self._finished(*waiting, told)

    def _finished(self, written: Future[None], counts: Counts, told: Callable[[Counts], None]) -> None:
        written.result()
        self.counts.add(counts)
        told(self.counts)

    def _decided(self, block: Block) -> tuple[Counts, list[bytes], pa.RecordBatch]:
        batch = block.batch()
        outcomes = list(self.cohort.decided(batch))
        table = self.results.table(block.ids, outcomes)
        unread = np.flatnonzero(batch.kind < 0).tolist()
        rejected = [_rejected(block.ids[position].as_py(), self._problems(block, position)) for position in unread]
        rejected += [_rejected("", [problem]) for problem in block.broken]
        read, gone = len(block.numbers), len(block.broken)
        counts = Counts(read + gone, read - len(unread), len(unread) + gone, table.num_rows)
        for found in outcomes:
            for tally, many in zip(found.decider.tallies, found.counts.tolist(), strict=True):
                if many:
                    counts.tallies[tally] += many
        return counts, rejected, table

    def _problems(self, block: Block, position: int) -> Sequence[Problem]:
        """All that is wrong with a profile, as the reading of single profiles tells it."""
        try:
            value, place = block.profile(position)
            profile = validated(Profile, value, place)
            patient_of(profile, self.asked.rules.pack.vocabulary, self.asked.day or profile.as_of or self.asked.rules.pack.date)
        except InputError as error:
            return [_at(problem, block.numbers[position], place_of=block) for problem in error.problems]
        raise InternalCheckError(f"row {block.numbers[position]} cannot be read in a cohort, and can be read alone")

    def _write(self, progress: Any, number: int, counts: Counts, rejected: list[bytes], table: pa.RecordBatch) -> None:
        part = self.asked.out / _OPTIONS / f"part-{number:05}.parquet"
        aside = part.with_suffix(".tmp")
        with writing(part):
            try:
                with pyarrow.parquet.ParquetWriter(aside, self.results.schema, compression="zstd") as stream:
                    stream.write_batch(table)
                write_whole(_rejected_part(self.asked.out, number), b"".join(rejected))
                aside.replace(part)
            except OSError:
                aside.unlink(missing_ok=True)
                raise
            _append(progress, {"part": number, **_as_json(counts)})

    def _gather_rejected(self, parts: int) -> None:
        """All rejected rows in one file beside the folder."""
        found = sorted((self.asked.out / _OPTIONS).parent.glob("rejected-*.jsonl"))
        content = b"".join(path.read_bytes() for path in found)
        write_whole(self.asked.out.with_name(f"{self.asked.out.name}.rejected"), content)


def _rejected_part(out: Path, number: int) -> Path:
    return out / f"rejected-{number:05}.jsonl"


def _at(problem: Problem, number: int, place_of: Block) -> Problem:
    """A problem of a table says its row."""
    return problem if problem.place.line else Problem(Place(problem.place.file, number, 1), problem.code, problem.message, problem.hint)


def _rejected(name: str, problems: Sequence[Problem]) -> bytes:
    place = problems[0].place
    told = [{"code": p.code, "problem": p.message, "hint": p.hint, "column": p.place.column} for p in problems]
    value = {"file": place.file, "row": place.line, "id": name, "problems": told}
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _append(progress: Any, value: dict[str, Any]) -> None:
    progress.write(json.dumps(value).encode() + b"\n")
    progress.flush()
    os.fsync(progress.fileno())


def _as_json(counts: Counts) -> dict[str, Any]:
    tallies = [[*asdict(tally).values(), many] for tally, many in counts.tallies.items()]
    return {"rows": counts.rows, "decided": counts.decided, "rejected": counts.rejected, "options": counts.options, "tallies": tallies}


def _counts_of(value: dict[str, Any]) -> Counts:
    tallies = Counter({Tally(*key): many for *key, many in value["tallies"]})
    return Counts(value["rows"], value["decided"], value["rejected"], value["options"], tallies)


def _unusable(out: Path, text: str, hint: str) -> InputError:
    return InputError([Problem(Place(out.as_posix()), "TX014", text, hint)])
