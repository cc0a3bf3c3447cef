"""The commands. Each imports what it needs when it runs, so that the command line starts fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, cast

import typer

from txselect.cli import asking, comparing, deciding, explaining, keeping, listing, reporting
from txselect.cli.output import ANSWERED, BAD_INPUT, CHECK_FAILED, print_whatever_comes, show_problems
from txselect.errors import InputError, InternalCheckError
from txselect.version import VERSION

EPILOG = """Exit codes: 0 answered · 1 a difference was found (`test`, `diff`, `replay`) · 2 bad input, every problem as
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


COMMANDS = (
    ("recommend", deciding.recommend, "case.yaml --format markdown > case.md"),
    ("why", explaining.why, "case.yaml psma_radioligand"),
    ("why-not", explaining.why_not, "case.yaml parp_inhibitor"),
    ("compare", explaining.compare, "case.yaml psma_radioligand parp_inhibitor"),
    ("report", reporting.report, "case.yaml -o board.html"),
    ("what-if", comparing.what_if, "case.yaml --set ecog=3 --set sites.liver=present"),
    ("nearest", asking.nearest, "case.yaml parp_inhibitor --changeable-only"),
    ("diff", comparing.diff, "my-cases/ --rules old-rules/ --rules new-rules/"),
    ("cases", listing.cases, "my-cases/"),
    ("therapies", listing.therapies, "--rules my-rules/"),
    ("rules", listing.rules_, "already_failed"),
    ("test", deciding.check_cases, "my-cases/ --rules my-rules/"),
    ("replay", keeping.replay, "decision.json"),
    ("schema", listing.schema, "decision > decision.schema.json"),
)
"""Each command's name, what it runs and the example in its help."""

for _name, _command, _example in COMMANDS:
    app.command(_name, epilog=f"Example: txselect {_name} {_example}")(_command)


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
