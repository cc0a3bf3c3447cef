"""`what-if` and `diff` on the command line: what they print, in which format, and how they end."""

import json
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from txselect.cli.app import run

CHECKOUT = Path(__file__).parents[2]
RULES = CHECKOUT / "tests" / "bad" / "healthy_pack"
ANSWERED, DIFFERENT, BAD_INPUT = 0, 1, 2

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def answer(capsys: Captured, *arguments: object, status: int = ANSWERED) -> str:
    ended = run([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert ended == status, printed.err
    return printed.err if status == BAD_INPUT else printed.out


@pytest.fixture
def stricter_rules(tmp_path: Path) -> Path:
    """The small pack with chemotherapy for ECOG 0 only."""
    folder = shutil.copytree(RULES, tmp_path / "stricter")
    file = folder / "rules.yaml"
    file.write_text(file.read_text().replace("{ecog: {at_most: 2}}", "{ecog: {at_most: 0}}"))
    return folder


# what-if


def test_what_if_says_what_was_changed_and_what_goes(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "what-if", case, "--set", "ecog=3", *small_rules)
    assert text.startswith("What if: ECOG performance status 3?\n")
    assert "1 is no longer offered" in text
    assert "- taxane: not indicated; before recommended, alternative, rank 1" in text
    assert "now not met: ECOG at most 2" in text


def test_several_changes_are_made_together(capsys: Captured, case: Path, small_rules: list[str]):
    changes = ["--set", "ecog=3", "--set", "comorbidities.rheumatoid arthritis=present", "--set", "cancer.stage=IV"]
    text = answer(capsys, "what-if", case, *changes, *small_rules)
    assert text.count("changed: ") == 3


def test_what_if_in_json_is_a_record(capsys: Captured, case: Path, small_rules: list[str]):
    found = json.loads(answer(capsys, "what-if", case, "--set", "ecog=3", *small_rules, "-f", "json"))
    assert found["edits"][0]["change"] == {"path": "ecog", "value": 3}
    (change,) = found["difference"]["options"]
    assert (change["kind"], change["rules"][0]["rule"]) == ("vanished", "prostate.docetaxel")


def test_what_if_in_markdown_has_a_heading_and_a_list(capsys: Captured, case: Path, small_rules: list[str]):
    text = answer(capsys, "what-if", case, "--set", "ecog=3", *small_rules, "-f", "markdown")
    assert text.startswith("# What if: ECOG performance status 3?")
    listed = [token.level for token in MarkdownIt().parse(text) if token.type == "list_item_open"]
    assert "\n- \\- taxane: not indicated" in text
    assert set(listed) == {1, 3, 5}


def test_what_if_needs_a_change(capsys: Captured, case: Path, small_rules: list[str]):
    assert "--set" in answer(capsys, "what-if", case, *small_rules, status=BAD_INPUT)


def test_every_change_that_cannot_be_made_is_listed(capsys: Captured, case: Path, small_rules: list[str]):
    wrong = ["--set", "ecog=9", "--set", "biomarkers.EGRF=positive", "--set", "stage=IV"]
    text = answer(capsys, "what-if", case, *wrong, *small_rules, status=BAD_INPUT)
    assert "--set ecog: TX005 `ecog`: expected at most 4, not `9`" in text
    assert "--set biomarkers.EGRF: TX006 unknown marker `EGRF`" in text
    assert "did you mean `cancer.stage`?" in text
    assert "3 problems" in text


# diff


def test_diff_names_the_edited_rule_and_ends_with_one(capsys: Captured, case: Path, stricter_rules: Path):
    text = answer(capsys, "diff", case, "--rules", RULES, "--rules", stricter_rules, status=DIFFERENT)
    assert text.startswith("What differs between healthy 1.0.0 (")
    assert "- taxane: not indicated; before recommended, alternative, rank 1" in text
    assert "fit for chemotherapy (edited: conditions, no longer holds, this alone does it)" in " ".join(text.split())


def test_the_same_rules_do_not_differ(capsys: Captured, case: Path):
    text = answer(capsys, "diff", case, "--rules", RULES, "--rules", RULES)
    assert "Nothing differs: the decision is the same." in text


def test_of_a_folder_the_cases_that_differ_are_told(capsys: Captured, case: Path, stricter_rules: Path):
    (case.parent / "cases").mkdir()
    for name, ecog in (("fitter", 0), ("worse", 4)):
        changed = case.read_text().replace("id: fit", f"id: {name}").replace("ecog: 1", f"ecog: {ecog}")
        (case.parent / "cases" / f"{name}.yaml").write_text(changed)
    shutil.copy(case, case.parent / "cases" / "fit.yaml")
    arguments = ("diff", case.parent / "cases", "--rules", RULES, "--rules", stricter_rules)
    text = answer(capsys, *arguments, status=DIFFERENT)
    assert "1 case decided otherwise, 2 unchanged." in text
    assert "↕ fit: - taxane" in text
    found = json.loads(answer(capsys, *arguments, "-f", "json", status=DIFFERENT))
    assert list(found["cases"]) == ["fit"]
    assert found["unchanged"] == 2


@pytest.mark.parametrize("given", [1, 3])
def test_two_rule_sets_are_compared_and_no_other_number(capsys: Captured, case: Path, given: int):
    text = answer(capsys, "diff", case, *["--rules", RULES] * given, status=BAD_INPUT)
    assert f"--rules: TX005 two rule sets are compared, not {given}" in text


def test_a_case_that_cannot_be_read_is_bad_input_and_no_difference(
    capsys: Captured, case: Path, bad_case: Path, stricter_rules: Path
):
    text = answer(capsys, "diff", case, bad_case, "--rules", RULES, "--rules", stricter_rules, status=BAD_INPUT)
    assert "2 problems" in text


def test_a_profile_that_only_one_rule_set_can_read_is_bad_input(capsys: Captured, case: Path, stricter_rules: Path):
    vocabulary = stricter_rules / "vocabulary.yaml"
    vocabulary.write_text(vocabulary.read_text().replace("code: PRAD,", "code: PRCA,"))
    text = answer(capsys, "diff", case, "--rules", RULES, "--rules", stricter_rules, status=BAD_INPUT)
    assert "unknown cancer type `PRAD`" in text
