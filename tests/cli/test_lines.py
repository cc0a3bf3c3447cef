"""Cases line by line (`.jsonl`), as every command that reads cases takes them."""

import json
from pathlib import Path

import pytest

from txselect.cli.app import run

ANSWERED, DIFFERENT, BAD_INPUT = 0, 1, 2
FIT = {"as_of": "2026-06-01", "ecog": 1, "cancer": {"type": "PRAD", "extent": "metastatic"}, "prior_therapies": []}
WHOLE = {
    "id": "unfit",
    "title": "An unfit patient",
    "narrative": "Too ill for chemotherapy.",
    "profile": {**FIT, "ecog": 3},
    "expect": {"not_offered": ["taxane"]},
}

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    folder = tmp_path / "cohort"
    folder.mkdir()
    return put(folder / "patients.jsonl", FIT, WHOLE)


def put(path: Path, *cases: object) -> Path:
    path.write_text("".join(f"{case if isinstance(case, str) else json.dumps(case)}\n" for case in cases), "utf-8")
    return path


def answer(capsys: Captured, *arguments: object, status: int = ANSWERED) -> tuple[str, str]:
    ended = run([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert ended == status, printed
    return printed.out, printed.err


def test_each_line_is_decided_like_a_file(capsys: Captured, cohort: Path, case: Path, small_rules: list[str]):
    lines = answer(capsys, "recommend", cohort, *small_rules, "-f", "json")[0].splitlines()
    assert [json.loads(line)["profile"]["ecog"] for line in lines] == [1, 3]
    one = put(case.with_name("one.yaml"), FIT)
    assert json.loads(lines[0]) == json.loads(answer(capsys, "recommend", one, *small_rules, "-f", "json")[0])


def test_one_line_is_answered_like_several(capsys: Captured, cohort: Path, small_rules: list[str]):
    put(cohort, FIT)
    assert len(answer(capsys, "recommend", cohort, *small_rules, "-f", "json")[0].splitlines()) == 1


def test_a_folder_gives_its_files_of_either_kind_at_any_depth(
    capsys: Captured, cohort: Path, case: Path, small_rules: list[str]
):
    assert answer(capsys, "test", case.parent, *small_rules)[0] == "3 passed, 0 failed\n"
    case.unlink()
    assert answer(capsys, "test", case.parent, *small_rules)[0] == "2 passed, 0 failed\n"


def test_an_expectation_that_is_not_met_is_told_with_its_line(capsys: Captured, cohort: Path, small_rules: list[str]):
    put(cohort, FIT, "", {**WHOLE, "profile": FIT})
    text = answer(capsys, "test", cohort, *small_rules, status=DIFFERENT)[0]
    assert text.startswith(f"{cohort}:3:")
    assert "TX030 `taxane` is possible, expected not to be offered" in text
    assert text.endswith("1 passed, 1 failed\n")


def test_good_lines_are_answered_and_every_problem_of_the_others_is_listed(
    capsys: Captured, cohort: Path, small_rules: list[str]
):
    bad = {**FIT, "ecog": 7, "age": "old"}
    column = json.dumps(bad).index('"old"') + 1
    put(cohort, bad, FIT, "no json", {"cancer": {"type": "PRADD"}})
    lines, problems = answer(capsys, "recommend", cohort, *small_rules, "-f", "json", status=BAD_INPUT)
    assert len(lines.splitlines()) == 1
    assert [line.removeprefix(str(cohort)).split(" ")[0] for line in problems.splitlines() if "TX0" in line] == [
        ":1:33:",
        f":1:{column}:",
        ":3:1:",
        ":4:21:",
    ]
    assert problems.endswith("4 problems\n")


def test_cases_lists_each_line(capsys: Captured, cohort: Path):
    text = answer(capsys, "cases", cohort.parent)[0]
    assert f"patients:1\n    patients:1\n    {cohort}\n" in text
    assert f"unfit\n    An unfit patient\n    {cohort}\n" in text


def test_diff_counts_the_lines(capsys: Captured, cohort: Path, small_rules: list[str]):
    rules = small_rules[1]
    text = answer(capsys, "diff", cohort, "--rules", rules, "--rules", rules)[0]
    assert "0 cases decided otherwise, 2 unchanged." in text


@pytest.mark.parametrize("option", [["--coverage"], ["--mutate", "--sample", "2", "--jobs", "1"]])
def test_coverage_and_mutants_look_at_every_line(
    capsys: Captured, cohort: Path, small_rules: list[str], option: list[str]
):
    put(cohort, WHOLE, {**WHOLE, "id": "again"})
    assert answer(capsys, "test", cohort, *small_rules, *option)[0]
    put(cohort, WHOLE, {})
    assert "patients.jsonl:2:1: TX004" in answer(capsys, "test", cohort, *small_rules, *option, status=BAD_INPUT)[1]


def test_check_reads_the_lines_too(capsys: Captured, cohort: Path, small_rules: list[str]):
    answer(capsys, "check", "--lint", *small_rules, "--cases", cohort.parent)
    put(cohort, WHOLE, {}, "")
    (text, problems) = answer(capsys, "check", "--lint", *small_rules, "--cases", cohort, status=BAD_INPUT)
    assert (text, problems.split(" ")[0]) == ("", f"{cohort}:2:1:")


@pytest.mark.parametrize(
    "command",
    [["why", "taxane"], ["why-not", "taxane"], ["next-test"], ["what-if", "--set", "ecog=0"], ["nearest", "taxane"]],
)
def test_a_command_for_one_case_takes_one_line_and_no_more(
    capsys: Captured, cohort: Path, small_rules: list[str], command: list[str]
):
    name, *rest = command
    problems = answer(capsys, name, cohort, *rest, *small_rules, status=BAD_INPUT)[1]
    assert f"{cohort}: TX014 2 cases lie here, and only one is taken\n  hint: put the line" in problems
    put(cohort, FIT)
    assert answer(capsys, name, cohort, *rest, *small_rules)[0]


def test_a_file_without_lines_is_bad_input(capsys: Captured, cohort: Path, small_rules: list[str]):
    put(cohort)
    for command in (["recommend", cohort], ["why", cohort, "taxane"], ["test", cohort.parent]):
        problems = answer(capsys, *command, *small_rules, status=BAD_INPUT)[1]
        assert f"{cohort}: TX014 no cases in this file" in problems


def test_the_house_style_is_none_of_json(capsys: Captured, cohort: Path, case: Path):
    before = cohort.read_bytes()
    assert answer(capsys, "fmt", case.parent)[0].endswith("0 files formatted, 1 left alone\n")
    assert "TX014 lines of JSON have no house style" in answer(capsys, "fmt", cohort, status=BAD_INPUT)[1]
    assert cohort.read_bytes() == before
    case.unlink()
    assert "TX014 no .yaml files in this folder" in answer(capsys, "fmt", case.parent, status=BAD_INPUT)[1]
