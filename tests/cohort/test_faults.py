"""A job that is stopped, hindered or given damaged files: what is done stays done, and nothing is lost unsaid."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from cohort.jobs import command, lines, parts, problems, refused, rules, run, said_alone, told
from scale import NIGHTLY, examples
from txselect.cohort.job import Asked, Job

MANY, FAR_DOWN = (1_000_000, 700_000) if NIGHTLY else (70_000, 68_000)
LINE = json.dumps({"cancer": {"type": "PRAD", "extent": "metastatic"}, "ecog": 1}) + "\n"
WRONG = {"cancer": {"type": "PRAD", "extent": "metastatic"}, "ecog": 9, "age": "old"}


# A row that is wrong, far down


def test_a_wrong_line_far_down_is_rejected_alone_with_all_its_problems(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    with path.open("w") as stream:
        stream.write(LINE * 100 + "\n\r\n" + LINE * (FAR_DOWN - 103))
        stream.write(json.dumps(WRONG) + "\n")
        stream.write(LINE * (MANY - FAR_DOWN))
    done = run(path)
    (row,) = done.rejected
    assert (row["file"], row["row"]) == (path.as_posix(), FAR_DOWN)
    assert {"x": problems(row)} == said_alone({"x": WRONG})
    assert len(row["problems"]) == 2
    assert (done.counts.rows, len(parts(done.out)) > 1) == (MANY - 2, True)


def test_a_wrong_row_of_a_csv_file_far_down_is_rejected_alone_with_all_its_problems(tmp_path: Path):
    path, good = tmp_path / "p.csv", f"PRAD,metastatic,1,{'x' * 200}\n"
    before = '\n\nPRAD,metastatic\nPRAD,metastatic,1,"two\nlines, and a "" quote"\n\r\nPRAD,,1,"\r\n",\n'
    with path.open("w", newline="") as stream:
        stream.write("# a comment\n# another\ncancer.type,cancer.extent,ecog,age\n".replace("age", "remarks,age"))
        stream.write(before + good.replace("\n", ",\n") * (FAR_DOWN - 13))
        stream.write(f"PRAD,metastatic,9,{'x' * 200},old\n")
        stream.write(good.replace("\n", ",\n") * (MANY - FAR_DOWN))
    done = run(path)
    *short, row = sorted(done.rejected, key=lambda one: one["row"])
    assert [(one["row"], one["problems"][0]["problem"]) for one in short] == [
        (6, "2 cells, where the table has 5 columns"),
        (7, "4 cells, where the table has 5 columns"),
    ]
    assert (row["file"], row["row"]) == (path.as_posix(), line_of(path, b",old"))
    assert {"x": problems(row)} == said_alone({"x": WRONG})
    assert (done.counts.rejected, len(parts(done.out)) > 1) == (3, True)


def line_of(path: Path, text: bytes) -> int:
    content = path.read_bytes()
    return content[: content.index(text)].count(b"\n") + 1


def test_a_wrong_row_of_a_table_far_down_is_rejected_alone(tmp_path: Path):
    numbers = [1] * MANY
    numbers[FAR_DOWN - 1] = 9
    columns = {"cancer.type": ["PRAD"] * MANY, "cancer.extent": ["metastatic"] * MANY, "ecog": numbers}
    pyarrow.parquet.write_table(pa.table(columns), tmp_path / "p.parquet", row_group_size=10_000)
    done = run(tmp_path / "p.parquet")
    (row,) = done.rejected
    assert (row["id"], row["row"], done.counts.rows) == (f"p:{FAR_DOWN}", FAR_DOWN, MANY)


# Files that are damaged


def test_a_line_that_is_cut_is_rejected_and_all_others_are_decided(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    path.write_text(LINE * 20_000 + LINE[:30])
    done = run(path)
    (row,) = done.rejected
    assert (row["row"], row["problems"][0]["code"], done.counts.decided) == (20_001, "TX001", 20_000)
    assert "not readable as JSON" in row["problems"][0]["problem"]


def test_a_page_that_is_damaged_far_down_is_an_error_and_what_came_before_is_kept(tmp_path: Path):
    path = tmp_path / "p.parquet"
    count, chosen = 200_000, random.Random(1)
    columns = {"id": [str(chosen.random()) for _ in range(count)], "cancer.type": ["PRAD"] * count}
    pyarrow.parquet.write_table(pa.table(columns), path, row_group_size=20_000, write_page_checksum=True)
    whole = path.read_bytes()
    place = len(whole) * 3 // 4
    path.write_bytes(whole[:place] + bytes(20) + whole[place + 20 :])
    (problem,) = refused(path)
    assert (problem.code, problem.place.file) == ("TX014", path.as_posix())
    assert problem.message.startswith("cannot be read: ")
    assert problem.hint == "is it complete, and of the kind that its name says?"
    assert parts(tmp_path / "out")
    assert not (tmp_path / "out" / "summary.json").exists()
    path.write_bytes(whole)
    (problem,) = refused(path, resume=True)
    assert problem.message == "what is there came of other files, rules or options"
    assert run(path, out=tmp_path / "anew").counts.decided == count


def test_text_in_parquet_that_is_none_is_an_error(tmp_path: Path):
    texts = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\4\0\0\0"), pa.py_buffer(b"PR\xffD")])
    pyarrow.parquet.write_table(pa.table({"cancer.type": texts, "id": ["a"]}), tmp_path / "p.parquet")
    (problem,) = refused(tmp_path / "p.parquet")
    assert (problem.code, "UTF8" in problem.message) == ("TX014", True)


# A job that is stopped


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Blocks that differ, each with rows that are rejected, so that a part depends on what was decided before it."""
    path = tmp_path_factory.mktemp("stopped") / "p.jsonl"
    chosen = random.Random(1)

    def one(number: int) -> dict[str, Any]:
        cancer = {
            "type": chosen.choice(("PRAD", "LUAD", "NSCLC")),
            "extent": chosen.choice(("metastatic", "localised")),
        }
        states = ("positive", "negative", "not_tested", "equivocal")
        markers = ("EGFR", "EGFR_L858R", "ALK")[: number // 10_000]
        reports = [{"marker": marker, "state": chosen.choice(states)} for marker in markers]
        comorbidities = chosen.choice(([], ["rheumatoid_arthritis"]))
        profile = {"cancer": cancer, "ecog": chosen.randrange(5), "biomarkers": reports, "comorbidities": comorbidities}
        return {"id": f"p{number}", "profile": profile if number % 9_999 else {"cancer": cancer, "ecog": 7}}

    return lines(path, map(one, range(examples(36_000, nightly=200_000))))


@pytest.fixture(scope="module")
def undisturbed(population: Path) -> Path:
    return run(population, out=population.with_name("undisturbed")).out


def same(out: Path, other: Path) -> bool:
    return content(out) == content(other)


def content(out: Path) -> dict[str, bytes]:
    """Everything that a job left, by name."""
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    rejected = out.with_name(f"{out.name}.rejected")
    return found | {"rejected": rejected.read_bytes() if rejected.exists() else b""}


@contextmanager
def stopped_after(seconds: float, how: signal.Signals, population: Path, out: Path, *more: str) -> Iterator[Any]:
    with subprocess.Popen(
        command(population, "-o", out, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for_parts(out, process)
        time.sleep(seconds)
        process.send_signal(how)
        yield (*process.communicate(), process.returncode)


def wait_for_parts(out: Path, process: "subprocess.Popen[str]") -> None:
    """Until the job has begun to write parts, or has ended."""
    there = len(parts(out))
    while process.poll() is None and len(parts(out)) <= there:
        time.sleep(0.002)


@pytest.mark.slow
def test_a_job_that_is_killed_again_and_again_ends_with_the_same_bytes(
    tmp_path: Path, population: Path, undisturbed: Path
):
    out = tmp_path / "undisturbed"
    kills = 0
    for kill in range(examples(3, nightly=20)):
        more = ["--resume"] if kill else []
        with stopped_after(random.uniform(0, 0.05), signal.SIGKILL, population, out, *more) as (_, _, status):
            kills += status == -signal.SIGKILL
    assert kills
    run(population, out=out, resume=True)
    assert same(out, undisturbed)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds processes as Linux tells of them")
def test_a_killed_worker_is_an_error_and_the_job_goes_on(tmp_path: Path):
    """Of those processes that decide patients one at a time, where everything is to be told of each."""
    cancer = {"type": "PRAD", "extent": "metastatic"}
    people = lines(tmp_path / "p.jsonl", ({"cancer": cancer, "ecog": number % 5} for number in range(20_000)))
    asked = command(people, "-o", tmp_path / "out", "--explain", "full")
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as job:
        while not (workers := workers_of(job.pid)):
            assert job.poll() is None
            time.sleep(0.01)
        os.kill(workers[0], signal.SIGKILL)
        _, said = job.communicate()
    assert job.returncode == 2
    assert "was stopped from outside" in said
    assert not (tmp_path / "out" / "summary.json").exists()
    again = subprocess.run([*asked, "--resume"], capture_output=True, text=True, check=True)
    assert "20,000 decided, 0 rejected" in again.stdout
    assert len(list((tmp_path / "out" / "flags").glob("*.parquet"))) == len(parts(tmp_path / "out"))


def workers_of(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, population: Path, undisturbed: Path):
    out = tmp_path / "undisturbed"
    with stopped_after(0, signal.SIGINT, population, out) as (_, said, status):
        assert status == 130
        assert said == f"stopped; what is done is kept, and `--resume` goes on in {out}\n"
    assert 0 < len(parts(out)) < len(parts(undisturbed))
    run(population, out=out, resume=True)
    assert same(out, undisturbed)


def cut(line: int, size: int | None) -> Callable[[Path], None]:
    """Only so many lines of the progress, and so many bytes of the next (None: all but its line end)."""

    def change(out: Path) -> None:
        every = (out / "progress.jsonl").read_bytes().splitlines(keepends=True)
        rest = every[line][:-1] if size is None else every[line][:size]
        (out / "progress.jsonl").write_bytes(b"".join(every[:line]) + rest)

    return change


def damage(out: Path) -> None:
    every = (out / "progress.jsonl").read_bytes().splitlines(keepends=True)
    every[2] = bytes(len(every[2]) - 1) + b"\n"
    (out / "progress.jsonl").write_bytes(b"".join(every))


def without(pattern: str) -> Callable[[Path], None]:
    def change(out: Path) -> None:
        for path in out.glob(pattern):
            path.unlink()

    return change


def with_leftovers(out: Path) -> None:
    """As if it had been killed in the middle of the third part and of the summary."""
    cut(3, 0)(out)
    for number in range(2, 9):
        without(f"*/part-{number:05}.parquet")(out)
        without(f"rejected-{number:05}.jsonl")(out)
    without("summary.*")(out)
    (out / "options" / "part-00002.tmp").write_bytes(b"PAR1 and no more")
    (out / ".summary.json.0123.tmp").write_bytes(b"{")
    out.with_name(f".{out.name}.rejected.0123.tmp").write_bytes(b"{")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(cut(2, 40), id="a line cut in the middle"),
        pytest.param(cut(2, None), id="a line without its end"),
        pytest.param(cut(-1, None), id="the last line without its end"),
        pytest.param(cut(0, 10), id="the first line cut"),
        pytest.param(cut(0, 0), id="an empty progress"),
        pytest.param(cut(1, 0), id="no part yet"),
        pytest.param(damage, id="a line of zeros"),
        pytest.param(without("*/part-00001.parquet"), id="a part that is gone"),
        pytest.param(without("rejected-00001.jsonl"), id="rejected rows that are gone"),
        pytest.param(without("summary.*"), id="no summary yet"),
        pytest.param(with_leftovers, id="files begun"),
    ],
)
def test_a_job_goes_on_from_whatever_was_left(
    tmp_path: Path, population: Path, undisturbed: Path, change: Callable[[Path], None]
):
    out = tmp_path / "undisturbed"
    shutil.copytree(undisturbed, out)
    change(out)
    for _ in range(2):  # what goes on may itself be gone on with
        run(population, out=out, resume=True)
        assert same(out, undisturbed)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


# A place that cannot be written to


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A disk of so many bytes; it grows when it is asked for again."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def of(size: int) -> Path:
        how = f"size={size}{',remount' if disk.is_mount() else ''}"
        ended = subprocess.run(["mount", "-t", "tmpfs", "-o", how, "tmpfs", disk], capture_output=True, check=False)
        if ended.returncode:
            pytest.skip("disks can be mounted here by nobody")
        return disk

    yield of
    if disk.is_mount():
        subprocess.run(["umount", "--lazy", disk], check=True)  # something may still look at it


@pytest.mark.parametrize("share", [0, 0.4, 0.8])
def test_a_full_disk_is_an_error_and_the_job_goes_on_once_there_is_room(
    small_disk: Callable[[int], Path], population: Path, undisturbed: Path, share: float
):
    needed = sum(map(len, content(undisturbed).values()))
    out = small_disk(max(4_096, int(share * needed))) / "undisturbed"
    (problem,) = refused(population, out=out)
    assert (problem.code, "no space left on device" in problem.message) == ("TX014", True)
    assert not (out / "summary.json").exists()
    small_disk(40_000_000)
    run(population, out=out, resume=True)
    assert same(out, undisturbed)


@pytest.mark.slow
def test_files_that_may_not_grow_are_an_error_without_a_trace(tmp_path: Path, population: Path, undisturbed: Path):
    out = tmp_path / "undisturbed"
    limits = (partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size)) for size in (300, 20_000))
    for number, limit in enumerate(limits):
        status, text = told(population, "-o", out, *(["--resume"] if number else []), preexec_fn=limit)
        assert (status, "TX014 cannot be written: " in text, "Traceback" in text) == (2, True, False)
    run(population, out=out, resume=True)
    assert same(out, undisturbed)


