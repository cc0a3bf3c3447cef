"""The commands that explain: `--depth` and `compare`."""

import json
import re
from pathlib import Path

import pytest

from txselect.cli.app import run
from txselect.shipped import shipped_folder

ANSWERED, BAD_INPUT = 0, 2
CASE = str(next(shipped_folder("cases").rglob("vision-population.yaml")))

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def answer(capsys: Captured, *arguments: str, status: int = ANSWERED) -> str:
    ended = run([*arguments, "--engine", "linear"])
    printed = capsys.readouterr()
    assert ended == status, printed.err
    return printed.err if status else printed.out


@pytest.mark.parametrize("command", ["why", "why-not"])
def test_depth_1_shows_the_rules_and_says_what_is_folded(capsys: Captured, command: str):
    whole = answer(capsys, command, CASE, "psma_radioligand")
    short = answer(capsys, command, CASE, "psma_radioligand", "--depth", "1")
    assert [line for line in short.splitlines() if line.startswith(("  ✓", "  ✗", "  ?"))] == []
    assert re.search(r"\(\d+ conditions? ", " ".join(short.split()))
    assert len(short) < len(whole)


def test_depth_folds_json_as_well(capsys: Captured):
    found = json.loads(answer(capsys, "why", CASE, "psma_radioligand", "--depth", "1", "-f", "json"))
    assert found["lines"][0]["parts"] == []
    assert found["lines"][0]["folded"].endswith("notes")


@pytest.mark.parametrize("depth", ["0", "-1", "all"])
def test_a_depth_is_a_number_from_1(capsys: Captured, depth: str):
    answer(capsys, "why", CASE, "psma_radioligand", "--depth", depth, status=BAD_INPUT)


def test_the_test_that_would_tell_is_in_json_too(capsys: Captured):
    assert '"told_by": "HRR gene panel (germline and tumour)"' in answer(
        capsys, "why-not", CASE, "parp_inhibitor", "-f", "json"
    )


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_compare_says_which_stands_first_and_what_decides(capsys: Captured, style: str):
    text = answer(capsys, "compare", CASE, "cabazitaxel_chemotherapy", "psma_radioligand", "-f", style)
    assert "It is the other way round" in text
    assert "this decides" in text


def test_compare_gives_its_record_in_json(capsys: Captured):
    found = json.loads(answer(capsys, "compare", CASE, "psma_radioligand", "cabazitaxel_chemotherapy", "-f", "json"))
    assert (found["first"], found["second"], found["verdict"]) == (
        "psma_radioligand",
        "cabazitaxel_chemotherapy",
        "before",
    )
    assert [criterion["by"] for criterion in found["criteria"] if criterion["outcome"] == "decides"] == ["preference"]


def test_compare_lists_every_class_that_it_does_not_know(capsys: Captured):
    message = answer(capsys, "compare", CASE, "psma_radioligan", "parp_inhibitr", status=BAD_INPUT)
    assert "2 problems" in message
