"""Commands that explain the options of one case: `why`, `why-not` and `compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from txselect.cli.options import (
    CaseArgument,
    ColourOption,
    DateOption,
    EngineName,
    EngineOption,
    Format,
    FormatOption,
    JurisdictionOption,
    RulesOption,
    TherapyArgument,
)
from txselect.cli.output import coloured, print_explanation

OtherArgument = Annotated[str, typer.Argument(metavar="THERAPY", help="The therapy class to compare it with.")]
DepthOption = Annotated[
    int | None,
    typer.Option("--depth", metavar="N", min=1, help="Fold what lies below this depth; 1 shows the rules alone."),
]


def why(
    case: CaseArgument,
    therapy: TherapyArgument,
    depth: DepthOption = None,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Prove an option: the rules that recommend it, each condition with the value found, the evidence."""
    from txselect.cli.inputs import read_path
    from txselect.explain.lines import folded
    from txselect.explain.why import why as explain

    reading, decision = read_path(case, rules, as_of, engine, jurisdiction)
    print_explanation(folded(explain(reading, decision, therapy), depth), format, coloured(color))


def why_not(
    case: CaseArgument,
    therapy: TherapyArgument,
    depth: DepthOption = None,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Show every rule of a therapy, the nearest first: each condition met, failed (with the value found) or unknown."""
    from txselect.cli.inputs import read_path
    from txselect.explain.lines import folded
    from txselect.explain.why_not import why_not as explain

    reading, decision = read_path(case, rules, as_of, engine, jurisdiction)
    print_explanation(folded(explain(reading, decision, therapy), depth), format, coloured(color))


def compare(
    case: CaseArgument,
    therapy: TherapyArgument,
    other: OtherArgument,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Say why one option stands before another: each criterion of the ranking, and the first that differs."""
    from txselect.cli.inputs import read_path
    from txselect.explain.compare import compare as explain

    compared = explain(*read_path(case, rules, as_of, engine, jurisdiction), therapy, other)
    print_explanation(compared.explanation, format, coloured(color), compared)
