"""Commands that ask what a decision rests on: `nearest` and `next-test`."""

from __future__ import annotations

import shlex
from pathlib import Path
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
    Jurisdiction,
    JurisdictionOption,
    RulesOption,
    TherapyArgument,
)
from txselect.cli.output import coloured, print_explanation

LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Show at most this many ways.")]
ChangeableOption = Annotated[
    bool,
    typer.Option("--changeable-only", help="Leave out what is known and nobody can change, such as age or history."),
]

OneTherapyArgument = Annotated[
    str | None, typer.Argument(metavar="THERAPY", help="Ask about this therapy class alone.", show_default=False)
]


def nearest(
    case: CaseArgument,
    therapy: TherapyArgument,
    limit: LimitOption = 5,
    changeable_only: ChangeableOption = False,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Find the smallest changes of a case that make a therapy recommended or, if it is, take it off the list.

    Each way says what is to be found out (?), what would have to change (↕) and what cannot be changed (✗), and how to
    try it with `txselect what-if`. Each is confirmed by a run of the rules, and no part of it would do.
    """
    from txselect.cli.inputs import how_to_decide, read_single, rules_in
    from txselect.inquiry.nearest import nearest as ask
    from txselect.inquiry.ways import nearest_explanation

    how = how_to_decide(as_of, engine, jurisdiction)
    found = ask(rules_in(rules), read_single(case), therapy, limit=limit, changeable_only=changeable_only, **how)
    explanation = nearest_explanation(found, _what_if(case, as_of, rules, jurisdiction))
    print_explanation(explanation, format, coloured(color), found)


def next_test(
    case: CaseArgument,
    therapy: OneTherapyArgument = None,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Find the fewest tests that settle every open option of a case, whatever they show, and what each is worth.

    Each test says what it settles with any result (✓), what some result of it could confirm (+) or rule out (-), and
    what it counts for only together with others. A test that can change nothing is not named.
    """
    from txselect.cli.inputs import how_to_decide, read_single, rules_in
    from txselect.inquiry.next_test import next_test as ask
    from txselect.inquiry.worth import next_test_explanation

    how = how_to_decide(as_of, engine, jurisdiction)
    found = ask(rules_in(rules), read_single(case), therapy, **how)
    print_explanation(next_test_explanation(found), format, coloured(color), found)


def _what_if(case: str, as_of: str | None, rules: Path | None, jurisdiction: Jurisdiction | None) -> str:
    """The command that asks `what-if` of the same case under the same rules."""
    options = {"--as-of": as_of, "--rules": rules, "--jurisdiction": jurisdiction}
    given = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    return shlex.join(["txselect", "what-if", case, *given])
