"""Lines, spaces, quotes and long texts of a YAML file, changed only where the scanner says that they mean nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml

LONGEST_LINE = 160
"""A folded text with a longer line is filled anew."""
FILLED_TO = 140

Edit = tuple[int, int, str]
"""From, to (exclusive), and what is to stand there."""

_OPENING = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
_CLOSING = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_FOLDED = re.compile(r">-?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A token that takes room in the text, from `start` to `end`."""

    token: Any
    start: int
    end: int

    @property
    def style(self) -> str | None:
        """The quote or the block sign of a scalar."""
        return self.token.style if isinstance(self.token, yaml.ScalarToken) else None


def pieces(text: str) -> list[Piece]:
    """Everything in the text but spaces, line ends and comments."""
    tokens = yaml.scan(text, Loader=yaml.CSafeLoader)
    found = (Piece(token, token.start_mark.index, token.end_mark.index) for token in tokens)
    return [piece for piece in found if piece.start < piece.end]


def comments(text: str) -> list[str]:
    """Every comment, without the spaces at its end."""
    ends = [0, *(piece.end for piece in pieces(text))]
    starts = [*(piece.start for piece in pieces(text)), len(text)]
    between = (text[end:start] for end, start in zip(ends, starts, strict=True))
    return [comment.rstrip() for gap in between for comment in re.findall(r"#.*", gap)]


def tidied_lines(text: str) -> str:
    """No spaces at the ends of lines, no two blank lines in a row, none at the ends of the file, one last line end."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    kept = set(_lines_of_texts(text))
    result: list[str] = []
    for number, line in enumerate(text.split("\n")):
        tidied = line if number in kept else line.rstrip()
        if tidied or number in kept or (result and result[-1]):
            result.append(tidied)
    while result and not result[-1]:
        result.pop()
    return "\n".join(result) + "\n"


def _lines_of_texts(text: str) -> Iterator[int]:
    """The lines on which a text goes on that began above: their spaces may belong to it, but not those at its end."""
    for piece in pieces(text):
        said = text[piece.start : piece.end]
        first: int = piece.token.start_mark.line
        yield from range(first + 1, first + 1 + said.rstrip().count("\n"))
        if piece.style in ("'", '"') and "\n" in said:
            yield first


def tidied_spaces(text: str) -> str:
    """`{a: 1, b: [c]}` in one spacing, texts in double quotes, and folded texts within the width."""
    found = pieces(text)
    edits = [*_spacing(text, found), *_quotes(text, found), *_long_texts(text, found)]
    return _edited(text, edits)


def _edited(text: str, edits: Iterable[Edit]) -> str:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _spacing(text: str, found: list[Piece]) -> Iterator[Edit]:
    for before, after in pairwise(found):
        gap = text[before.end : after.start]
        wanted = _wanted_between(before.token, after.token)
        if wanted is not None and gap != wanted and not gap.strip(" "):
            yield before.end, after.start, wanted


def _wanted_between(before: Any, after: Any) -> str | None:
    """The space between two pieces on one line; None where it may be anything."""
    if isinstance(after, (*_CLOSING, yaml.FlowEntryToken)) or isinstance(before, _OPENING):
        return ""
    if isinstance(before, (yaml.ValueToken, yaml.FlowEntryToken)):
        return " "
    return "" if isinstance(after, yaml.ValueToken) and isinstance(before, yaml.ScalarToken) else None


def _quotes(text: str, found: list[Piece]) -> Iterator[Edit]:
    for piece in found:
        said = text[piece.start + 1 : piece.end - 1]
        if piece.style == "'" and not re.search(r'["\\\n]', said):
            yield piece.start, piece.end, '"' + said.replace("''", "'") + '"'


def _long_texts(text: str, found: list[Piece]) -> Iterator[Edit]:
    for piece in found:
        if piece.style == ">":
            said = text[piece.start : piece.end]
            body = said.rstrip()
            filled = _filled(body.split("\n"))
            if filled:
                yield piece.start, piece.start + len(body), filled


def _filled(lines: list[str]) -> str | None:
    """A folded text filled anew; None where it is short enough, or is more than one plain paragraph."""
    sign, *said = lines
    indents = {len(line) - len(line.lstrip(" ")) for line in said}
    plain = (
        _FOLDED.fullmatch(sign)
        and len(indents) == 1
        and all(line.split() == line.strip(" ").split(" ") for line in said)
    )
    if not plain or max(map(len, said)) <= LONGEST_LINE:
        return None
    indent = " " * indents.pop()
    words = " ".join(line.strip() for line in said)
    filled = textwrap.wrap(
        words,
        FILLED_TO,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([sign, *filled])
