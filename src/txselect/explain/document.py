"""What a page consists of, whatever it is rendered as: sections, paragraphs, tables, lists, explanations, drawings.

Texts are plain: each rendering escapes them in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from txselect.explain.lines import Line


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list, with links to follow after it."""

    text: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, each with what is said under it."""

    pairs: tuple[tuple[str, tuple[Entry, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as wide as the head; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Lines of an explanation, nested."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing (SVG markup) with its caption and, for renderings that cannot draw, the same in lines."""

    svg: str
    caption: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`printed`: on one page if it fits (`whole`), or from the top of a page (`anew`)."""

    title: str
    parts: tuple[Block, ...]
    printed: Literal["running", "whole", "anew"] = "running"


Leaf = Paragraph | Items | Facts | Table | Steps | Figure
Block = Leaf | Section


@dataclass(frozen=True, slots=True)
class Document:
    """`notice`: what a reader must know of all of it."""

    title: str
    parts: tuple[Block, ...]
    notice: str = ""
