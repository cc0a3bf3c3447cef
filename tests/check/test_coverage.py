"""What cases show of the rules: the columns say what the engine says, and the report says what the columns say."""

from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from check.small_rules import written
from knowledge.shipped import cases, rules
from laws.strategies import pack_with, profiles, rule_lists
from scale import examples
from txselect.check.columns import Column, Columns, joined, patients_of
from txselect.check.coverage import Coverage, SeenCondition, coverage
from txselect.check.coverage_page import coverage_page
from txselect.check.coverage_text import coverage_text, gaps
from txselect.cli.coverage import show_coverage
from txselect.errors import InputError
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.model.condition import All, AnyOf, AtLeast, FieldIs, Not, occurrences_in
from txselect.model.profile import Case
from txselect.model.rules import Rule, RulePack
from txselect.pipeline import Rules, reread
from txselect.program.observe import all_of, any_of

PROFILES = {
    "fit": "cancer: {type: PRAD, extent: metastatic, sites: []}\necog: 1\ncomorbidities: []",
    "liver": "cancer: {type: PRAD, extent: metastatic, sites: [liver]}\necog: 1\ncomorbidities: []",
    "unfit": "cancer: {type: PRAD, extent: metastatic, sites: []}\necog: 3\ncomorbidities: []",
    "lung": "cancer: {type: LUAD, extent: localised, sites: []}\necog: 3\ncomorbidities: [rheumatoid arthritis]",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small rule set of which the cases below do not show everything."""
    return written(tmp_path / "rules")


@pytest.fixture
def pack(folder: Path) -> RulePack:
    return read_pack(folder)


def small_cases() -> list[Case]:
    return [read_case(text, f"{name}.yaml") for name, text in PROFILES.items()]


def condition(found: Coverage, about: str) -> SeenCondition:
    """The one condition of the docetaxel rule whose own words hold this."""
    return next(seen for seen in found.rules[-1].conditions if about in repr(seen.condition))


def named(found: Coverage, members: int) -> set[str]:
    return {name for number, name in enumerate(found.cases) if members >> number & 1}


# Columns


def truths(column: Column, count: int) -> list[bool | None]:
    return [True if column.true >> n & 1 else False if column.false >> n & 1 else None for n in range(count)]


def says_what_the_engine_says(pack: RulePack, given_cases: list[Case]) -> int:
    """How many truths of written rules were compared."""
    columns, known, compared = Columns(pack, patients_of(pack, given_cases)), Rules(pack), 0
    found = {rule.id: truths(columns.of_rule(rule), len(given_cases)) for rule in pack.written.values()}
    asked = {rule.id: columns.asked(rule) for rule in pack.written.values()}
    for number, case in enumerate(given_cases):
        reading = reread(known, case.profile, case.profile.as_of or pack.date, None)
        for name in found.keys() & reading.program.rules.keys():
            assert found[name][number] is reading.rule_truth(name), f"{name} in {case.id}"
            compared += 1
        assert {name for name in found if asked[name] >> number & 1} == found.keys() - reading.program.left_out.keys()
    return compared


@pytest.mark.slow
def test_the_columns_say_of_every_shipped_rule_and_case_what_the_engine_says():
    assert says_what_the_engine_says(rules().pack, list(cases().values())) > 100_000


@settings(max_examples=examples(150, nightly=2_000))
@given(made=rule_lists(), patients=st.lists(profiles(), min_size=1, max_size=4))
def test_the_columns_say_what_the_engine_says_of_made_up_rules_and_profiles(
    made: list[Rule], patients: list[dict[str, Any]]
):
    pack = pack_with(made)
    made_up = [
        Case(id=str(number), title="-", narrative="-", profile=profile)  # type: ignore[arg-type]
        for number, profile in enumerate(patients)
    ]
    says_what_the_engine_says(pack, made_up)


@given(
    st.lists(st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3), min_size=1, max_size=5), st.data()
)
def test_at_least_so_many_are_counted_case_by_case(found: list[list[bool | None]], data: st.DataObject):
    count = data.draw(st.integers(1, len(found)))
    parts = tuple(FieldIs("sex", (str(number),)) for number in range(len(found)))
    columns = [
        Column(sum(1 << n for n in range(3) if row[n]), sum(1 << n for n in range(3) if row[n] is False))
        for row in found
    ]
    column = joined(AtLeast(count, parts), iter(columns))
    for number in range(3):
        here = [row[number] for row in found]
        assert truths(column, 3)[number] is kleene_at_least(count, here)


def kleene_at_least(count: int, values: list[bool | None]) -> bool | None:
    if values.count(True) >= count:
        return True
    return None if len(values) - values.count(False) >= count else False


# What is seen


def test_a_condition_is_seen_in_the_cases_that_the_rule_is_asked_of(pack: RulePack):
    found = coverage(pack, small_cases())
    liver = condition(found, "liver").seen
    assert named(found, liver.true) == {"liver"}
    assert named(found, liver.false) == {"fit", "unfit"}  # the lung cancer is outside the scope
    assert liver.missed == ("unknown",)


def test_a_condition_decides_where_the_rule_would_come_out_otherwise_without_it(pack: RulePack):
    found = coverage(pack, small_cases())
    assert named(found, condition(found, "fit").seen.cases("decisive")) == {"fit", "unfit"}
    assert named(found, condition(found, "liver").seen.cases("decisive")) == {"unfit"}


@settings(max_examples=examples(60, nightly=600))
@given(made=rule_lists(), profile=profiles())
def test_a_condition_decides_just_where_taking_it_otherwise_changes_the_rule(made: list[Rule], profile: dict[str, Any]):
    pack = pack_with(made)
    case = Case(id="one", title="-", narrative="-", profile=profile)  # type: ignore[arg-type]
    columns = Columns(pack, patients_of(pack, [case]))
    for rule in coverage(pack, [case]).rules:
        column = columns.of_rule(rule.rule)
        assert [seen.condition for seen in rule.conditions] == list(occurrences_in(rule.rule.condition))
        for position, seen in enumerate(rule.conditions):
            others = [with_one_taken_as(columns, rule.rule, position, value) for value in (True, False, None)]
            differs = any(found != truths(column, 1) for found in others)
            assert bool(seen.seen.decisive) is (differs and bool(columns.asked(rule.rule)))


def with_one_taken_as(columns: Columns, rule: Rule, position: int, value: bool | None) -> list[bool | None]:
    """The rule in the first case, by a recursion over single truths."""
    counter = iter(range(1_000))

    def truth(part: Any) -> bool | None:
        match part:
            case All(parts):
                return all_of([truth(each) for each in parts])
            case AnyOf(parts):
                return any_of([truth(each) for each in parts])
            case AtLeast(count, parts):
                return kleene_at_least(count, [truth(each) for each in parts])
            case Not(inner):
                found = truth(inner)
                return None if found is None else not found
            case _:
                taken = next(counter) == position
                return value if taken else truths(columns.of_occurrence(part), 1)[0]

    written = truth(rule.condition)
    scope = columns.scoped(rule, Column(1, 0) if written else Column(0, 1) if written is False else Column(0, 0))
    return truths(scope, 1)


# The report


def test_the_report_names_what_no_case_shows_worst_first_with_its_place(pack: RulePack, folder: Path):
    text = coverage_text(coverage(pack, small_cases()), pack)
    file = (folder / "rules.yaml").as_posix()
    assert text.splitlines()[6:] == [
        "Not shown by any case",
        f"{file}:15:38: never false and never unknown: metastatic disease [prostate.docetaxel]",
        f"{file}:16:14: never true and never unknown: rheumatoid arthritis [prostate.docetaxel]",
        f"{file}:7:5: never unknown: the rule as a whole [fitness.fit]",
        f"{file}:9:11: never unknown: ECOG at most 2 [fitness.fit]",
        f"{file}:12:5: never unknown: the rule as a whole [prostate.docetaxel]",
        f"{file}:15:25: never unknown: fit for chemotherapy [prostate.docetaxel]",
        f"{file}:15:62: never unknown: metastases in liver [prostate.docetaxel]",
        "65.3 % of what there is to see was seen; 7 gaps",  # 17 of 2 rules x 3 and 5 conditions x 4
    ]


def test_only_some_rules_are_looked_at(pack: RulePack):
    found = coverage(pack, small_cases(), "fitness.")
    assert [rule.rule.id for rule in found.rules] == ["fitness.fit"]
    assert [gap.missed for gap in gaps(found, pack)] == [("unknown",), ("unknown",)]


def test_the_page_shows_the_file_as_it_is_written_and_steers_nothing(pack: RulePack):
    page = coverage_page(coverage(pack, small_cases()))
    assert "&lt;b&gt;not bold&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http:" not in page.replace("http-equiv", "")
    assert '<mark class="unseen" title="true: no case; false: 3 cases (fit, liver and unfit); unknown: no case;' in page


def test_the_command_writes_the_page_and_fails_under_a_threshold(folder: Path, tmp_path: Path):
    for case in small_cases():
        (tmp_path / f"{case.id}.yaml").write_text(PROFILES[case.id], encoding="utf-8")
    given_cases = [str(tmp_path / f"{name}.yaml") for name in PROFILES]
    page = tmp_path / "coverage.html"
    show_coverage(given_cases, folder, "", page, 60, colour=False)
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(typer.Exit) as ended:
        show_coverage(given_cases, folder, "", None, 99, colour=False)
    assert ended.value.exit_code == 1


def test_a_prefix_that_no_rule_has_is_refused(folder: Path, tmp_path: Path):
    with pytest.raises(InputError, match="no rule's id begins with `lung`"):
        show_coverage([str(tmp_path)], folder, "lung", None, None, colour=False)