def test_a_file_where_the_result_should_be_is_an_error(tmp_path: Path):
    (tmp_path / "out").write_text("x")
    (problem,) = refused(lines(tmp_path / "p.jsonl", [LINE]))
    assert problem.message.startswith("cannot be written: ")
    assert (tmp_path / "out").read_text() == "x"


# A place that is taken


def test_of_two_jobs_on_one_place_one_goes_on_and_the_other_is_told(
    tmp_path: Path, population: Path, undisturbed: Path
):
    out = tmp_path / "undisturbed"
    job, refusals = Job(Asked((population,), out, rules())), []

    def other(_: object) -> None:
        refusals.append([refused(population, out=out, resume=resume)[0].message for resume in (False, True)])

    job.run(told=other)
    assert refusals == [["another job is writing here"] * 2] * (len(parts(out)) + 1)
    assert same(out, undisturbed)


@pytest.mark.slow
def test_of_two_processes_on_one_place_one_goes_on(tmp_path: Path, population: Path, undisturbed: Path):
    out = tmp_path / "undisturbed"
    with subprocess.Popen(command(population, "-o", out), stdout=subprocess.PIPE) as process:
        while not (out / "progress.jsonl").exists() or not (out / "progress.jsonl").stat().st_size:
            time.sleep(0.002)
        (problem,) = refused(population, out=out, resume=True)
        assert problem.message == "another job is writing here"
    assert process.returncode == 0
    assert same(out, undisturbed)


