"""What the command line prints: plain text that colours itself on a terminal that wants colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper

from txselect.errors import Problem

_STYLES = (
    (r"(?m)^\s*(?P<good>✓)", "green"),
    (r"(?m)^\s*(?P<bad>✗)", "red"),
    (r"(?m)^\s*(?P<open>\?)", "yellow"),
    (r"(?m)^ *\d+=?  (?P<option>.+)$", "bold"),
    (r"(?m)^(?P<heading>[A-Z][^:\n]{2,40})$", "bold"),
    (r"(?m)^     (?P<name>[a-z][a-z ]+):", "dim"),
)


def print_whatever_comes() -> None:
    """Print a question mark for a character that the terminal's encoding lacks, where Python would stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def coloured(wanted: bool | None) -> bool:
    """Whether to colour: as asked, else on a terminal unless NO_COLOR is set."""
    if wanted is not None:
        return wanted
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def show(text: str, colour: bool) -> None:
    """Print text, with colour for signs and headings."""
    if not colour:
        print(text)
        return
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    for pattern, style in _STYLES:
        styled.highlight_regex(pattern, style)
    Console(force_terminal=True, no_color=False, soft_wrap=True, highlight=False).print(styled)


def show_problems(problems: Iterable[Problem]) -> None:
    """Every problem on standard error, sorted by place, with a closing count."""
    ordered = sorted(set(problems))
    for problem in ordered:
        print(problem, file=sys.stderr)
    print(f"{len(ordered)} problem{'s' if len(ordered) != 1 else ''}", file=sys.stderr)
