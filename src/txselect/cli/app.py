"""The commands. Each imports what it needs when it runs, so that the command line starts fast."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from txselect.cli.output import coloured, print_whatever_comes, show, show_problems
from txselect.errors import InputError, InternalCheckError, Place, Problem
from txselect.version import VERSION

if TYPE_CHECKING:
    from txselect.decision.reading import Reading
    from txselect.decision.record import Decision
    from txselect.explain.lines import Explanation
    from txselect.model.profile import Case
    from txselect.pipeline import Rules

ANSWERED, DIFFERENT, BAD_INPUT, CHECK_FAILED = 0, 1, 2, 3

EPILOG = """Exit codes: 0 answered · 1 a case's expectations are not met (`test`) · 2 bad input, every problem listed as
file:line:column · 3 an internal check failed, so there is no answer. For discussion and teaching; no medical device."""

app = typer.Typer(
    name="txselect",
    help="Candidate therapy classes for a case of advanced cancer, ranked, each with its evidence and its proof.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    text = "text"
    markdown = "markdown"
    json = "json"


class EngineName(StrEnum):
    durable = "durable"
    linear = "linear"


class Jurisdiction(StrEnum):
    fda = "FDA"
    ema = "EMA"


CasesArgument = Annotated[
    list[str], typer.Argument(metavar="CASE...", help="Case or profile files, folders, or - for standard input.")
]
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="A case or profile file, or - for standard input.")]
TherapyArgument = Annotated[
    str, typer.Argument(metavar="THERAPY", help="A therapy class; `txselect therapies` lists them.")
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the answer.")]
DateOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Decide as of this day (2026-11-30) instead of the profile's."),
]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="Which engine runs; every run is certified.")]
RulesOption = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="A folder of rules instead of those shipped.")
]
JurisdictionOption = Annotated[
    Jurisdiction | None, typer.Option("--jurisdiction", help="Leave out what only the other agency approved.")
]
ColourOption = Annotated[
    bool | None, typer.Option("--color/--no-color", help="Colour; by default on a terminal without NO_COLOR.")
]


@app.command(epilog="Example: txselect recommend case.yaml --format markdown > case.md")
def recommend(
    cases: CasesArgument,
    format: FormatOption = Format.text,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
    color: ColourOption = None,
) -> None:
    """Decide cases: the ranked candidate therapy classes, what is missing, what conflicts, what was assumed.

    Several cases with --format json print one compact decision per line.
    """
    from txselect.cli.inputs import case_paths, read_all

    paths = case_paths(cases)
    problems: list[Problem] = []
    known = _rules(rules)
    many = len(paths) > 1 or Path(cases[0]).is_dir()
    for number, (_, case) in enumerate(read_all(_with_progress(paths), problems)):
        try:
            _, decision = _read(known, case, as_of, engine, jurisdiction)
        except InputError as error:
            problems.extend(error.problems)
            continue
        _print_decision(decision, case, format, many, number > 0, coloured(color))
    if problems:
        raise InputError(problems)


def _print_decision(decision: Decision, case: Case, style: Format, many: bool, follows: bool, colour: bool) -> None:
    match style:
        case Format.json:
            from txselect.decision.serialise import to_json

            print(to_json(decision, compact=many))
        case Format.markdown:
            from txselect.explain.markdown import decision_markdown

            print(("\n" if follows else "") + decision_markdown(decision, case.title))
        case Format.text:
            from txselect.explain.text import decision_text

            if follows:
                print("-" * 60)
            show(decision_text(decision, case.title if case.title == case.id else f"{case.title} [{case.id}]"), colour)


@app.command(epilog="Example: txselect why case.yaml psma_radioligand")
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
    from txselect.explain.why import why as explain

    reading, decision = _read_path(case, rules, as_of, engine, jurisdiction)
    _print_explanation(explain(reading, decision, therapy), format, coloured(color))


@app.command("why-not", epilog="Example: txselect why-not case.yaml parp_inhibitor")
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
    from txselect.explain.why_not import why_not as explain

    reading, decision = _read_path(case, rules, as_of, engine, jurisdiction)
    _print_explanation(explain(reading, decision, therapy), format, coloured(color))


def _print_explanation(explanation: Explanation, style: Format, colour: bool) -> None:
    match style:
        case Format.json:
            from dataclasses import asdict

            print(json.dumps(asdict(explanation), indent=2, ensure_ascii=False))
        case Format.markdown:
            from txselect.explain.markdown import explanation_markdown

            print(explanation_markdown(explanation))
        case Format.text:
            show(str(explanation), colour)


@app.command(epilog="Example: txselect cases my-cases/")
def cases(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A folder of cases instead of those shipped.")
    ] = None,
) -> None:
    """List cases: id, title and path, ready for `txselect recommend`."""
    from txselect.cli.inputs import case_paths, read_all
    from txselect.shipped import shipped_folder

    problems: list[Problem] = []
    paths = case_paths([str(folder or shipped_folder("cases"))])
    for path, case in read_all(paths, problems):
        kind = f" [{case.source.kind.replace('_', ' ')}]" if case.source else ""
        trap = " [trap]" if case.trap else ""
        print(f"{case.id}{kind}{trap}\n    {case.title}\n    {path}")
    if problems:
        raise InputError(problems)


@app.command(epilog="Example: txselect therapies --rules my-rules/")
def therapies(rules: RulesOption = None) -> None:
    """List the therapy classes that the rules can recommend, with their agents."""
    from txselect.explain.listing import therapies_text

    print(therapies_text(_rules(rules).pack))


@app.command("rules", epilog="Example: txselect rules already_failed")
def rules_(
    rule: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Show this rule; part of an id lists those that match.")
    ] = None,
    rules: RulesOption = None,
) -> None:
    """List the rules, or show one with its conditions, evidence and file:line."""
    from txselect.explain.listing import rule_text, rules_text

    pack = _rules(rules).pack
    if rule is not None and rule in pack.rules:
        print(rule_text(pack, pack.rules[rule]))
        return
    matching = [found for found in pack.rules.values() if rule is None or rule in found.id]
    if not matching:
        from txselect.errors import did_you_mean

        raise InputError(
            [Problem(Place("<rule>"), "TX006", f"unknown rule `{rule}`", did_you_mean(rule or "", pack.rules))]
        )
    print(rules_text(matching))


@app.command("test", epilog="Example: txselect test my-cases/ --rules my-rules/")
def check_cases(
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE...]", help="Case files or folders; by default those shipped.")
    ] = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
) -> None:
    """Run cases as tests: each must get what it expects. Exit code 1 if one does not."""
    from txselect.cli.inputs import case_paths, read_all
    from txselect.expectations import unmet
    from txselect.shipped import shipped_folder

    known = _rules(rules)
    problems: list[Problem] = []
    failed = passed = 0
    for _, case in read_all(_with_progress(case_paths(cases or [str(shipped_folder("cases"))])), problems):
        try:
            _, decision = _read(known, case, None, engine, None)
            differences = unmet(case, decision, known.pack)
        except InputError as error:
            problems.extend(error.problems)
            continue
        failed, passed = failed + bool(differences), passed + (not differences)
        for difference in differences:
            print(difference)
    print(f"{passed} passed, {failed} failed")
    if problems:
        raise InputError(problems)
    if failed:
        raise typer.Exit(DIFFERENT)


@app.command(epilog="Example: txselect schema decision > decision.schema.json")
def schema(what: Annotated[str, typer.Argument(help="What to describe: decision.")] = "decision") -> None:
    """Print the JSON Schema of what txselect writes."""
    from txselect.decision.serialise import schema as decision_schema

    if what != "decision":
        raise InputError(
            [Problem(Place("<schema>"), "TX006", f"there is no schema of `{what}`", "there is `decision`")]
        )
    print(json.dumps(decision_schema(), indent=2))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"txselect {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Shared options."""


