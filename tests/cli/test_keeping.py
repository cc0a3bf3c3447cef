"""`recommend --log` and `replay`: what they print, and how they end."""

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from txselect.cli.app import run
from txselect.decision_log import Entry, read_log

IDENTICAL, DIFFERENT, BAD_INPUT = 0, 1, 2

Captured = pytest.CaptureFixture[str]
Replay = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


@pytest.fixture
def decided(capsys: Captured, case: Path, small_rules: list[str]) -> Callable[..., str]:
    """What `recommend --format json` prints."""

    def printed(*arguments: object) -> str:
        given = arguments or (case,)
        assert run(["recommend", *map(str, given), *small_rules, "-f", "json"]) == 0
        return capsys.readouterr().out

    return printed


@pytest.fixture
def replayed(capsys: Captured, small_rules: list[str]) -> Replay:
    """The exit code of `replay`, its answer and its problems."""

    def printed(*arguments: object) -> tuple[int, str, str]:
        status = run(["replay", *map(str, arguments), *small_rules])
        found = capsys.readouterr()
        return status, found.out, found.err

    return printed


def put(folder: Path, text: str, name: str = "decision.json") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# One decision


@pytest.mark.parametrize("how", [[], ["--engine", "linear"], ["--jurisdiction", "EMA"], ["--as-of", "2025-02-03"]])
def test_what_recommend_prints_is_identical(
    decided: Callable[..., str], replayed: Replay, case: Path, tmp_path: Path, how: list[str]
):
    stored = put(tmp_path, decided(case, *how))
    expected = f"Replay of {stored}\nIdentical: made again, the decision is the same in every field.\n\n"
    assert replayed(stored) == (IDENTICAL, expected, "")


def test_an_altered_decision_differs_and_says_where_and_why(
    decided: Callable[..., str], replayed: Replay, tmp_path: Path
):
    stored = put(tmp_path, decided().replace('"status": "recommended"', '"status": "possible"', 1))
    status, text, _ = replayed(stored)
    assert status == DIFFERENT
    assert "Not identical: 1 field differs." in text
    assert "options[taxane].status: possible -> recommended" in text
    assert "the stored decision was changed after it was made" in text


def test_other_rules_are_said_to_be_the_reason(
    capsys: Captured, decided: Callable[..., str], small_rules: list[str], tmp_path: Path
):
    stored = put(tmp_path, decided())
    other = tmp_path / "rules"
    other.mkdir()
    for file in Path(small_rules[1]).glob("*.yaml"):
        put(other, file.read_text().replace("at_most: 2", "at_most: 0"), file.name)
    assert run(["replay", str(stored), "--rules", str(other)]) == DIFFERENT
    text = capsys.readouterr().out
    assert "The rules are others: " in text
    assert "options[taxane].status: recommended -> not_indicated" in text


def test_a_decision_may_come_from_standard_input(
    decided: Callable[..., str], replayed: Replay, case: Path, monkeypatch: pytest.MonkeyPatch
):
    for text, answer in ((decided(), "Replay of <stdin>\nIdentical"), (decided(case, case), "2 decisions replayed")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))
        status, printed, _ = replayed("-")
        assert status == IDENTICAL
        assert printed.startswith(answer)


def test_a_replay_has_the_same_formats(decided: Callable[..., str], replayed: Replay, tmp_path: Path):
    stored = put(tmp_path, decided().replace('"status": "recommended"', '"status": "possible"', 1))
    assert replayed(stored, "-f", "markdown")[1].startswith("# Replay of ")
    record: dict[str, Any] = json.loads(replayed(stored, "-f", "json")[1])
    assert record["outcome"] == "differs"
    assert record["differences"] == [
        {"path": "options[taxane].status", "kind": "changed", "before": "possible", "after": "recommended"}
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"schema": 1,\n oops}', ":2:2: TX001 not readable as JSON: "),
        ("{}", ": TX005 the schema is missing"),
        ('{"schema": "txselect.decision/2"}', ": TX005 the schema is `txselect.decision/2`"),
        ("cancer: {type: PRAD}", ":1:1: TX001 not readable as JSON: "),
        ('{"schema": "txselect.decision/1"}', ": TX004 `rule_set` is missing"),
    ],
)
def test_what_is_no_decision_is_bad_input(replayed: Replay, tmp_path: Path, text: str, problem: str):
    status, printed, problems = replayed(stored := put(tmp_path, text))
    assert (status, printed) == (BAD_INPUT, "")
    assert f"{stored}{problem}" in problems


