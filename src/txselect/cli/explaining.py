"""Commands that explain one option of one case: `why` and `why-not`."""

from __future__ import annotations

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


def why(
    case: CaseArgument,
    therapy: TherapyArgument,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Prove an option: the rules that recommend it, each condition with the value found, the evidence."""
    from txselect.cli.inputs import read_path
    from txselect.explain.why import why as explain

    reading, decision = read_path(case, rules, as_of, engine, jurisdiction)
    print_explanation(explain(reading, decision, therapy), format, coloured(color))


def why_not(
    case: CaseArgument,
    therapy: TherapyArgument,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Show every rule of a therapy, the nearest first: each condition met, failed (with the value found) or unknown."""
    from txselect.cli.inputs import read_path
    from txselect.explain.why_not import why_not as explain

    reading, decision = read_path(case, rules, as_of, engine, jurisdiction)
    print_explanation(explain(reading, decision, therapy), format, coloured(color))
