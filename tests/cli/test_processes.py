"""Real runs: what only a process of its own can show."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from txselect.version import VERSION

from .conftest import CHECKOUT, Run

SHIPPED = "cases/prostate/vision-population.yaml"


def test_a_shipped_case_is_decided_with_the_shipped_rules(txselect_run: Run):
    result = txselect_run("recommend", SHIPPED)
    assert (result.returncode, result.stderr) == (0, "")
    assert "PSMA radioligand" in result.stdout


def test_the_same_input_gives_the_same_bytes(txselect_run: Run):
    first, second = (
        txselect_run("recommend", SHIPPED, "-f", "json", extra={"PYTHONHASHSEED": seed}) for seed in ("1", "2")
    )
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["options"]


def test_standard_input_works_through_a_pipe(txselect_run: Run, case: Path, small_rules: list[str]):
    result = txselect_run("recommend", "-", *small_rules, "-f", "json", stdin=case.read_text())
    assert result.returncode == 0
    assert json.loads(result.stdout)["options"]


def test_bad_input_ends_with_2_and_prints_nothing_but_problems(
    txselect_run: Run, bad_case: Path, small_rules: list[str]
):
    result = txselect_run("recommend", str(bad_case), *small_rules)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_unmet_expectations_end_with_1(txselect_run: Run, case: Path, small_rules: list[str]):
    case.write_text(case.read_text().replace("recommended, rank: 1", "excluded"))
    assert txselect_run("test", str(case), *small_rules).returncode == 1


def test_the_version_starts_without_reading_rules(txselect_run: Run):
    assert txselect_run("--version").stdout == f"txselect {VERSION}\n"


def test_no_arguments_show_the_help(txselect_run: Run):
    result = txselect_run()
    assert "Commands" in result.stdout + result.stderr


def test_colour_appears_only_where_it_is_wanted(txselect_run: Run, case: Path, small_rules: list[str]):
    command = ("recommend", str(case), *small_rules)
    assert "\x1b[" not in txselect_run(*command).stdout
    assert "\x1b[" in txselect_run(*command, "--color").stdout
    assert "\x1b[" in txselect_run(*command, "--color", extra={"NO_COLOR": "1"}).stdout


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_a_sign_that_the_terminal_lacks_becomes_a_question_mark(
    environment: dict[str, str], case: Path, small_rules: list[str], encoding: str
):
    result = subprocess.run(
        [sys.executable, "-m", "txselect", "why", str(case), "taxane", *small_rules],
        cwd=CHECKOUT,
        env={**environment, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert ("\N{CHECK MARK}" in result.stdout.decode(encoding)) is (encoding == "utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
@pytest.mark.parametrize(
    ("option", "extra", "coloured"), [([], {}, True), (["--no-color"], {}, False), ([], {"NO_COLOR": "1"}, False)]
)
def test_a_terminal_is_coloured_unless_told_otherwise(
    environment: dict[str, str],
    case: Path,
    small_rules: list[str],
    option: list[str],
    extra: dict[str, str],
    coloured: bool,
):
    import os
    import pty

    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "txselect", "recommend", str(case), *small_rules, *option]
    with subprocess.Popen(
        command, cwd=CHECKOUT, env={**environment, "TERM": "xterm", **extra}, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        printed = b""
        while True:
            try:
                piece = os.read(controller, 4096)
            except OSError:  # Linux says so when the other end is closed
                break
            if not piece:
                break
            printed += piece
        os.close(controller)
    assert process.returncode == 0
    assert (b"\x1b[" in printed) is coloured


def test_a_reader_that_goes_away_is_no_error(environment: dict[str, str]):
    with subprocess.Popen(
        [sys.executable, "-m", "txselect", "rules"],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_cache_that_cannot_be_written_only_costs_time(
    txselect_run: Run, case: Path, small_rules: list[str], tmp_path: Path
):
    in_the_way = tmp_path / "no folder"
    in_the_way.write_text("")
    command = ("recommend", str(case), *small_rules)
    result = txselect_run(*command, extra={"XDG_CACHE_HOME": str(in_the_way)})
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == txselect_run(*command).stdout


@pytest.mark.parametrize(
    "content", [b"", b"no pickle", pickle.dumps({"another": "thing"})], ids=["empty", "garbage", "other"]
)
def test_a_corrupted_cache_is_read_past(
    txselect_run: Run, case: Path, small_rules: list[str], tmp_path: Path, content: bytes
):
    command = ("recommend", str(case), *small_rules)
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    whole = txselect_run(*command, extra=cache)
    kept = list((tmp_path / "cache").rglob("*.pickle"))
    assert kept
    for file in kept:
        file.write_bytes(content)
    result = txselect_run(*command, extra=cache)
    assert (result.returncode, result.stderr, result.stdout) == (0, "", whole.stdout)


def test_changed_rules_are_not_answered_from_the_cache(txselect_run: Run, case: Path, tmp_path: Path):
    rules = tmp_path / "rules"
    rules.mkdir()
    for file in (CHECKOUT / "tests" / "bad" / "healthy_pack").glob("*.yaml"):
        (rules / file.name).write_bytes(file.read_bytes())
    command = ("recommend", str(case), "--rules", str(rules), "-f", "json")
    before = json.loads(txselect_run(*command).stdout)
    changed = rules / "rules.yaml"
    changed.write_text(changed.read_text().replace("ecog: {at_most: 2}", "ecog: {at_most: 0}"))
    after = json.loads(txselect_run(*command).stdout)
    assert before["rule_set"]["sha256"] != after["rule_set"]["sha256"]
    assert before["options"] != after["options"]
