"""Documents as Markdown (CommonMark with tables)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from txselect.decision.record import Decision
from txselect.explain.document import (
    Block,
    Document,
    Entry,
    Facts,
    Figure,
    Items,
    Leaf,
    Paragraph,
    Section,
    Steps,
    Table,
)
from txselect.explain.lines import SIGNS, Explanation, Line, Mark
from txselect.explain.report import decision_document, explanation_document

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|&~"})
_STARTS_A_BLOCK = re.compile(r"^(\d+(?=[.)](?: |$))|(?=[-+=]))")


def escaped(text: str) -> str:
    r"""Text on one line in which nothing is taken for Markdown.

    >>> print(escaped("1. <b>*a*</b>"), escaped("- [x]"))
    1\. \<b\>\*a\*\</b\> \- \[x\]
    """
    return _STARTS_A_BLOCK.sub(r"\1\\", " ".join(text.split()).translate(_SPECIAL))


def decision_markdown(decision: Decision, title: str = "") -> str:
    """A decision under the title of its case, else under its cancer."""
    return markdown(decision_document(decision, title))


def explanation_markdown(explanation: Explanation) -> str:
    """An explanation as a nested list."""
    return markdown(explanation_document(explanation))


def markdown(document: Document) -> str:
    """A document. Drawings become nested lists of what they show."""
    notice = [f"*{escaped(document.notice)}*\n"] if document.notice else []
    return "\n".join([f"# {escaped(document.title)}\n", *notice, *_blocks(document.parts, 2)])


def sections_markdown(sections: Iterable[Section], level: int) -> str:
    """Sections to stand in a page that somebody wrote, with titles of a level."""
    return "\n".join(_blocks(sections, level)).strip()


def _blocks(parts: Iterable[Block], level: int) -> Iterator[str]:
    for part in parts:
        match part:
            case Section(title, inner):
                yield f"{'#' * level} {escaped(title)}\n"
                yield from _blocks(inner, level + 1)
            case leaf:
                yield "\n".join([*_lines(leaf), ""])


def _lines(part: Leaf) -> Iterator[str]:
    match part:
        case Paragraph(text, strong):
            yield f"**{escaped(text)}**" if strong else escaped(text)
        case Items(entries):
            yield from (f"- {_entry(entry)}" for entry in entries)
        case Facts(pairs):
            yield from (line for name, entries in pairs for line in _fact(escaped(name), entries))
        case Table(head, rows):
            yield from (_row(head), "|---" * len(head) + "|", *map(_row, rows))
        case Steps(lines) | Figure(_, _, lines):
            yield from _nested(lines, 0)


def _fact(name: str, entries: tuple[Entry, ...]) -> Iterator[str]:
    if len(entries) == 1:
        yield f"- {name}: {_entry(entries[0])}"
    else:
        yield f"- {name}:"
        yield from (f"  - {_entry(entry)}" for entry in entries)


def _entry(entry: Entry) -> str:
    links = (f"[{escaped(link.text)}](<{link.address}>)" for link in entry.links)
    return " · ".join([escaped(entry.text), *links])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"


def _sign(mark: Mark) -> str:
    """The sign of a line; a plus or minus that begins an item would begin another list."""
    return f"\\{SIGNS[mark]}" if SIGNS[mark] in "+-" else SIGNS[mark]


def _nested(lines: Iterable[Line], depth: int) -> Iterator[str]:
    for line in lines:
        command = f" `` {line.command} ``" if line.command else ""
        yield f"{'  ' * depth}- {_sign(line.mark)} {escaped(line.sentence())}{command}"
        yield from _nested(line.parts, depth + 1)
