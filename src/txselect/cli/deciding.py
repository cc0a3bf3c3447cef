"""Commands that decide: `recommend` and `test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txselect.cli.coverage import (
    CoverageOption,
    FailUnderOption,
    HtmlOption,
    JobsOption,
    MutateOption,
    OnlyOption,
    ResumeOption,
    SampleOption,
    SeedOption,
    WitnessesOption,
)
from txselect.cli.keeping import LogOption, keep
from txselect.cli.options import (
    CasesArgument,
    ColourOption,
    DateOption,
    EngineName,
    EngineOption,
    Format,
    FormatOption,
    JurisdictionOption,
    RulesOption,
)
from txselect.cli.output import DIFFERENT, coloured, print_decision, with_progress
from txselect.errors import InputError, Problem

if TYPE_CHECKING:
    from txselect.model.profile import Case


def recommend(
    cases: CasesArgument,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    log: LogOption = None,
    color: ColourOption = None,
) -> None:
    """Decide cases: the ranked candidate therapy classes, what is missing, what conflicts, what was assumed.

    Several cases with --format json print one compact decision per line.
    """
    from txselect.cli.inputs import answers, case_paths, read_with, rules_in

    paths = case_paths(cases)
    problems: list[Problem] = []
    known = rules_in(rules)
    many = len(paths) > 1 or Path(cases[0]).is_dir()
    decided = answers(with_progress(paths), lambda case: read_with(known, case, as_of, engine, jurisdiction), problems)
    for number, (case, (_, decision)) in enumerate(decided):
        if log:
            keep(log, decision)
        print_decision(decision, case, format, many, number > 0, coloured(color))
    if problems:
        raise InputError(problems)


def check_cases(
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE...]", help="Case files or folders; by default those shipped.")
    ] = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    coverage: CoverageOption = False,
    html: HtmlOption = None,
    mutate: MutateOption = False,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    resume: ResumeOption = None,
    jobs: JobsOption = None,
    witnesses: WitnessesOption = None,
    only: OnlyOption = "",
    fail_under: FailUnderOption = None,
    color: ColourOption = None,
) -> None:
    """Run cases as tests: each must get what it expects. Exit code 1 if one does not.

    With --coverage instead: what the cases show of the rules. With --mutate: whether they would notice a mistake there.
    """
    from txselect.cli.coverage import show_coverage, show_mutation
    from txselect.cli.inputs import answers, case_paths, read_with, rules_in
    from txselect.expectations import unmet
    from txselect.shipped import shipped_folder

    given = cases or [str(shipped_folder("cases"))]
    if coverage:
        return show_coverage(given, rules, only, html, fail_under, coloured(color))
    if mutate:
        return show_mutation(given, rules, only, sample, seed, resume, jobs, fail_under, coloured(color), witnesses)
    known = rules_in(rules)
    problems: list[Problem] = []
    failed = passed = 0
    paths = with_progress(case_paths(given))

    def expected_otherwise(case: Case) -> tuple[Problem, ...]:
        return unmet(case, read_with(known, case, None, engine, None)[1], known.pack)

    for _, differences in answers(paths, expected_otherwise, problems):
        failed, passed = failed + bool(differences), passed + (not differences)
        for difference in differences:
            print(difference)
    print(f"{passed} passed, {failed} failed")
    if problems:
        raise InputError(problems)
    if failed:
        raise typer.Exit(DIFFERENT)
    return None
