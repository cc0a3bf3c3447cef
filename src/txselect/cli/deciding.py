"""Commands that decide: `recommend` and `test`."""

from __future__ import annotations

from typing import Annotated

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
from txselect.cli.margins import MarginsOption, write_margins
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
from txselect.cli.output import coloured, print_decision
from txselect.cli.testing import RecordOption, run_as_tests
from txselect.errors import InputError, Place, Problem


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
    from txselect.cli.inputs import answers, case_paths, read_with, rules_in, stand_for_several

    paths = case_paths(cases)
    problems: list[Problem] = []
    known = rules_in(rules)
    many = stand_for_several(cases)
    decided = answers(paths, lambda case: read_with(known, case, as_of, engine, jurisdiction), problems)
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
    record: RecordOption = False,
    margins: MarginsOption = None,
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
    """Run cases as tests: each must get what it expects, and what was recorded. Exit code 1 if one does not.

    With --record, what is decided now is recorded beside the cases, in recorded.json of their folder. With --coverage
    instead: what the cases show of the rules. With --mutate: whether they would notice a mistake there. With --margins:
    cases for what none of them shows, made by the solver.
    """
    from txselect.cli.coverage import show_coverage, show_mutation
    from txselect.shipped import shipped_folder

    given = cases or [str(shipped_folder("cases"))]
    if record and (coverage or mutate or margins):
        message = "nothing is recorded with --coverage, --mutate or --margins"
        raise InputError([Problem(Place("--record"), "TX005", message, "record first, in a run of its own")])
    if coverage:
        return show_coverage(given, rules, only, html, fail_under, coloured(color))
    if margins:
        return write_margins(given, rules, only, margins)
    if mutate:
        return show_mutation(given, rules, only, sample, seed, resume, jobs, fail_under, coloured(color), witnesses)
    return run_as_tests(given, rules, engine, record=record)
