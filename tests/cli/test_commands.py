"""What each command prints and how it ends, in one process where that is enough."""

import io
import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from txselect.cli.app import app, run
from txselect.engine.linear import LinearEngine
from txselect.pipeline import load_rules
from txselect.program.horn import Valuation
from txselect.version import VERSION

CHECKOUT = Path(__file__).parents[2]
COMMANDS = (
    *("recommend", "why", "why-not", "compare", "what-if", "nearest", "next-test"),
    *(
        "diff",
        "report",
        "cases",
        "therapies",
        "rules",
        "evidence",
        "knowledge",
        "check",
        "cohort",
        "fmt",
        "test",
        "replay",
        "schema",
    ),
)
ANSWERED, DIFFERENT, BAD_INPUT, CHECK_FAILED = 0, 1, 2, 3

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def answer(capsys: Captured, *arguments: object, status: int = ANSWERED) -> str:
    """What a run prints; it must end with the given exit code, and quietly unless that is an error's."""
    ended = run([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert ended == status, printed.err
    assert bool(printed.err) == (status in (BAD_INPUT, CHECK_FAILED))
    return printed.err if status in (BAD_INPUT, CHECK_FAILED) else printed.out


def decision(capsys: Captured, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(capsys, "recommend", *arguments, "--format", "json"))
    return found


def type_in(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))


# recommend


def test_a_decision_in_text_names_the_case_and_its_options(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "recommend", case, *small_rules)
    assert "A fit patient" in text
    assert "taxane: recommended" in text
    assert "\x1b" not in text


def test_a_decision_in_markdown_has_headings(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "recommend", case, *small_rules, "--format", "markdown")
    assert text.startswith("#")
    assert "taxane" in text


def test_a_decision_in_json_is_indented_for_one_file(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "recommend", case, *small_rules, "-f", "json")
    assert json.loads(text)["schema"] == "txselect.decision/1"
    assert len(text.splitlines()) > 20


def test_several_files_give_one_compact_decision_a_line(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "recommend", case, case, *small_rules, "-f", "json")
    assert [json.loads(line)["as_of"] for line in text.splitlines()] == ["2026-06-01"] * 2


def test_a_folder_gives_lines_even_with_one_case_in_it(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "recommend", case.parent, *small_rules, "-f", "json")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_several_decisions_are_set_apart(capsys: Captured, case: Path, small_rules: list[str], style: str):
    text = answer(capsys, "recommend", case, case, *small_rules, "-f", style)
    assert text.count("A fit patient") == 2


def test_a_case_may_come_from_standard_input(
    capsys: Captured, case: Path, small_rules: list[str], monkeypatch: pytest.MonkeyPatch
):
    from_file = decision(capsys, case, *small_rules)
    type_in(case.read_bytes(), monkeypatch)
    assert decision(capsys, "-", *small_rules) == from_file


def test_standard_input_that_is_no_text_is_bad_input(
    capsys: Captured, small_rules: list[str], monkeypatch: pytest.MonkeyPatch
):
    type_in(b"cancer: {type: \xff}", monkeypatch)
    assert "<stdin>:1:16: TX014 not UTF-8" in answer(capsys, "recommend", "-", *small_rules, status=BAD_INPUT)


def test_a_bare_profile_is_decided_like_a_case(capsys: Captured, tmp_path: Path, case: Path, small_rules: list[str]):
    bare = tmp_path / "bare.yaml"
    bare.write_text(
        "as_of: 2026-06-01\necog: 1\ncancer: {type: PRAD, extent: metastatic}\nprior_therapies: []\ncomorbidities: []\n"
    )
    assert decision(capsys, bare, *small_rules) == decision(capsys, case, *small_rules)


def test_as_of_on_the_command_line_stands_before_that_of_the_profile(
    capsys: Captured, case: Path, small_rules: list[str]
):
    assert decision(capsys, case, *small_rules, "--as-of", "2025-02-03")["as_of"] == "2025-02-03"


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "20260101", "9999-12-31", "0001-01-01", ""])
def test_as_of_must_be_a_day(capsys: Captured, case: Path, small_rules: list[str], text: str):
    message = answer(capsys, "recommend", case, case, *small_rules, "--as-of", text, status=BAD_INPUT)
    assert message.startswith("--as-of: TX005 ")
    assert "1 problem\n" in message


