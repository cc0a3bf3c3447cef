"""`nearest` and `next-test` on the command line: what they print, in which format, how they end."""

import json
import shlex
from pathlib import Path

import pytest

from txselect.cli.app import run

ANSWERED, BAD_INPUT = 0, 2

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def answer(capsys: Captured, *arguments: object, status: int = ANSWERED) -> str:
    ended = run([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert ended == status, printed.err
    return printed.err if status == BAD_INPUT else printed.out


def commands(text: str) -> list[list[str]]:
    return [shlex.split(line) for line in text.splitlines() if line.strip().startswith("txselect what-if ")]


def test_a_recommended_class_is_told_what_takes_it_off(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "nearest", case, "taxane", *small_rules)
    assert text.startswith("Taxane: when would it no longer be offered?\n")
    assert "↕ ECOG at least 3: now ECOG performance status 1, which would have to change\n" in text
    assert "· there are no other ways\n" in text


def test_every_command_can_be_copied_and_does_what_it_says(capsys: Captured, case: Path, small_rules: list[str]):
    odd = case.rename(case.with_name("o'dd case $x.yaml"))
    shown = commands(answer(capsys, "nearest", odd, "taxane", *small_rules, "--as-of", "2026-05-01"))
    told = []
    for _, *command in shown:
        assert command[:6] == ["what-if", str(odd), "--as-of", "2026-05-01", *small_rules]
        told += [line for line in answer(capsys, *command).splitlines() if "; before recommended" in line]
    statuses = ["not indicated", "not indicated", "not indicated", "excluded"]
    assert [line.partition(";")[0] for line in told] == [f"- taxane: {status}" for status in statuses]


def test_a_class_that_is_not_offered_gets_there_with_the_jurisdiction_asked_for(
    capsys: Captured, case: Path, small_rules: list[str]
):
    case.write_text(case.read_text().replace("ecog: 1", "ecog: 4"))
    (shown,) = commands(answer(capsys, "nearest", case, "taxane", *small_rules, "--jurisdiction", "EMA"))
    assert shown[-4:] == ["--jurisdiction", "EMA", "--set", "ecog=2"]
    assert "taxane: recommended" in answer(capsys, *shown[1:])


def test_the_limit_cuts_off_and_says_so(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "nearest", case, "taxane", *small_rules, "--limit", "1")
    assert len(commands(text)) == 1
    assert "there are more, which a higher --limit shows" in text


def test_what_nobody_can_change_can_be_left_out(capsys: Captured, case: Path, small_rules: list[str]):
    everything = answer(capsys, "nearest", case, "taxane", *small_rules)
    text = answer(capsys, "nearest", case, "taxane", *small_rules, "--changeable-only")
    assert "which cannot be changed" in everything
    assert "which cannot be changed" not in text
    assert "· left out: what is known and nobody can change" in text


def test_json_is_the_record_with_the_changes_as_they_are_set(capsys: Captured, case: Path, small_rules: list[str]):
    found = json.loads(answer(capsys, "nearest", case, "taxane", *small_rules, "--format", "json"))
    assert (found["therapy"], found["goal"], found["complete"]) == ("taxane", "not_offered", True)
    assert "ecog=3" in [change["change"] for way in found["ways"] for change in way["changes"]]


def test_markdown_has_a_heading_and_the_commands_as_code(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "nearest", case, "taxane", *small_rules, "--format", "markdown")
    assert text.startswith("# Taxane: when would it no longer be offered?\n")
    assert f"`` txselect what-if {case} " in text


def test_both_engines_give_the_same_ways(capsys: Captured, case: Path, small_rules: list[str]):
    durable, linear = (
        answer(capsys, "nearest", case, "taxane", *small_rules, "--engine", engine) for engine in ("durable", "linear")
    )
    assert durable == linear


def test_an_unknown_class_is_bad_input(capsys: Captured, case: Path, small_rules: list[str]):
    message = answer(capsys, "nearest", case, "taxanes", *small_rules, status=BAD_INPUT)
    assert message.startswith("<therapy>: TX006 unknown therapy class `taxanes`")


def test_several_cases_are_too_many(capsys: Captured, case: Path, small_rules: list[str]):
    case.with_name("other.yaml").write_text(case.read_text())
    assert "TX014" in answer(capsys, "nearest", case.parent, "taxane", *small_rules, status=BAD_INPUT)


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_number_of_ways(capsys: Captured, case: Path, small_rules: list[str], limit: str):
    assert "--limit" in answer(capsys, "nearest", case, "taxane", *small_rules, "--limit", limit, status=BAD_INPUT)


# next-test


@pytest.fixture
def open_case(case: Path) -> Path:
    """The fit patient, of whom nobody wrote down how fit."""
    case.write_text(case.read_text().replace("  ecog: 1\n", ""))
    return case


def test_the_fewest_tests_come_first_with_what_they_settle(capsys: Captured, open_case: Path, small_rules: list[str]):
    text = answer(capsys, "next-test", open_case, *small_rules)
    assert text.startswith("What to find out next?\n1 test settles the one open option, whatever it shows.\n")
    assert "? would tell, so far not stated: ECOG performance status\n" in text
    assert "✓ settles, whatever it shows: taxane\n" in text


def test_one_therapy_can_be_asked_about_by_any_of_its_names(capsys: Captured, open_case: Path, small_rules: list[str]):
    asked = (answer(capsys, "next-test", open_case, name, *small_rules) for name in ("taxane", "Taxane"))
    assert [text.splitlines()[0] for text in asked] == ["Taxane: what to find out next?"] * 2


def test_where_nothing_is_open_one_sentence_says_so(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "next-test", case, *small_rules)
    assert text.splitlines()[1:] == ["No option is open: no further result changes which ones are recommended.", ""]
    about_one = answer(capsys, "next-test", case, "taxane", *small_rules)
    assert about_one.splitlines()[1] == "Taxane is recommended, and no further result changes that."


def test_json_is_the_record_of_tests_and_open_options(capsys: Captured, open_case: Path, small_rules: list[str]):
    found = json.loads(answer(capsys, "next-test", open_case, *small_rules, "--format", "json"))
    (value,) = found["tests"]
    assert found["smallest"] == [value["label"]]
    assert value["settles"] == ["taxane"]
    assert found["open"][0]["waits_for"] == ["ECOG performance status"]


def test_markdown_has_a_heading_and_a_nested_list(capsys: Captured, open_case: Path, small_rules: list[str]):
    text = answer(capsys, "next-test", open_case, *small_rules, "--format", "markdown")
    assert text.startswith("# What to find out next?\n")
    assert "\n    - ✓ settles, whatever it shows: taxane\n" in text


def test_both_engines_name_the_same_tests(capsys: Captured, open_case: Path, small_rules: list[str]):
    durable, linear = (
        answer(capsys, "next-test", open_case, *small_rules, "--engine", engine) for engine in ("durable", "linear")
    )
    assert durable == linear


def test_next_test_of_an_unknown_class_is_bad_input(capsys: Captured, case: Path, small_rules: list[str]):
    message = answer(capsys, "next-test", case, "taxanes", *small_rules, status=BAD_INPUT)
    assert message.startswith("<therapy>: TX006 unknown therapy class `taxanes`")
