"""What an explanation consists of: lines with marks, and their plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from txselect.decision.wording import LIST_WORDS, counted, joined

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
SHOWN_ABOVE = "shown above"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation with what stands under it.

    found: what the profile says, with its value and unit; empty where the lines below say it.
    assumes: lists taken as complete, where the truth rests on them directly.
    rule: the id of the rule that the line is about.
    told_by: the tests that would tell what is unknown.
    folded: how much that stood under it was left out to keep the explanation short.
    command: what to type to see for oneself, in one piece so that it can be copied.
    """

    mark: Mark
    text: str
    found: str = ""
    assumes: str = ""
    rule: str = ""
    parts: tuple[Line, ...] = ()
    told_by: str = ""
    folded: str = ""
    command: str = ""

    def sentence(self) -> str:
        """The line without its mark.

        >>> Line("met", "haemoglobin below 10 g/dL", "9.1 g/dL").sentence()
        'haemoglobin below 10 g/dL: 9.1 g/dL'
        >>> Line("unknown", "PSMA PET positive", "not tested", told_by="PSMA PET").sentence()
        'PSMA PET positive: not tested; PSMA PET would tell'
        """
        told = f"; {self.told_by} would tell" if self.told_by else ""
        folded = f" ({self.folded} below)" if self.folded else ""
        return f"{self.text}{self._what_was_found()}{told}{_assumed(self.assumes)}{folded}"

    def _what_was_found(self) -> str:
        """Without what the text says already: of `ALK fusion negative (NGS)` only the test."""
        length = len(self.text)
        details = self.found[length:]
        if self.found[:length].casefold() == self.text.casefold() and (not details or details.startswith(" (")):
            return details
        return f": {self.found}" if self.found else ""


def _assumed(assumes: str) -> str:
    names = assumes.split(", ")
    lists = joined((LIST_WORDS.get(name, name) for name in names), "and")
    return f" (the {'list' if len(names) == 1 else 'lists'} of {lists} taken as complete)" if assumes else ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked, the answer in a sentence, and the lines that show it. `str()` is its plain text."""

    therapy: str
    title: str
    answer: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "\n".join([*wrapped(self.title), *wrapped(self.answer), "", *lines_text(self.lines)])


def lines_text(lines: Iterable[Line], depth: int = 0, width: int = WIDTH) -> Iterator[str]:
    """Lines as indented text, wrapped."""
    for line in lines:
        yield from wrapped(line.sentence(), f"{'  ' * depth}{SIGNS[line.mark]} ", width)
        if line.command:
            yield f"{'  ' * (depth + 1)}{line.command}"
        yield from lines_text(line.parts, depth + 1, width)


def wrapped(text: str, first: str = "", width: int = WIDTH) -> list[str]:
    """Text wrapped under its first line's beginning."""
    if len(first) + len(text) <= width and "\n" not in text:
        return [f"{first}{text}"]  # most lines are short, and wrapping is slow
    following = " " * len(first)
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=following, break_long_words=False, break_on_hyphens=False
    )


def all_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Every line with those under it, in the order in which they are read."""
    for line in lines:
        yield line
        yield from all_lines(line.parts)


def folded(explanation: Explanation, depth: int | None) -> Explanation:
    """The explanation down to a depth, with a word on what is left out; depth 1 shows no conditions, None all of them.

    What would be said to stand above, but is folded away there, is shown where it is named.

    >>> rule = Line("failed", "rule", parts=(Line("met", "one"), Line("failed", "other")))
    >>> print(folded(Explanation("x", "Why not?", "no", (rule,)), 1).lines[0].sentence())
    rule (2 conditions below)
    """
    if depth is None:
        return explanation
    hidden: dict[str, Line] = {}
    return replace(explanation, lines=tuple(_fold(line, depth, hidden) for line in explanation.lines))


def _fold(line: Line, depth: int, hidden: dict[str, Line]) -> Line:
    """`hidden`: what was shown in full where it is now folded away, to be shown where it is named again."""
    if line.found == SHOWN_ABOVE and line.text in hidden:
        line = hidden.pop(line.text)
    if depth > 1 or not line.parts:
        return replace(line, parts=tuple(_fold(part, depth - 1, hidden) for part in line.parts))
    hidden.update((below.text, below) for below in all_lines(line.parts) if below.found != SHOWN_ABOVE)
    return replace(line, parts=(), folded=_how_many(line.parts))


def _how_many(lines: Iterable[Line]) -> str:
    below = list(all_lines(lines))
    rules = sum(bool(line.rule) for line in below)
    notes = sum(line.mark == "note" and not line.rule for line in below)
    numbers = {"rule": rules, "condition": len(below) - rules - notes, "note": notes}
    return joined((counted(number, noun) for noun, number in numbers.items() if number), "and")
