"""`test --margins`: the cases that it adds hold, show what is missing, and notice an edit of the rules."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from txselect.check.coverage import coverage
from txselect.cli.app import run
from txselect.cli.inputs import read_every
from txselect.language.pack import read_pack

RULES = Path(__file__).parents[1] / "bad" / "healthy_pack"
PASSED, FAILED, BAD_INPUT = 0, 1, 2

Told = Callable[..., str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return shutil.copytree(RULES, tmp_path / "rules")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "margins").mkdir()
    return tmp_path / "margins" / "margins.jsonl"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], rules: Path) -> Told:
    def printed(*arguments: object, status: int = PASSED) -> str:
        ended = run(["test", *map(str, arguments), "--rules", str(rules)])
        found = capsys.readouterr()
        assert ended == status, found
        return found.out + found.err

    return printed


def test_what_no_case_shows_is_added_and_holds(case: Path, file: Path, rules: Path, told: Told):
    first = told(case, "--margins", file)
    lines = file.read_text("utf-8").splitlines()
    assert first.splitlines()[0] == f"{len(lines)} cases added to {file}, {len(lines)} in all"
    assert told(file).splitlines()[-1] == f"{len(lines)} passed, 0 failed"
    pack = read_pack(rules)
    alone, together = (coverage(pack, read_every(map(str, given))) for given in ([case], [case, file]))
    assert together.percent > alone.percent
    assert {json.loads(line)["source"]["kind"] for line in lines} == {"margin"}


def test_nothing_is_added_twice(case: Path, file: Path, told: Told):
    told(case, "--margins", file)
    before = file.read_text("utf-8")
    assert told(case, "--margins", file).startswith("0 cases added")
    assert file.read_text("utf-8") == before


def test_an_edit_of_the_rules_is_noticed_and_taken_over_when_asked_for(case: Path, file: Path, rules: Path, told: Told):
    told(case, "--margins", file)
    edited = rules / "rules.yaml"
    text = edited.read_text("utf-8")
    assert "preference: preferred" in text
    edited.write_text(text.replace("preference: preferred", "preference: alternative", 1), "utf-8")
    assert "TX030 something is decided otherwise than when `decided` was written" in told(file, status=FAILED)
    told(case, "--margins", file)
    assert "0 failed" in told(file)


def test_what_nobody_can_show_is_told(case: Path, file: Path, rules: Path, told: Told):
    """Of a condition that stands in a rule twice either can be left out."""
    edited = rules / "rules.yaml"
    text = edited.read_text("utf-8")
    edited.write_text(text.replace("{fact: fit}, {extent", "{fact: fit}, {fact: fit}, {extent"), "utf-8")
    assert "  prostate.docetaxel: not the same as without: fit for chemotherapy" in told(case, "--margins", file)


def test_another_kind_of_file_is_refused(case: Path, tmp_path: Path, told: Told):
    refused = told(case, "--margins", tmp_path / "margins.yaml", status=BAD_INPUT)
    assert "margins.yaml: TX014 a file of cases line by line ends in .jsonl" in refused


def test_cases_at_the_margins_are_counted_and_not_listed(case: Path, file: Path, told: Told, capsys):
    told(case, "--margins", file)
    number = len(file.read_text("utf-8").splitlines())
    assert run(["cases", str(file.parent)]) == PASSED
    listed = capsys.readouterr().out
    assert f"and {number} at the margins of the rules, made by the solver" in listed
    assert "[margin]" not in listed


def test_they_are_not_recorded_beside(case: Path, file: Path, told: Told):
    told(case, "--margins", file)
    told(file, "--record")
    assert not (file.parent / "recorded.json").exists()
