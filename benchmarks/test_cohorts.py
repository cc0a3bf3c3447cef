"""Many patients at once: whole runs of `txselect cohort` in processes of their own, and what their time goes into.

Populations are invented (`tests/cohort/population.py`), as are the packs of 300 and 1,000 rules
(`tests/cohort/many_rules.py`). They are written once into TXSELECT_BENCH_DATA, where that is given. More than a million
profiles only with TXSELECT_NIGHTLY.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from cohort.both import alone, from_table
from cohort.many_rules import write_pack
from cohort.population import Population
from scale import NIGHTLY
from txselect.cohort import deciding, job, kernels
from txselect.cohort.columns import FlatReader
from txselect.cohort.courses import Courses
from txselect.cohort.entries import Entries
from txselect.cohort.flat import flat_table
from txselect.cohort.job import Asked, Job
from txselect.cohort.nested import NestedProfiles
from txselect.cohort.results import Results
from txselect.engine import ENGINE_NAMES, engine_named
from txselect.engine.durable import unavailable_because
from txselect.engine.envelope import EnvelopeError, lay_out
from txselect.language.patient import patient_of
from txselect.pipeline import checked_profile, load_rules
from txselect.program.horn import HornProgram
from txselect.shipped import shipped_folder

MILLION = 1_000_000
SIZES = {"10k": 10_000, "100k": 100_000, "1M": MILLION} | ({"5M": 5 * MILLION} if NIGHTLY else {})
CANCER, CASES, ALLOWED = "LUAD", 1_000, 10
"""Whom other engines decide, how many of them at most, and for how many seconds."""
ENGINES = (*ENGINE_NAMES, "clipspy", "zen-engine", "json-rules-engine", "experta")
PACKS = {"shipped": None, "300_rules": 300, "1000_rules": 1_000}


class Data:
    """Populations and packs, each made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules = load_rules()

    def flat(self, size: int) -> Path:
        return self._made(
            f"{size}.parquet",
            lambda path: pq.write_table(Population(self.rules.pack.vocabulary, size, 1).table(), path),
        )

    def nested(self, size: int) -> Path:
        return self._made(f"{size}.ndjson", lambda path: _write_nested(self.flat(size), path))

    def pack(self, count: int | None) -> Path:
        shipped = shipped_folder("rules")
        if count is None:
            return shipped
        columns = pq.read_schema(self.flat(SIZES["10k"])).names
        return self._made(f"{count}-rules", lambda path: write_pack(path, shipped, self.rules.pack, columns, count))

    def _made(self, name: str, make: Callable[[Path], object]) -> Path:
        path = self.folder / f"{self.rules.pack.sha256[:8]}-{name}"
        if not path.exists():
            aside = path.with_name(f"begun-{path.name}")
            make(aside)
            aside.rename(path)
        return path


def _write_nested(flat: Path, path: Path) -> None:
    file = pq.ParquetFile(flat)
    places = range(0, file.metadata.num_rows, 50_000)
    with path.open("wb") as stream, ProcessPoolExecutor() as pool:
        for lines in pool.map(_nested_lines, [flat] * len(places), places):
            stream.write(lines)


def _nested_lines(flat: Path, first: int) -> bytes:
    rows = pq.read_table(flat, memory_map=True).slice(first, 50_000)
    table = flat_table(rows.column_names, load_rules().pack.vocabulary, flat.name)
    cases = ({"id": row["id"], "profile": table.profile(row)} for row in rows.to_pylist())
    return b"".join(orjson.dumps(case) + b"\n" for case in cases)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    given = os.environ.get("TXSELECT_BENCH_DATA")
    folder = Path(given) if given else tmp_path_factory.mktemp("cohorts")
    folder.mkdir(parents=True, exist_ok=True)
    found = Data(folder)
    _run(found.flat(SIZES["10k"]), folder / "warm")  # compiles the loops, if they are not yet
    return found