def test_a_second_run_without_resume_changes_nothing(population: Path, undisturbed: Path):
    before = {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*")}
    (problem,) = refused(population, out=undisturbed)
    assert problem.message == "there is a result already, or a part of one"
    assert "--resume" in problem.hint
    assert {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*")} == before


def test_to_go_on_with_another_job_is_an_error_and_changes_nothing(tmp_path: Path):
    path, other = lines(tmp_path / "p.jsonl", [LINE] * 3), lines(tmp_path / "q.jsonl", [LINE] * 3)
    out = run(path).out
    before = content(out)
    asked = [
        Asked((other,), out, rules()),
        Asked((path, other), out, rules()),
        Asked((path,), out, rules(), jurisdiction="EMA"),
        Asked((path,), out, rules(), explain="none"),
    ]
    for one in asked:
        with pytest.raises(Exception, match="what is there came of other files, rules or options"):
            Job(one).run(resume=True)
    path.write_text(LINE * 4)
    (problem,) = refused(path, resume=True)
    assert problem.message == "what is there came of other files, rules or options"
    assert content(out) == before


def test_several_files_are_one_job(tmp_path: Path):
    first, second = lines(tmp_path / "p.jsonl", [LINE, "x\n"]), tmp_path / "q.csv"
    second.write_text("cancer.type,ecog\nPRAD,1\nPRAD\n")
    done = run(first, second)
    assert [(row["file"], row["row"]) for row in done.rejected] == [(first.as_posix(), 2), (second.as_posix(), 3)]
    assert (done.counts.rows, done.counts.decided) == (4, 2)
