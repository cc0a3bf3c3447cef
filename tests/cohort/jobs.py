"""Jobs on real files with a small pack, and what single decisions say of the same profiles."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from txselect.cohort.counts import Counts
from txselect.cohort.job import Asked, Job
from txselect.cohort.mapping import load_mapping
from txselect.errors import InputError, Problem
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, decide

PACK = Path(__file__).parents[1] / "bad" / "healthy_pack"
DAY = "2026-06-01"


@cache
def rules() -> Rules:
    return Rules(read_pack(PACK))


@dataclass(frozen=True)
class Done:
    """What a job left."""

    out: Path
    counts: Counts

    @property
    def rejected(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.with_name(f"{self.out.name}.rejected").read_text().splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "summary.json").read_text())
        return found

    @property
    def options(self) -> list[tuple[str, str, str, int | None]]:
        rows = (row for part in parts(self.out) for row in pyarrow.parquet.read_table(part).to_pylist())
        return [(row["id"], row["therapy"], row["status"], row["rank"]) for row in rows]

    @property
    def rows_rejected(self) -> list[int]:
        return sorted(row["row"] for row in self.rejected)

    def adds_up(self) -> bool:
        counts, summary = self.counts, self.summary
        told = (summary["rows"], summary["decided"], summary["rejected"], summary["rows_out"])
        return (
            counts.rows == counts.decided + counts.rejected
            and told == (counts.rows, counts.decided, counts.rejected, counts.options)
            and counts.rejected == len(self.rejected)
            and counts.options == sum(pyarrow.parquet.read_metadata(part).num_rows for part in parts(self.out))
        )


def parts(out: Path) -> list[Path]:
    return sorted((out / "options").glob("*.parquet"))


def run(*paths: Path, mapping: Path | None = None, resume: bool = False, out: Path | None = None) -> Done:
    """A job in this process, beside its first file unless `out` says where."""
    place = out or paths[0].with_name("out")
    job = Job(Asked(paths, place, rules(), mapping=load_mapping(mapping) if mapping else None))
    done = Done(place, job.run(resume=resume))
    assert done.adds_up()
    return done


def refused(*paths: Path, **options: Any) -> tuple[Problem, ...]:
    """The problems of a job that cannot be done."""
    try:
        run(*paths, **options)
    except InputError as error:
        return error.problems
    raise AssertionError("nothing was refused")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "txselect", "cohort", *map(str, arguments), "--rules", str(PACK)]


def told(*arguments: object, **options: Any) -> tuple[int, str]:
    """How the command ends, and what it says on both streams."""
    ended = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, check=False, **options)
    return ended.returncode, ended.stdout + ended.stderr


def lines(path: Path, values: Iterable[Any]) -> Path:
    path.write_text("".join(value if isinstance(value, str) else json.dumps(value) + "\n" for value in values))
    return path


def table(path: Path, rows: Sequence[Mapping[str, Any]], **types: pa.DataType) -> Path:
    """Rows as Parquet; the types of columns by name, those of others are found."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], types.get(name)) for name in names}
    pyarrow.parquet.write_table(pa.table(columns), path)
    return path


Said = dict[str, set[tuple[Any, ...]]]
"""By the names of patients: code, message and hint of each problem, or class, status and rank of each option."""


def said_alone(profiles: Mapping[str, Any]) -> Said:
    """What is said of profiles that are decided one by one, if anything is."""
    return {name: found for name, profile in profiles.items() if (found := _said_alone(profile))}


def _said_alone(profile: Any) -> set[tuple[Any, ...]]:
    try:
        options = decide(rules(), profile, engine="linear").options
    except InputError as error:
        return {(problem.code, problem.message, problem.hint) for problem in error.problems}
    return {(option.therapy, option.status, option.rank) for option in options if option.status != "not_indicated"}


def said(done: Done) -> Said:
    """What a job says of each patient of whom it says anything."""
    found: Said = {row["id"]: problems(row) for row in done.rejected}
    for name, *option in done.options:
        found.setdefault(name, set()).add(tuple(option))
    return found


def problems(row: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    """Code, message and hint of each problem of a rejected row."""
    return {(problem["code"], problem["problem"], problem["hint"]) for problem in row["problems"]}
