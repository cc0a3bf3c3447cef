"""`test` with recorded decisions: what fails, what `--record` writes, and what it leaves alone."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from txselect.cli.app import run

CHECKOUT = Path(__file__).parents[2]
RULES = CHECKOUT / "tests" / "bad" / "healthy_pack"
PASSED, FAILED, BAD_INPUT = 0, 1, 2

Captured = pytest.CaptureFixture[str]
Tested = Callable[..., tuple[str, str]]

ANOTHER = """\
id: another
title: Another patient
narrative: An unfit patient.
profile: {as_of: 2026-06-01, ecog: 3, cancer: {type: PRAD, extent: metastatic}, prior_therapies: []}
"""


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


@pytest.fixture
def cases(tmp_path: Path, case: Path) -> Path:
    """A folder with two cases."""
    folder = tmp_path / "cases"
    folder.mkdir()
    case.rename(folder / "fit.yaml")
    (folder / "another.yaml").write_text(ANOTHER, encoding="utf-8")
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return shutil.copytree(RULES, tmp_path / "rules")


@pytest.fixture
def tested(capsys: Captured, rules: Path) -> Tested:
    """What a run of `test` prints as answer and as problems; it must end with the given exit code."""

    def printed(*arguments: object, status: int = PASSED) -> tuple[str, str]:
        ended = run(["test", *map(str, arguments), "--rules", str(rules)])
        found = capsys.readouterr()
        assert ended == status, found
        return found.out, found.err

    return printed


def edit(rules: Path, before: str, after: str) -> None:
    file = rules / "rules.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def recorded(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "recorded.json").read_text(encoding="utf-8"))
    return found


def test_an_edit_that_no_case_claims_anything_about_is_noticed_and_can_be_recorded(
    tested: Tested, cases: Path, rules: Path
):
    assert tested(cases, "--record") == (
        "2 cases recorded: 0 changed, 2 new, 0 taken out\n2 passed, 0 failed\n",
        "",
    )
    assert tested(cases) == ("2 passed, 0 failed\n", "")
    edit(rules, "preference: alternative", "preference: preferred")
    difference = (
        f"{cases}/fit.yaml:1:1: TX031 `taxane` was recorded as "
        "`recommended 1, alternative, phase_3; by prostate.docetaxel; with docetaxel`, is now "
        "`recommended 1, preferred, phase_3; by prostate.docetaxel; with docetaxel`\n"
    )
    assert tested(cases, status=FAILED)[0] == f"{difference}1 passed, 1 failed\n"
    summary = "2 cases recorded: 1 changed, 0 new, 0 taken out\n2 passed, 0 failed\n"
    assert tested(cases, "--record")[0] == difference + summary
    assert tested(cases) == ("2 passed, 0 failed\n", "")


def test_without_records_nothing_is_compared(tested: Tested, cases: Path):
    assert tested(cases) == ("2 passed, 0 failed\n", "")
    assert not (cases / "recorded.json").exists()


@pytest.mark.parametrize("engine", ["durable", "linear"])
def test_the_engine_makes_no_difference(tested: Tested, cases: Path, engine: str):
    tested(cases, "--record", "--engine", engine)
    text = (cases / "recorded.json").read_text(encoding="utf-8")
    assert "engine" not in text
    assert tested(cases, "--engine", engine) == ("2 passed, 0 failed\n", "")


def test_recording_again_writes_the_same_to_the_last_byte(tested: Tested, cases: Path):
    tested(cases, "--record")
    once = (cases / "recorded.json").read_bytes()
    assert "0 changed, 0 new" in tested(cases / "fit.yaml", cases, "--record")[0]
    assert (cases / "recorded.json").read_bytes() == once


def test_a_case_without_a_record_fails_and_says_what_to_do(tested: Tested, cases: Path):
    tested(cases / "fit.yaml", "--record")
    text, _ = tested(cases, status=FAILED)
    assert (
        f"{cases}/another.yaml:1:1: TX031 the case `another` is not recorded\n  hint: `txselect test --record`" in text
    )
    assert text.endswith("1 passed, 1 failed\n")


def test_a_record_without_a_case_fails_where_the_whole_folder_was_asked_for(tested: Tested, cases: Path):
    tested(cases, "--record")
    (cases / "another.yaml").unlink()
    assert tested(cases / "fit.yaml") == ("1 passed, 0 failed\n", "")
    for given in (cases, cases.parent / "cases"):
        text, _ = tested(given, status=FAILED)
        assert f"{cases}/recorded.json:2:13: TX031 the case `another` is recorded, and is not in this folder" in text
        assert text.endswith("1 passed, 1 failed\n")
    assert "0 changed, 0 new, 1 taken out" in tested(cases, "--record")[0]
    assert list(recorded(cases)) == ["fit"]


def test_records_of_cases_that_were_not_given_are_kept(tested: Tested, cases: Path, rules: Path):
    tested(cases, "--record")
    before = recorded(cases)
    edit(rules, "{ecog: {at_most: 2}}", "{ecog: {at_most: 0}}")
    text, _ = tested(cases / "fit.yaml", "--record", status=FAILED)
    assert "1 case recorded: 1 changed, 0 new, 0 taken out" in text
    after = recorded(cases)
    assert after["another"] == before["another"]
    assert "taxane" not in after["fit"]["options"]


def test_a_case_that_does_not_get_what_it_expects_is_recorded_and_fails_all_the_same(tested: Tested, cases: Path):
    file = cases / "fit.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("rank: 1", "rank: 2"), encoding="utf-8")
    text, _ = tested(cases, "--record", status=FAILED)
    assert "TX030 `taxane` has rank 1, expected 2" in text
    assert text.endswith("2 cases recorded: 0 changed, 2 new, 0 taken out\n1 passed, 1 failed\n")
    assert recorded(cases)["fit"]["options"]["taxane"].startswith("recommended 1, ")


def test_a_case_counts_once_however_much_of_it_fails(tested: Tested, cases: Path, rules: Path):
    tested(cases, "--record")
    edit(rules, "{ecog: {at_most: 2}}", "{ecog: {at_most: 0}}")
    text, _ = tested(cases, status=FAILED)
    assert "TX030 `taxane` is not_indicated, expected recommended" in text
    assert "is now `not_indicated`" in text
    assert text.endswith("1 passed, 1 failed\n")


def test_every_folder_has_records_of_its_own(tested: Tested, cases: Path):
    deeper = cases / "deeper"
    deeper.mkdir()
    (cases / "another.yaml").rename(deeper / "another.yaml")
    assert "2 cases recorded" in tested(cases, "--record")[0]
    assert (list(recorded(cases)), list(recorded(deeper))) == (["fit"], ["another"])
    (deeper / "another.yaml").unlink()
    assert "deeper/recorded.json:2:13: TX031 the case `another`" in tested(cases, status=FAILED)[0]


def test_cases_line_by_line_are_recorded_beside_their_file(tested: Tested, cases: Path):
    line = json.dumps({"cancer": {"type": "PRAD"}, "ecog": 1, "as_of": "2026-06-01"})
    (cases / "cohort.jsonl").write_text(f"{line}\n\n{line}\n", encoding="utf-8")
    assert "4 cases recorded" in tested(cases, "--record")[0]
    assert list(recorded(cases)) == ["another", "cohort:1", "cohort:3", "fit"]
    assert tested(cases) == ("4 passed, 0 failed\n", "")


def test_only_the_first_differences_are_shown(tested: Tested, cases: Path, rules: Path):
    line = json.dumps({"cancer": {"type": "PRAD", "extent": "metastatic"}, "ecog": 1, "as_of": "2026-06-01"})
    (cases / "cohort.jsonl").write_text(f"{line}\n" * 20, encoding="utf-8")
    tested(cases, "--record")
    edit(rules, "preference: alternative", "preference: preferred")
    text, _ = tested(cases, "--record")
    assert text.count("TX031") == 12
    assert "... and 9 other differences\n22 cases recorded: 21 changed, 0 new, 0 taken out\n" in text


# Bad input


def test_cases_that_cannot_be_read_lose_no_record(tested: Tested, cases: Path):
    tested(cases, "--record")
    (cases / "another.yaml").write_text("id: another\n", encoding="utf-8")
    text, problems = tested(cases, "--record", status=BAD_INPUT)
    assert "1 case recorded: 0 changed, 0 new, 0 taken out" in text
    assert "another.yaml:1:1: TX004" in problems
    assert list(recorded(cases)) == ["another", "fit"]
    assert "TX031" not in "".join(tested(cases, status=BAD_INPUT))


@pytest.mark.parametrize("option", [[], ["--record"]])
def test_records_that_cannot_be_read_are_bad_input_and_stay_as_they_are(
    tested: Tested, cases: Path, bad_case: Path, option: list[str]
):
    (cases / "recorded.json").write_text("{\n<<<<<<< ours\n", encoding="utf-8")
    text, problems = tested(cases, bad_case, *option, status=BAD_INPUT)
    assert "recorded.json:2:1: TX001 not readable as JSON" in problems
    assert "bad.yaml:2:7: TX005" in problems
    assert text.endswith("2 passed, 0 failed\n")
    assert (cases / "recorded.json").read_text(encoding="utf-8") == "{\n<<<<<<< ours\n"


def test_two_cases_of_one_id_cannot_be_recorded(tested: Tested, cases: Path):
    shutil.copy(cases / "fit.yaml", cases / "second.yaml")
    assert tested(cases) == ("3 passed, 0 failed\n", "")
    problems = tested(cases, "--record", status=BAD_INPUT)[1]
    assert f"second.yaml:1:1: TX007 the case `fit` is given twice\n  hint: first: {cases}/fit.yaml:1:1" in problems


def test_standard_input_is_tested_and_not_recorded(
    tested: Tested, cases: Path, monkeypatch: pytest.MonkeyPatch, stdin: Callable[[bytes], None]
):
    tested(cases, "--record")
    monkeypatch.chdir(cases)
    stdin(ANOTHER.encode())
    assert tested("-") == ("1 passed, 0 failed\n", "")
    stdin(ANOTHER.encode())
    assert "<stdin>: TX014 what comes from standard input" in tested("-", "--record", status=BAD_INPUT)[1]


@pytest.mark.parametrize("option", ["--coverage", "--mutate"])
def test_recording_is_a_run_of_its_own(tested: Tested, cases: Path, option: str):
    assert "--record: TX005 nothing is recorded with" in tested(cases, "--record", option, status=BAD_INPUT)[1]
    assert not (cases / "recorded.json").exists()
