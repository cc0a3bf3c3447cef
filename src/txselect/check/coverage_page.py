"""Coverage as one page that needs nothing else: the rule files as they are written, coloured by what cases show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from txselect.check.columns import members
from txselect.check.coverage import Coverage, Seen, SeenRule
from txselect.check.coverage_text import HEADINGS, figures_of, missed_text, worst_first
from txselect.decision.wording import counted, first_few, joined
from txselect.errors import Place
from txselect.language.document import decoded
from txselect.language.files import content_of

_MOST_CASES_NAMED = 3
_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a line. state: full, partly or unseen, empty where no rule or condition begins; note: the cases."""

    text: str
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line as it is written, with what was not seen of what begins there (at which column, if it is not alone)."""

    number: int
    pieces: tuple[Piece, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFile:
    name: str
    figures: tuple[str, ...]
    lines: tuple[SourceLine, ...]


def coverage_page(coverage: Coverage) -> str:
    """The page, worst file first. Raises InputError where a file of the rules cannot be read any more."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    files = coverage.by_file()
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("coverage.html").render(
        cases=counted(len(coverage.cases), "case"),
        rules=counted(len(coverage.rules), "rule"),
        percent=coverage.percent,
        headings=HEADINGS,
        files=[_file(name, files[name], coverage.cases) for name in worst_first(files)],
    )


def _file(name: str, rules: Sequence[SeenRule], cases: Sequence[str]) -> SourceFile:
    text = decoded(content_of(Path(name)), name)
    seen: dict[int, list[tuple[int, Seen]]] = {}
    for place, one in _places(rules):
        seen.setdefault(place.line, []).append((place.column, one))
    lines = (_line(number, line, seen.get(number, []), cases) for number, line in enumerate(text.splitlines(), 1))
    return SourceFile(name, figures_of(rules), tuple(lines))


def _places(rules: Sequence[SeenRule]) -> Iterator[tuple[Place, Seen]]:
    for rule in rules:
        yield rule.rule.place, rule.seen
        yield from ((condition.place, condition.seen) for condition in rule.conditions)


def _line(number: int, text: str, seen: Sequence[tuple[int, Seen]], cases: Sequence[str]) -> SourceLine:
    """Each piece reaches from where something begins to where the next thing does."""
    ordered = sorted(seen, key=lambda pair: pair[0])
    starts = [column - 1 for column, _ in ordered]
    pieces = [Piece(text[: starts[0] if starts else None])]
    for start, end, (_, one) in zip(starts, [*starts, None][1:], ordered, strict=True):
        pieces.append(Piece(text[start:end], _state(one), _note(one, cases)))
    which = "{}: {}" if len(ordered) > 1 else "{1}"
    missed = tuple(which.format(column, missed_text(one.missed)) for column, one in ordered if one.missed)
    return SourceLine(number, tuple(piece for piece in pieces if piece.text), missed)


def _state(seen: Seen) -> str:
    if not seen.missed:
        return "full"
    return "partly" if seen.missed == ("unknown",) else "unseen"


def _note(seen: Seen, cases: Sequence[str]) -> str:
    """How many cases show each goal, and the first of them.

    >>> _note(Seen(true=0b01, false=0b10, unknown=0), ["well", "ill"])
    'true: 1 case (well); false: 1 case (ill); unknown: no case'
    """
    return "; ".join(f"{goal}: {_cases(seen.cases(goal), cases)}" for goal in seen.goals)


def _cases(found: int, cases: Sequence[str]) -> str:
    names = first_few((cases[number] for number in members(found)), _MOST_CASES_NAMED)
    return f"{counted(found.bit_count(), 'case')} ({joined(names, 'and')})" if found else "no case"
