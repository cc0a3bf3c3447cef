"""What the command line prints: plain text that colours itself on a terminal that wants colour."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from typing import TYPE_CHECKING, TypeVar

from txselect.cli.options import Format
from txselect.errors import Problem, printable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from txselect.decision.record import Decision
    from txselect.explain.lines import Explanation
    from txselect.model.profile import Case

Item = TypeVar("Item")
ANSWERED, DIFFERENT, BAD_INPUT, CHECK_FAILED = 0, 1, 2, 3

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
    """Print text, with colour for signs and headings. What could steer the terminal is made visible."""
    text = printable(text)
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


def print_decision(decision: Decision, case: Case, style: Format, many: bool, follows: bool, colour: bool) -> None:
    """A decision in the format asked for; `many`: one of several, `follows`: not the first of them."""
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


def print_explanation(
    explanation: Explanation, style: Format, colour: bool, record: DataclassInstance | None = None
) -> None:
    """An explanation in the format asked for; JSON gives the record that it explains, where there is one."""
    match style:
        case Format.json:
            from dataclasses import asdict

            print(json.dumps(asdict(record or explanation), indent=2, ensure_ascii=False, default=str))
        case Format.markdown:
            from txselect.explain.markdown import explanation_markdown

            print(explanation_markdown(explanation))
        case Format.text:
            show(str(explanation), colour)


def with_progress(cases: Iterable[Item], total: int) -> Iterator[Item]:
    """A progress bar over cases or their files, if there are many."""
    return iter(cases) if total < 20 else watched(cases, total, "cases")


def watched(items: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    """A progress bar on standard error for long work, if someone is watching."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    # What is printed meanwhile goes above the bar on a terminal, and is left alone on its way into a file.
    beside = Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with beside as progress:
        yield from progress.track(items, total=total, description=description)