def _rules(folder: Path | None) -> Rules:
    from txselect.cache import cached_pack
    from txselect.pipeline import Rules
    from txselect.shipped import shipped_folder

    return Rules(cached_pack(folder or shipped_folder("rules")))


def _read_path(
    path: str, rules: Path | None, as_of: str | None, engine: EngineName, jurisdiction: Jurisdiction | None
) -> tuple[Reading, Decision]:
    from txselect.cli.inputs import case_paths, read_one

    paths = case_paths([path])
    if len(paths) > 1:
        message = f"{len(paths)} cases lie here, and this command takes one"
        raise InputError([Problem(Place(path), "TX014", message, f"for example {paths[0]}")])
    return _read(_rules(rules), read_one(paths[0]), as_of, engine, jurisdiction)


def _read(
    rules: Rules, case: Case, as_of: str | None, engine: EngineName, jurisdiction: Jurisdiction | None
) -> tuple[Reading, Decision]:
    from txselect.pipeline import read

    return read(rules, case.profile, as_of=_day(as_of), engine=engine.value, jurisdiction=jurisdiction)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    from txselect.model.forms import day_of

    try:
        return day_of(text)
    except ValueError as error:
        raise InputError([Problem(Place("--as-of"), "TX005", str(error))]) from None


def _with_progress(paths: Sequence[str]) -> Iterator[str]:
    """A progress bar on standard error for long work, if someone is watching."""
    if len(paths) < 20 or not sys.stderr.isatty():
        yield from paths
        return
    from rich.console import Console
    from rich.progress import Progress

    # What is printed meanwhile goes above the bar on a terminal, and is left alone on its way into a file.
    beside = Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with beside as progress:
        yield from progress.track(paths, description="cases")


def _discard_output() -> None:
    """Let Python's own flush at the end find somewhere to write to."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    print_whatever_comes()
    try:
        result = app(list(arguments), standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        show_problems(error.problems)
        return BAD_INPUT
    except InternalCheckError as error:
        print(f"internal check failed, so there is no answer: {error}", file=sys.stderr)
        return CHECK_FAILED
    except typer.TyperException as error:
        cast(Any, error).show()
        return BAD_INPUT
    except typer.Abort:
        return BAD_INPUT
    except (BrokenPipeError, SystemExit):  # Typer ends the program where the reader of the output went away
        _discard_output()
        return ANSWERED
    return result if isinstance(result, int) else ANSWERED
