"""The command `check`: findings with their patients, exit codes, and what is written for other commands to read."""

import shutil
from pathlib import Path

import pytest

from txselect.cli.app import run

FAULTY = Path(__file__).parents[1] / "faulty_packs"
GAP = FAULTY / "proof_gap_between_ecog_1_and_2"
IDLE = FAULTY / "proof_idle_exception"
LINT = FAULTY / "lint_condition_twice_in_all"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def checked(capsys: Captured, *arguments: object, status: int) -> str:
    assert run(["check", *map(str, arguments), "--no-color"]) == status
    return capsys.readouterr().out


def test_a_fault_is_told_with_a_patient_and_ends_with_1(capsys: Captured):
    text = checked(capsys, "--rules", GAP / "faulty", status=1)
    assert "TX204 a patient within `every_fit_untreated_patient` is offered nothing" in text
    assert "  a patient who shows it:\n    " in text
    assert "1 fault, 0 to look at, 0 reviewed" in text


def test_a_pack_without_fault_ends_with_0(capsys: Captured):
    assert ": 0 faults, 0 to look at, 0 reviewed" in checked(capsys, "--rules", GAP / "repaired", status=0)


def test_advice_is_no_fault_unless_it_is_asked_to_be(capsys: Captured):
    assert "0 faults, 1 to look at" in checked(capsys, "--rules", IDLE / "faulty", status=0)
    checked(capsys, "--rules", IDLE / "faulty", "--strict", status=1)


def test_lint_proves_nothing(capsys: Captured):
    text = checked(capsys, "--rules", LINT / "faulty", "--lint", status=0)
    assert "TX1" in text
    assert text.endswith("0 proofs: 0 faults, 1 to look at, 0 reviewed\n")


def test_the_patients_are_written_as_files_that_recommend_runs(capsys: Captured, tmp_path: Path):
    checked(capsys, "--rules", GAP / "faulty", "--witnesses", tmp_path / "found", status=1)
    (file,) = (tmp_path / "found").iterdir()
    assert file.name == "tx204-every_fit_untreated_patient.yaml"
    assert run(["recommend", str(file), "--rules", str(GAP / "faulty")]) == 0
    assert capsys.readouterr().out


def test_one_rule_alone_can_be_asked_about(capsys: Captured):
    assert checked(capsys, "every_fit", "--rules", GAP / "faulty", status=1).endswith(
        "1 proof: 1 fault, 0 to look at, 0 reviewed\n"
    )


def test_a_name_that_no_rule_has_is_bad_input(capsys: Captured):
    assert run(["check", "evry_fit", "--rules", str(GAP / "faulty")]) == 2
    assert "TX006 no rule or claim is named `evry_fit`" in capsys.readouterr().err


def test_a_review_keeps_a_finding_and_goes_stale_loudly(capsys: Captured, tmp_path: Path):
    for kind, status in (("faulty", 0), ("repaired", 1)):
        folder = tmp_path / kind
        shutil.copytree(GAP / kind, folder)
        checks = folder / "checks.yaml"
        entry = "  reviewed:\n    - {code: TX204, of: every_fit_untreated_patient, because: It is meant to be so.}\n"
        checks.write_text(checks.read_text("utf-8").rstrip("\n") + "\n" + entry, "utf-8")
        text = checked(capsys, "--rules", folder, status=status)
        kept = "reviewed: TX204 of every_fit_untreated_patient: It is meant to be so."
        assert (kept in text) == (kind == "faulty")
        assert ("TX209 `reviewed` keeps TX204" in text) == (kind == "repaired")


def test_two_versions_that_differ_are_told_with_a_patient(capsys: Captured):
    text = checked(capsys, "--rules", GAP / "repaired", "--against", GAP / "faulty", status=1)
    assert "before" in text
    assert "3 therapy classes differ; ranks and cautions were not compared" in text
