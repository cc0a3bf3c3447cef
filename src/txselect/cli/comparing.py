"""Commands that compare two decisions: `what-if` changes the profile, `diff` the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from txselect.cli.options import (
    CaseArgument,
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
from txselect.cli.output import DIFFERENT, coloured, print_explanation
from txselect.errors import InputError, Place, Problem

SetOption = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="A change of the profile, such as ecog=3; may be repeated."),
]
BothRulesOption = Annotated[
    list[Path], typer.Option("--rules", metavar="DIR", help="A folder of rules; give it twice, the older rules first.")
]


def what_if(
    case: CaseArgument,
    changes: SetOption,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Change a case and show what appears, vanishes or moves, each with the rule and the condition that turned.

    All changes are made together. Paths are those of a profile: ecog, cancer.stage, biomarkers.NAME, measurements.NAME,
    sites.NAME, comorbidities.NAME, drugs.NAME, prior_therapies.NAME and so on; docs/profile.md lists them with their
    values. The value `unknown` takes back what the profile says.
    """
    from txselect.cli.inputs import how_to_decide, read_single, rules_in
    from txselect.inquiry.what_if import what_if as ask

    how = how_to_decide(as_of, engine, jurisdiction)
    answer = ask(rules_in(rules), read_single(case), changes, **how)
    print_explanation(answer.explanation, format, coloured(color), answer)


def diff(
    cases: CasesArgument,
    rules: BothRulesOption,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Compare two rule sets on cases: what differs, and which edited rules did it. Exit code 1 if a decision differs.

    Of several cases those that differ are listed, each with the rules that did it.
    """
    from txselect.cli.inputs import answers, case_paths, how_to_decide, rules_in, stand_for_several
    from txselect.inquiry.rule_sets import RuleSets, on_cases

    paths = case_paths(cases)
    sets = RuleSets(*map(rules_in, _two(rules)))
    how = how_to_decide(as_of, engine, jurisdiction)
    problems: list[Problem] = []
    differences = answers(paths, lambda case: sets.diff(case, **how), problems)
    found = [(case.id, difference) for case, difference in differences]
    if problems:
        raise InputError(problems)
    answer = on_cases(found) if stand_for_several(cases) else found[0][1]
    print_explanation(answer.explanation, format, coloured(color), answer)
    if not all(each.difference.is_empty for _, each in found):
        raise typer.Exit(DIFFERENT)


def _two(rules: list[Path]) -> tuple[Path, Path]:
    if len(rules) == 2:
        return rules[0], rules[1]
    message = f"two rule sets are compared, not {len(rules)}"
    raise InputError([Problem(Place("--rules"), "TX005", message, "write --rules OLD --rules NEW")])