def test_without_any_date_the_date_of_the_rules_is_used_and_said(
    capsys: Captured, tmp_path: Path, small_rules: list[str]
):
    bare = tmp_path / "bare.yaml"
    bare.write_text("cancer: {type: PRAD}\n")
    found = decision(capsys, bare, *small_rules)
    assert found["as_of"] == str(date(2026, 1, 1))
    assert "as_of" in [assumption["id"] for assumption in found["assumptions"]]


def test_both_engines_give_the_same_decision(capsys: Captured, case: Path, small_rules: list[str]):
    durable, linear = (decision(capsys, case, *small_rules, "--engine", name) for name in ("durable", "linear"))
    assert linear["engine"]["name"] == "linear"
    assert durable["options"] == linear["options"]
    assert durable["flags"] == linear["flags"]


@pytest.mark.parametrize("option", ["--engine=fast", "--format=xml", "--jurisdiction=FAD", "--nonsense"])
def test_an_option_that_does_not_exist_is_bad_input(capsys: Captured, case: Path, option: str):
    answer(capsys, "recommend", case, option, status=BAD_INPUT)


def test_jurisdiction_is_part_of_the_decision(capsys: Captured, case: Path, small_rules: list[str]):
    assert decision(capsys, case, *small_rules, "--jurisdiction", "EMA")["jurisdiction"] == "EMA"


# Bad input


def test_every_problem_is_listed_with_its_place_and_counted(capsys: Captured, bad_case: Path, small_rules: list[str]):
    lines = answer(capsys, "recommend", bad_case, *small_rules, status=BAD_INPUT).splitlines()
    assert [line.removeprefix(str(bad_case)).split(" ")[0] for line in lines[:2]] == [":2:7:", ":3:6:"]
    assert lines[-1] == "2 problems"


def test_good_cases_are_answered_and_bad_ones_listed(
    capsys: Captured, case: Path, bad_case: Path, small_rules: list[str]
):
    ended = run(["recommend", str(bad_case), str(case), *small_rules, "-f", "json"])
    printed = capsys.readouterr()
    assert ended == BAD_INPUT
    assert json.loads(printed.out)["as_of"] == "2026-06-01"
    assert "2 problems" in printed.err


def test_problems_of_several_files_come_together(capsys: Captured, bad_case: Path, small_rules: list[str]):
    other = bad_case.with_name("other.yaml")
    other.write_text("cancer: {type: PRADD}\n")
    message = answer(capsys, "recommend", other, bad_case, *small_rules, status=BAD_INPUT)
    assert "bad.yaml:2:7" in message
    assert "other.yaml:1:16: TX006" in message
    assert "3 problems" in message


def test_a_file_that_is_not_there_is_told_with_a_hint(capsys: Captured):
    message = answer(capsys, "recommend", "nowhere.yaml", "elsewhere", status=BAD_INPUT)
    assert message.count("TX014 no such file or folder") == 2
    assert "txselect cases" in message


def test_the_bare_name_of_a_shipped_case_gets_its_path_as_hint(capsys: Captured):
    shipped = min((CHECKOUT / "cases").rglob("*.yaml"))
    assert str(shipped) in answer(capsys, "recommend", shipped.name, status=BAD_INPUT)


def test_an_empty_folder_is_bad_input(capsys: Captured, tmp_path: Path):
    assert "TX014" in answer(capsys, "recommend", tmp_path, status=BAD_INPUT)


