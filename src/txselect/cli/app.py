"""The commands. Each imports what it needs when it runs, so that the command line starts fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any, cast

import typer

from txselect.cli import (
    asking,
    checking,
    cohort,
    comparing,
    deciding,
    explaining,
    formatting,
    keeping,
    listing,
    reporting,
    starting,
)
from txselect.cli.output import ANSWERED, BAD_INPUT, CHECK_FAILED, print_whatever_comes, show_problems
from txselect.errors import InputError, InternalCheckError
from txselect.version import VERSION

EPILOG = """Exit codes: 0 answered · 1 a difference or a fault was found (`test`, `diff`, `replay`,
`check`, `fmt --check`) · 2 bad input, every problem as
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


def _command(name: str, command: Callable[..., None], *, epilog: str) -> None:
    """Add a command whose help ends with an example."""
    app.command(name, epilog=f"Example: txselect {name} {epilog}")(command)


_command("recommend", deciding.recommend, epilog="case.yaml --format markdown > case.md")
_command("why", explaining.why, epilog="case.yaml psma_radioligand")
_command("why-not", explaining.why_not, epilog="case.yaml parp_inhibitor")
_command("compare", explaining.compare, epilog="case.yaml psma_radioligand parp_inhibitor")
_command("report", reporting.report, epilog="case.yaml -o board.html")
_command("what-if", comparing.what_if, epilog="case.yaml --set ecog=3 --set sites.liver=present")
_command("nearest", asking.nearest, epilog="case.yaml parp_inhibitor --changeable-only")
_command("next-test", asking.next_test, epilog="case.yaml")
_command("diff", comparing.diff, epilog="my-cases/ --rules old-rules/ --rules new-rules/")
_command("cohort", cohort.cohort, epilog="registry.parquet -o decided/")
_command("cases", listing.cases, epilog="my-cases/")
_command("therapies", listing.therapies, epilog="--rules my-rules/")
_command("rules", listing.rules_, epilog="already_failed")
_command("evidence", listing.evidence, epilog="--unchecked")
_command("knowledge", listing.knowledge, epilog="prostate > prostate.md")
_command("check", checking.check, epilog="--rules my-rules/ --witnesses found/")
app.add_typer(starting.new, name="new")
_command("fmt", formatting.fmt, epilog="my-rules/ my-cases/ --check")
_command("test", deciding.check_cases, epilog="my-cases/ --rules my-rules/")
_command("replay", keeping.replay, epilog="decision.json")
_command("schema", listing.schema, epilog="decision > decision.schema.json")


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