def test_every_problem_of_a_broken_profile_is_told_at_its_file(
    decided: Callable[..., str], replayed: Replay, tmp_path: Path
):
    broken = {**json.loads(decided()), "profile": {"cancer": {"type": "PRAD"}, "ecog": 7, "age": "old"}}
    status, printed, problems = replayed(stored := put(tmp_path, json.dumps(broken)))
    assert (status, printed) == (BAD_INPUT, "")
    assert [line.partition(" TX")[0] for line in problems.splitlines()] == [f"{stored}:", f"{stored}:", "2 problems"]


def test_a_file_that_is_not_there_is_bad_input(replayed: Replay):
    for name in ("nowhere.json", "nowhere.jsonl"):
        assert replayed(name) == (
            BAD_INPUT,
            "",
            f"{name}: TX014 cannot be read: No such file or directory\n1 problem\n",
        )


# The log


def test_each_decision_is_logged_with_the_time_and_is_the_one_that_is_printed(
    decided: Callable[..., str], case: Path, tmp_path: Path
):
    log = tmp_path / "decisions.jsonl"
    before = datetime.now(UTC)
    decided(case, "--log", log)
    decided(case, case, "--log", log)
    entries = [entry for entry in read_log(log) if isinstance(entry, Entry)]
    assert len(entries) == 3
    assert len({repr(entry.decision) for entry in entries}) == 1
    times = [entry.logged_at for entry in entries if entry.logged_at]
    assert times == sorted(times)
    assert before.replace(microsecond=0) <= times[0] <= times[-1] <= datetime.now(UTC)


def test_a_log_is_replayed_line_by_line(decided: Callable[..., str], replayed: Replay, case: Path, tmp_path: Path):
    log = tmp_path / "decisions.jsonl"
    decided(case, case, "--log", log)
    assert replayed(log) == (IDENTICAL, "2 decisions replayed: 2 identical\n", "")


def test_of_a_log_the_lines_that_differ_are_shown_and_counted(
    decided: Callable[..., str], replayed: Replay, case: Path, tmp_path: Path
):
    good = decided(case, case).splitlines()
    log = put(tmp_path, "\n".join([good[0], good[1].replace('"rank":1', '"rank":2')]), "decisions.jsonl")
    status, text, _ = replayed(log)
    assert status == DIFFERENT
    assert text.startswith("Line 2: prostate adenocarcinoma, as of 2026-06-01\nNot identical: ")
    assert "options[taxane].rank: 2 -> 1" in text
    assert text.endswith("\n\n2 decisions replayed: 1 identical, 1 not identical\n")
    records = [json.loads(line) for line in replayed(log, "-f", "json")[1].splitlines()]
    assert [(record["line"], record["outcome"]) for record in records] == [(1, "identical"), (2, "differs")]


def test_a_torn_line_and_a_broken_profile_are_told_and_the_rest_is_replayed(
    decided: Callable[..., str], replayed: Replay, case: Path, tmp_path: Path
):
    log = tmp_path / "decisions.jsonl"
    decided(case, "--log", log)
    with log.open("a", encoding="utf-8") as stream:
        stream.write(decided(case, case).splitlines()[0].replace('"PRAD"', '"PRADD"') + "\n")
        stream.write('{"schema":"txselect.log/1","logged_at":"2026')
    decided(case, "--log", log)
    status, text, problems = replayed(log)
    assert (status, text) == (BAD_INPUT, "2 decisions replayed: 2 identical\n")
    assert f"{log}:2:1: TX006 unknown cancer type `PRADD`" in problems
    assert f"{log}:3:1: TX014 this line is no entry of a decision log, or not a whole one" in problems
    assert problems.endswith("2 problems\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a device of Unix")
def test_a_decision_that_cannot_be_logged_is_not_printed(capsys: Captured, case: Path, small_rules: list[str]):
    assert run(["recommend", str(case), *small_rules, "--log", "/dev/full"]) == BAD_INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "/dev/full: TX014 the decision cannot be logged: No space left on device\n1 problem\n"