@pytest.mark.parametrize("command", ["recommend", "cases", "test"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_case_file_with_another_ending_is_not_passed_over(capsys: Captured, case: Path, command: str, alone: bool):
    case.with_name("second.yml").write_text(case.read_text())
    if alone:
        case.unlink()
    message = answer(capsys, command, case.parent, status=BAD_INPUT)
    assert "second.yml: TX014 only .yaml files are read\n  hint: name it second.yaml\n1 problem" in message


@pytest.mark.parametrize("command", ["therapies", "rules"])
def test_a_folder_without_rules_is_bad_input(capsys: Captured, tmp_path: Path, command: str):
    assert "TX014 no rule files here" in answer(capsys, command, "--rules", tmp_path, status=BAD_INPUT)


def test_a_rule_file_with_another_ending_is_not_passed_over(capsys: Captured, tmp_path: Path):
    (tmp_path / "a.yaml").write_text("pack: x\n")
    (tmp_path / "b.yml").write_text("pack: x\n")
    assert "b.yml: TX014" in answer(capsys, "rules", "--rules", tmp_path, status=BAD_INPUT)


# The internal check


@pytest.mark.parametrize("corrupt", [
    lambda found: Valuation(found.given, found.derived[:-1]),
    lambda found: Valuation(found.given, tuple(reversed(found.derived))),
    lambda found: Valuation(found.given[:-1], found.derived),
], ids=["a literal dropped", "derived too early", "given altered"])  # fmt: skip
def test_a_result_that_fails_its_certificate_is_no_answer(
    capsys: Captured, case: Path, small_rules: list[str], monkeypatch: pytest.MonkeyPatch, corrupt: Any
):
    sound = LinearEngine.run
    monkeypatch.setattr(LinearEngine, "run", lambda engine, given: corrupt(sound(engine, given)))
    assert run(["recommend", str(case), *small_rules, "--engine", "linear"]) == CHECK_FAILED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("internal check failed, so there is no answer: ")


# why, why-not


def test_why_proves_an_option_with_the_values_found(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "why", case, "taxane", *small_rules)
    assert "recommended" in text
    assert "TAX 327" in text
    assert "ECOG" in text


def test_why_not_shows_what_blocks(capsys: Captured, case: Path, small_rules: list[str]):
    assert "EGFR TKI" in answer(capsys, "why-not", case, "EGFR TKI", *small_rules)


@pytest.mark.parametrize("command", ["why", "why-not"])
@pytest.mark.parametrize("style", ["text", "markdown", "json"])
def test_explanations_have_the_same_formats(
    capsys: Captured, case: Path, small_rules: list[str], command: str, style: str
):
    text = answer(capsys, command, case, "taxane", *small_rules, "-f", style)
    assert "taxane" in text.casefold()
    assert json.loads(text) if style == "json" else text.strip()


@pytest.mark.parametrize("command", ["why", "why-not"])
def test_an_explanation_of_an_unknown_therapy_gets_a_hint(
    capsys: Captured, case: Path, small_rules: list[str], command: str
):
    assert "did you mean `taxane`" in answer(capsys, command, case, "taxan", *small_rules, status=BAD_INPUT)


def test_an_explanation_takes_one_case(capsys: Captured, case: Path, small_rules: list[str]):
    case.with_name("second.yaml").write_text(case.read_text())
    assert "takes one" in answer(capsys, "why", case.parent, "taxane", *small_rules, status=BAD_INPUT)


# cases, therapies, rules, test


def test_cases_lists_the_shipped_ones(capsys: Captured):
    text = answer(capsys, "cases")
    for path in sorted((CHECKOUT / "cases").rglob("*.yaml")):
        assert str(path) in text


def test_each_listed_case_stands_over_its_own_path_even_if_another_is_broken(
    capsys: Captured, case: Path, bad_case: Path
):
    assert run(["cases", str(case.parent)]) == BAD_INPUT
    printed = capsys.readouterr()
    assert printed.out == f"fit\n    A fit patient\n    {case}\n"


def test_therapies_lists_classes_with_their_agents(capsys: Captured, small_rules: list[str]):
    text = answer(capsys, "therapies", *small_rules)
    assert "taxane" in text
    assert "agents: docetaxel" in text


def test_rules_lists_every_rule_with_those_that_the_loader_wrote(capsys: Captured, small_rules: list[str]):
    text = answer(capsys, "rules", *small_rules)
    assert "prostate.docetaxel" in text
    assert "already_failed.taxane" in text


def test_part_of_an_id_lists_the_rules_that_match(capsys: Captured, small_rules: list[str]):
    lines = answer(capsys, "rules", "taxane", *small_rules).splitlines()
    assert len(lines) == 2


def test_a_rule_is_shown_with_conditions_evidence_and_place(capsys: Captured, small_rules: list[str]):
    text = answer(capsys, "rules", "prostate.docetaxel", *small_rules)
    assert "healthy_pack/rules.yaml:24:5" in text
    assert "TAX 327" in text
    assert "unless" in text


def test_every_shipped_rule_can_be_shown(capsys: Captured):
    for line in answer(capsys, "rules").splitlines()[::40]:
        assert answer(capsys, "rules", line.split()[1])


def test_an_unknown_rule_gets_a_hint(capsys: Captured, small_rules: list[str]):
    message = answer(capsys, "rules", "prostate.docetaxol", *small_rules, status=BAD_INPUT)
    assert "did you mean `prostate.docetaxel`?" in message


def test_cases_that_get_what_they_expect_pass(capsys: Captured, case: Path, small_rules: list[str]):
    assert answer(capsys, "test", case, *small_rules) == "1 passed, 0 failed\n"


def test_a_case_that_does_not_get_what_it_expects_is_told_with_its_place(
    capsys: Captured, case: Path, small_rules: list[str]
):
    case.write_text(case.read_text().replace("recommended, rank: 1", "recommended, rank: 2"))
    text = answer(capsys, "test", case, *small_rules, status=DIFFERENT)
    assert f"{case}:11:58: TX030 `taxane` has rank 1, expected 2" in text
    assert "0 passed, 1 failed" in text


def test_a_broken_case_among_tests_is_bad_input(capsys: Captured, case: Path, bad_case: Path, small_rules: list[str]):
    assert run(["test", str(case), str(bad_case), *small_rules]) == BAD_INPUT
    printed = capsys.readouterr()
    assert "1 passed, 0 failed" in printed.out
    assert "2 problems" in printed.err


# schema


def schema(capsys: Captured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(capsys, "schema", "decision"))
    return found


def test_the_schema_is_a_json_schema(capsys: Captured):
    found = schema(capsys)
    Draft202012Validator.check_schema(found)
    assert found["$id"] == "txselect.decision/1"


def test_decisions_follow_the_schema(capsys: Captured):
    validator = Draft202012Validator(schema(capsys))
    shipped = sorted((CHECKOUT / "cases").rglob("*.yaml"))[::30]
    for line in answer(capsys, "recommend", *shipped, "-f", "json", "--engine", "linear").splitlines():
        validator.validate(json.loads(line))


def test_the_schema_refuses_what_is_no_decision(capsys: Captured, case: Path, small_rules: list[str]):
    validator = Draft202012Validator(schema(capsys))
    found = decision(capsys, case, *small_rules)
    assert validator.is_valid(found)
    assert not validator.is_valid({**found, "options": None})
    assert not validator.is_valid({key: value for key, value in found.items() if key != "flags"})
    assert not validator.is_valid({**found, "schema": "txselect.decision/2"})


def test_there_is_no_schema_of_anything_else(capsys: Captured):
    assert "there is `decision`" in answer(capsys, "schema", "rules", status=BAD_INPUT)


# Help


def test_the_version_is_printed(capsys: Captured):
    assert answer(capsys, "--version") == f"txselect {VERSION}\n"


def test_all_commands_are_known_to_these_tests():
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert sorted(names) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(capsys: Captured, command: str):
    assert f"Example: txselect {command}" in answer(capsys, command, "--help")


def test_the_help_names_every_command_and_exit_code(capsys: Captured):
    text = answer(capsys, "--help")
    assert [name for name in COMMANDS if f"  {name} " not in text] == []
    for word in ("Exit codes", "0 answered", "1 ", "2", "3 ", "no medical"):
        assert word in text


def test_an_unknown_command_is_bad_input(capsys: Captured):
    answer(capsys, "recomend", status=BAD_INPUT)


def test_evidence_lists_exactly_the_sources_that_nobody_checked(capsys: Captured):
    shown = answer(capsys, "evidence", "--unchecked")
    pack = load_rules().pack
    unchecked = [entry.id for entry in pack.evidence.values() if not entry.checked]
    assert re.findall(r"^(\w+)  \(\d+ rules?\)$", shown, re.MULTILINE) == unchecked
    assert f"{len(pack.evidence) - len(unchecked)} of {len(pack.evidence)} sources checked" in shown


def test_evidence_and_knowledge_say_what_they_do_not_know(capsys: Captured):
    source = answer(capsys, "evidence", "visionn", status=BAD_INPUT)
    assert "unknown source `visionn`" in source
    assert "did you mean `vision`?" in source
    assert "did you mean `prostate cancer` or" in answer(capsys, "knowledge", "prostat cancer", status=BAD_INPUT)


def test_knowledge_shows_the_situations_of_a_cancer(capsys: Captured):
    shown = answer(capsys, "knowledge", "prostate cancer")
    assert "# What the rules know about prostate cancer" in shown
    assert "| VISION (2021)" in shown
