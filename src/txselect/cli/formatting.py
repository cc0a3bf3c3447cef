"""The command that puts files into the house style: `fmt`."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import Annotated

import typer

from txselect.cli.options import ColourOption
from txselect.cli.output import DIFFERENT, coloured, with_progress
from txselect.errors import InputError, Place, Problem, printable


def fmt(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Rule and case files, folders, or - for standard input.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; name the files that would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    color: ColourOption = None,
) -> None:
    """Put rule and case files into the house style, in place. What they say, comments included, stays the same.

    Exit code 1 with --check or --diff if a file is not in it.
    """
    from txselect.cli.inputs import STANDARD_INPUT, YAML, case_paths

    problems: list[Problem] = []
    changed = unchanged = 0
    paths = case_paths(files, [YAML])
    for path in with_progress(paths, len(paths)):
        try:
            before, after = _both(path)
        except InputError as error:
            problems.extend(error.problems)
            continue
        changed, unchanged = changed + (before != after), unchanged + (before == after)
        if diff:
            _show_difference(path, before, after, coloured(color))
        elif path == STANDARD_INPUT and not check:
            sys.stdout.write(after.decode())
        elif before != after:
            _keep(path, after, written=not check)
    looking = check or diff
    if paths != [STANDARD_INPUT] or looking:
        _show_count(changed, unchanged, looking)
    if problems:
        raise InputError(problems)
    if changed and looking:
        raise typer.Exit(DIFFERENT)


def _both(path: str) -> tuple[bytes, bytes]:
    """What stands in a file and what should. Raises InputError for what cannot be read or has no house style."""
    from txselect.check.format import formatted_bytes
    from txselect.cli.inputs import STANDARD_INPUT
    from txselect.language.case import LINES
    from txselect.language.files import content_of

    if path.endswith(LINES):
        message = "lines of JSON have no house style; it is that of YAML files"
        raise InputError([Problem(Place(path), "TX014", message)])
    before = sys.stdin.buffer.read() if path == STANDARD_INPUT else content_of(Path(path))
    return before, formatted_bytes(before, "<stdin>" if path == STANDARD_INPUT else path)


def _keep(path: str, content: bytes, *, written: bool) -> None:
    if written:
        Path(path).write_bytes(content)
    print(f"formatted {path}" if written else path)


def _show_difference(path: str, before: bytes, after: bytes, colour: bool) -> None:
    old, new = (content.decode("utf-8-sig").splitlines() for content in (before, after))
    lines = [printable(line) for line in difflib.unified_diff(old, new, path, path, lineterm="")]
    if not colour:
        print("\n".join(lines), end="\n" if lines else "")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, no_color=False, soft_wrap=True, highlight=False)
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        console.print(Text(line, style=styles.get(line[:1], "")))


def _show_count(changed: int, unchanged: int, looking: bool) -> None:
    from txselect.decision.wording import counted

    print(f"{counted(changed, 'file')} {'would be ' if looking else ''}formatted, {unchanged} left alone")
