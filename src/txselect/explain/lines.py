"""What an explanation consists of: lines with marks, and their plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Mark = Literal["met", "failed", "unknown", "note", "gained", "lost", "moved"]
SIGNS: dict[Mark, str] = {
    "met": "✓",
    "failed": "✗",
    "unknown": "?",
    "note": "·",
    "gained": "+",
    "lost": "-",
    "moved": "↕",
}
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation with what stands under it.

    found: what the profile says, with its value and unit; empty where the lines below say it.
    assumes: lists taken as complete, where the truth rests on them directly.
    rule: the id of the rule that the line is about.
    """

    mark: Mark
    text: str
    found: str = ""
    assumes: str = ""
    rule: str = ""
    parts: tuple[Line, ...] = ()

    def sentence(self) -> str:
        """The line without its mark.

        >>> Line("met", "haemoglobin below 10 g/dL", "9.1 g/dL").sentence()
        'haemoglobin below 10 g/dL: 9.1 g/dL'
        """
        repeated = self.found.casefold() == self.text.casefold()
        found = f": {self.found}" if self.found and not repeated else ""
        assumed = f" (the list of {self.assumes.replace('_', ' ')} taken as complete)" if self.assumes else ""
        return f"{self.text}{found}{assumed}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked, the answer in a sentence, and the lines that show it. `str()` is its plain text."""

    therapy: str
    title: str
    answer: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "\n".join([self.title, *wrapped(self.answer), "", *lines_text(self.lines)])


def lines_text(lines: Iterable[Line], depth: int = 0, width: int = WIDTH) -> Iterator[str]:
    """Lines as indented text, wrapped."""
    for line in lines:
        yield from wrapped(line.sentence(), f"{'  ' * depth}{SIGNS[line.mark]} ", width)
        yield from lines_text(line.parts, depth + 1, width)


def wrapped(text: str, first: str = "", width: int = WIDTH) -> list[str]:
    """Text wrapped under its first line's beginning."""
    if len(first) + len(text) <= width and "\n" not in text:
        return [f"{first}{text}"]  # most lines are short, and wrapping is slow
    following = " " * len(first)
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=following, break_long_words=False)
