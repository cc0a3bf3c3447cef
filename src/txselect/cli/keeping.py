"""Decisions that are kept: the log that `recommend --log` writes, and `replay`, which makes stored ones again."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txselect.cli.options import ColourOption, Format, FormatOption, RulesOption
from txselect.cli.output import DIFFERENT, coloured, print_explanation
from txselect.errors import InputError, Place, Problem

if TYPE_CHECKING:
    from txselect.decision.record import Decision
    from txselect.decision_log import Entry
    from txselect.pipeline import Rules
    from txselect.replay import Outcome, Replay

LogOption = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="Add each decision to this log (.jsonl) before it is printed."),
]
_MOST_SHOWN, _MOST_SHOWN_OF_AN_ENTRY = 12, 3
_COMPACT = (b'{"schema":"txselect.decision/', b'{"schema":"txselect.log/')
_COUNTED: dict[Outcome, str] = {
    "identical": "identical",
    "same_answer": "with the same answer",
    "differs": "not identical",
}


def keep(log: Path, decision: Decision) -> None:
    """Log a decision as made now. Raises InputError if that fails."""
    from datetime import UTC, datetime

    from txselect.decision_log import append

    append(log, decision, datetime.now(UTC))


def replay(
    stored: Annotated[
        str,
        typer.Argument(metavar="DECISION", help="A stored decision (JSON), a log of them, or - for standard input."),
    ],
    format: FormatOption = Format.text,
    rules: RulesOption = None,
    color: ColourOption = None,
) -> None:
    """Make stored decisions again and say `identical`, or every field that differs and why. Exit code 1 if one does.

    Takes what `recommend --format json` prints and what `recommend --log` keeps.
    """
    from txselect.cli.inputs import STANDARD_INPUT, rules_in
    from txselect.decision.record import Decision

    known = rules_in(rules)
    file = "<stdin>" if stored == STANDARD_INPUT else Path(stored).as_posix()
    found = _read(stored, file)
    if isinstance(found, Decision):
        same = _replay_one(known, found, file, format, coloured(color))
    else:
        same = _replay_log(known, found, file, format, coloured(color))
    if not same:
        raise typer.Exit(DIFFERENT)


def _read(path: str, file: str) -> Decision | Iterable[Entry | Problem]:
    """One decision, or the entries of a log: a `.jsonl` file, or anything that begins with an entry on one line."""
    from io import BytesIO

    from txselect.cli.inputs import STANDARD_INPUT
    from txselect.decision.stored import read_decision
    from txselect.decision_log import entries, read_log
    from txselect.language.document import decoded
    from txselect.language.files import content_of

    if path.endswith(".jsonl"):
        return read_log(Path(path))
    content = sys.stdin.buffer.read() if path == STANDARD_INPUT else content_of(Path(path))
    if content.startswith(_COMPACT):
        return entries(BytesIO(content), file)
    return read_decision(decoded(content, file), Place(file))


def _replay_one(rules: Rules, decision: Decision, file: str, style: Format, colour: bool) -> bool:
    found = _replayed(rules, decision, Place(file))
    _print(found, f"Replay of {file}", {}, style, colour)
    return found.outcome == "identical"


def _replay_log(rules: Rules, entries: Iterable[Entry | Problem], file: str, style: Format, colour: bool) -> bool:
    """Every entry that does not come out the same is shown, then how many did and did not."""
    outcomes: Counter[Outcome] = Counter()
    problems: list[Problem] = []
    for entry, found in _each_replayed(rules, entries, file, problems):
        outcomes[found.outcome] += 1
        if style is Format.json or found.outcome != "identical":
            time = entry.logged_at.isoformat() if entry.logged_at else None
            where = f"Line {entry.line}{f', logged at {time}' if time else ''}"
            title = f"{where}: {entry.decision.cancer}, as of {entry.decision.as_of}"
            _print(found, title, {"line": entry.line, "logged_at": time}, style, colour)
            if style is Format.text:
                print()
    if style is not Format.json:
        print(_summary(outcomes))
    if problems:
        raise InputError(problems)
    return outcomes.keys() <= {"identical"}


def _each_replayed(
    rules: Rules, entries: Iterable[Entry | Problem], file: str, problems: list[Problem]
) -> Iterator[tuple[Entry, Replay]]:
    """The entries that can be replayed; the problems of the others are added."""
    for entry in entries:
        if isinstance(entry, Problem):
            problems.append(entry)
            continue
        try:
            yield entry, _replayed(rules, entry.decision, Place(file, entry.line, 1))
        except InputError as error:
            problems.extend(error.problems)


def _replayed(rules: Rules, decision: Decision, place: Place) -> Replay:
    """The replay; what is wrong with the decision is told at its place."""
    from txselect.replay import replay

    try:
        return replay(rules, decision)
    except InputError as error:
        raise InputError(replace(problem, place=place) for problem in error.problems) from None


def _print(found: Replay, title: str, about: dict[str, object], style: Format, colour: bool) -> None:
    """In text and Markdown as an explanation; in JSON as the record, on one line if it is `about` an entry of a log."""
    from txselect.replay import explained

    if about and style is Format.json:
        print(json.dumps({**about, **asdict(found)}, ensure_ascii=False))
    else:
        most = _MOST_SHOWN_OF_AN_ENTRY if about else _MOST_SHOWN
        print_explanation(explained(found, title, most), style, colour, found)


def _summary(outcomes: Counter[Outcome]) -> str:
    total = outcomes.total()
    counts = ", ".join(f"{outcomes[outcome]} {words}" for outcome, words in _COUNTED.items() if outcomes[outcome])
    return f"{total} decision{'' if total == 1 else 's'} replayed{f': {counts}' if counts else ''}"
