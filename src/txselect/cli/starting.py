"""Commands that write something to begin with: `new pack`, `new rule`, `new case`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

new = typer.Typer(
    help="Write a pack, a rule or a case to begin with. It loads and its tests pass at once; nothing is overwritten.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_RulesFolder = Annotated[Path, typer.Option("--rules", metavar="DIR", help="The folder of rules to add to.")]
_CasesFolder = Annotated[
    Path | None,
    typer.Option("--cases", metavar="DIR", help="The folder of cases; by default `cases` beside the rules."),
]


@new.command(epilog="Example: txselect new pack my-pack && txselect test my-pack/cases --rules my-pack/rules")
def pack(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, and that of its folder: my-pack.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where the folder is to be made.")] = Path(),
) -> None:
    """Write a small pack: ranking, vocabulary, a rule with its source, a case that fires, one that nearly fires.

    Rename and replace from there: docs/rules.md says what the rules say, and every file can be edited.
    """
    from datetime import date

    from txselect.scaffold.new_pack import new_pack

    _tell(new_pack(name, into, date.today()), into / name / "rules", into / name / "cases")  # noqa: DTZ011


@new.command(
    epilog="Example: txselect new rule lung.egfr --therapy egfr_tki --cancer NSCLC --marker EGFR --rules my-pack/rules"
)
def rule(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="The rule's id: lower-case words joined by dots.")],
    therapy: Annotated[str, typer.Option("--therapy", metavar="CLASS", help="The therapy class it recommends.")],
    cancer: Annotated[
        str | None, typer.Option("--cancer", metavar="CANCER", help="The cancer it applies to; left out: any.")
    ] = None,
    marker: Annotated[
        str | None, typer.Option("--marker", metavar="MARKER", help="A marker that must be positive, or high.")
    ] = None,
    prior: Annotated[
        str | None, typer.Option("--prior", metavar="THERAPY", help="A class or agent that must have failed before.")
    ] = None,
    rules: _RulesFolder = Path("rules"),
    cases: _CasesFolder = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A rule file to add to; by default one named after the rule."),
    ] = None,
) -> None:
    """Write a rule, its source still to be named, a case in which it fires and one in which it misses by one condition.

    With neither --marker nor --prior the condition is about ECOG. A line goes to docs/rules.md beside the rules.
    """
    from txselect.scaffold.new_rule import new_rule
    from txselect.scaffold.wanted import Places, Wanted

    beside = cases or rules.parent / "cases"
    places = Places(rules, beside, rules.parent / "docs" / "rules.md", file)
    _tell(new_rule(Wanted(rule_id, therapy, cancer, marker, prior), places), rules, beside)


@new.command(epilog="Example: txselect new case after-two-lines --cancer NSCLC --rules my-pack/rules")
def case(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="The case's id: lower-case words joined by `-`.")],
    cancer: Annotated[str, typer.Option("--cancer", metavar="CANCER", help="The cancer: code, name or alias.")],
    rules: _RulesFolder = Path("rules"),
    cases: _CasesFolder = None,
) -> None:
    """Write a case that expects what the rules decide now.

    Then edit the profile, and let `expect` say what should come of it: `txselect test` compares.
    """
    from txselect.scaffold.new_case import new_case

    beside = cases or rules.parent / "cases"
    _tell([new_case(case_id, cancer, rules, beside)], rules, beside)


def _tell(written: Iterable[Path], rules: Path, cases: Path) -> None:
    for path in written:
        print(f"wrote {path.as_posix()}")
    print(f"next: txselect test {cases.as_posix()} --rules {rules.as_posix()}")