def _run(profiles: Path, out: Path, *options: str) -> float:
    """Run `txselect cohort` to its end. Returns its largest resident size in MiB."""
    _remove(out)
    command = [sys.executable, "-m", "txselect", "cohort", str(profiles), "-o", str(out), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


def _remove(out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.with_name(f"{out.name}.rejected").unlink(missing_ok=True)


@pytest.fixture
def measured(benchmark: BenchmarkFixture, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Runs the command on some profiles and says what it took, of which its peak is the highest of all rounds."""
    out = tmp_path / "out"

    def run(profiles: Path, size: int, *options: str, rounds: int = 3) -> None:
        peaks: list[float] = []
        benchmark.pedantic(lambda: peaks.append(_run(profiles, out, *options)), rounds=rounds)
        benchmark.extra_info["profiles a second"] = round(size / benchmark.stats.stats.median)
        benchmark.extra_info["peak MiB"] = round(max(peaks))

    yield run
    _remove(out)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pack", PACKS)
def test_flat_parquet(benchmark: BenchmarkFixture, measured: Callable[..., None], data: Data, pack: str, size: str):
    benchmark.group = "cohorts, Parquet to Parquet"
    if size == "5M" and pack != "shipped":
        pytest.skip("five million with the shipped rules only")
    measured(
        data.flat(SIZES[size]), SIZES[size], "--rules", str(data.pack(PACKS[pack])), rounds=1 if size == "5M" else 3
    )


def test_flat_parquet_without_rules(benchmark: BenchmarkFixture, measured: Callable[..., None], data: Data):
    benchmark.group = "cohorts, Parquet to Parquet"
    measured(data.flat(MILLION), MILLION, "--explain", "none")


@pytest.mark.parametrize("size", ["10k", "1M"])
def test_nested_lines(benchmark: BenchmarkFixture, measured: Callable[..., None], data: Data, size: str):
    benchmark.group = "cohorts, lines of JSON to Parquet"
    measured(data.nested(SIZES[size]), SIZES[size], rounds=3 if size == "10k" else 1)


class Phases:
    """What some functions take in total, each in the time of its own thread, without what it calls of the others."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._patch = patch

    def time(self, phase: str, owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def timed(*args: Any, **named: Any) -> Any:
            start = time.thread_time()
            result = function(*args, **named)
            self.seconds[phase] += time.thread_time() - start
            return result

        self._patch.setattr(owner, name, timed)


@pytest.mark.parametrize("pack", PACKS)
def test_phases(benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Data, pack: str):
    """Seconds of processor time for a million profiles; parts that overlap in a run are each counted in full."""
    rules = load_rules(data.pack(PACKS[pack]))
    phases = Phases(monkeypatch)
    phases.time("encoding", FlatReader, "batch")
    phases.time("compiling", deciding.Decider, "__init__")
    phases.time("program", kernels, "outcomes")
    phases.time("weighing", deciding._Weighing, "number")
    phases.time("ranks", deciding.Decider, "_ranks")
    phases.time("rows", Results, "table")
    phases.time("writing", job.Job, "_write")
    asked = Asked((data.flat(MILLION),), tmp_path / "out", rules)
    benchmark.group = "cohorts, phases of a million profiles, Parquet to Parquet"
    benchmark.pedantic(lambda: Job(asked).run(), rounds=1)
    benchmark.extra_info |= {f"{phase} s": round(seconds, 2) for phase, seconds in phases.seconds.items()}
    _remove(tmp_path / "out")


class Shared:
    """Patients with one cancer, for whom other engines run the program that a cohort runs."""

    def __init__(self, data: Data, pack: str) -> None:
        self.rules = load_rules(data.pack(PACKS[pack]))
        self.prepared = self.rules.prepared(CANCER, self.rules.pack.date, None)
        table = pq.read_table(data.flat(MILLION), filters=[("cancer.type", "=", CANCER)])
        self.program = self._program(table)
        found, nested = from_table(self.rules, table.slice(0, CASES))
        sample = slice(0, CASES, 20)
        assert found[sample] == [alone(self.rules, profile) for profile in nested[sample]]
        self.cases = [self._observed(profile) for profile in nested]

    def _observed(self, profile: Any) -> list[int]:
        vocabulary, day = self.rules.pack.vocabulary, self.rules.pack.date
        return self.prepared.observer.observed(patient_of(checked_profile(profile), vocabulary, day))

    def _program(self, table: pa.Table) -> float:
        """Seconds for one patient of a cohort, of whom all are there."""
        entries, courses = Entries(self.rules.pack.vocabulary), Courses()
        flat = flat_table(table.column_names, self.rules.pack.vocabulary, CANCER)
        reader = FlatReader(flat, NestedProfiles(self.rules.pack, entries, courses, None))
        cohort = deciding.Cohort(self.rules, entries, courses)
        (rows,) = table.combine_chunks().to_batches()
        batch = reader.batch(rows)
        with pytest.MonkeyPatch.context() as patch:
            rounds = []
            for _ in range(5):
                phases = Phases(patch)
                phases.time("program", kernels, "outcomes")
                list(cohort.decided(batch))
                rounds.append(phases.seconds["program"])
                patch.undo()
        return median(rounds) / table.num_rows

    def found_by(self, engine: str) -> Found:
        if engine in ENGINE_NAMES:
            return self._found_here(engine)
        asked = {"clauses": [(clause.head, clause.body) for clause in self.prepared.program.horn.clauses]}
        given = orjson.dumps(asked | {"cases": self.cases})
        run = subprocess.run([*_command(engine), str(ALLOWED)], input=given, capture_output=True, check=True)
        return Found(**orjson.loads(run.stdout))

    def _found_here(self, name: str) -> Found:
        engine = engine_named(name, self.prepared.program.horn)
        seconds, found = [], []
        for case in self.cases:
            start = time.perf_counter()
            valuation = engine.run(case)
            seconds.append(time.perf_counter() - start)
            found.append(sorted({*valuation.given, *(literal for literal, _ in valuation.derived)}))
        engine.close()
        return Found(engine.version, seconds, found)


@dataclass(frozen=True)
class Found:
    """What an engine took and found for as many cases as there was time for."""

    engine: str
    seconds: list[float]
    found: list[list[int]]
    prepared: float = 0.0


def _command(engine: str) -> list[str]:
    """How to run an engine that is no part of txselect (benchmarks/peers/README.md)."""
    folder = Path(__file__).parent / "peers"
    if engine == "json-rules-engine":
        return ["node", str(folder / "peer.cjs")]
    return [os.environ.get("TXSELECT_PEERS", sys.executable), str(folder / "peer.py"), engine]


def _missing(engine: str) -> str:
    """Why an engine cannot be run here; nothing if it can."""
    if engine in ENGINE_NAMES:
        return (unavailable_because() or "") if engine == "durable" else ""
    nothing = b'{"clauses": [[2, [0]]], "cases": []}'
    try:
        run = subprocess.run([*_command(engine), "0"], input=nothing, capture_output=True, check=False)
    except OSError as error:
        return str(error)
    said = run.stderr.decode().splitlines()
    return next((line for line in said if "Error" in line), "it does not run") if run.returncode else ""


def envelope_error(program: HornProgram) -> str:
    """Why a program is not for durable-rules; nothing if it is."""
    try:
        lay_out(program)
    except EnvelopeError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def shared(data: Data) -> Callable[[str], Shared]:
    return cache(lambda pack: Shared(data, pack))


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("engine", ENGINES)
def test_one_after_the_other(benchmark: BenchmarkFixture, shared: Callable[[str], Shared], engine: str, pack: str):
    """`times the program`: how much longer an engine takes for a patient than the program of a cohort on one core."""
    if missing := _missing(engine):
        pytest.skip(f"{engine} is not here: {missing}")
    if (engine, pack) == ("experta", "1000_rules"):
        pytest.skip("three patients take experta more than a minute")
    asked = shared(pack)
    if engine == "durable" and (outside := envelope_error(asked.prepared.program.horn)):
        pytest.skip(outside)
    expected = asked.found_by("linear").found
    benchmark.group = f"cohorts, other engines on {pack.replace('_', ' ')}"
    result = benchmark.pedantic(asked.found_by, args=(engine,), rounds=1)
    assert result.found == expected[: len(result.found)]
    each = sum(result.seconds) / len(result.seconds)
    benchmark.extra_info |= {
        "version": result.engine,
        "patients": len(result.seconds),
        "ms a patient": float(f"{1e3 * each:.3g}"),
        "program, µs a patient": round(1e6 * asked.program, 2),
        "times the program": round(each / asked.program),
    }
