"""The reasoning behind options as drawings (SVG): what the profile says on the left, the options on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, pairwise

from txselect.decision.reading import Reading
from txselect.decision.record import Option
from txselect.explain.graph import Box, BoxKind, Graph, graph_of
from txselect.explain.layout import Layout, Stacks
from txselect.explain.lines import SIGNS
from txselect.explain.measure import broken
from txselect.explain.templating import rendered

WIDTH, HEIGHT = 720.0, 860.0
"""Of a drawing: on an A4 page held upright a unit is nearly a CSS pixel, and a drawing leaves room for its heading."""
HEIGHT_ALONE = 975.0
"""Of a drawing of one option: `page.html` prints it smaller, and this is as high as keeps its words at 7 points."""

_BETWEEN_COLUMNS = 30.0
_BETWEEN_BOXES = 7.0
_HEADING = 22.0
_PADDING = 5.0
_SIGN = 13.0
_FONT, _LINE = 10.5, 13.0
_MOST_LINES, _FEWER_LINES = 6, 3
_MOST_ARROWS = 48
_SHARES: dict[BoxKind, float] = {"finding": 1.7, "fact": 1.05, "rule": 1.1, "option": 1.05}
_FACT: tuple[BoxKind, ...] = ("fact",)
_HEADINGS: dict[BoxKind, str] = {"finding": "Profile", "fact": "What follows", "rule": "Rules", "option": "Options"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Column:
    """Boxes of one kind above each other; facts that rest on facts stand in a column further on."""

    kind: BoxKind
    names: tuple[str, ...]
    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Shape:
    """A box as drawn, with its text in lines, first what it says and then what was found."""

    box: Box
    left: float
    top: float
    width: float
    height: float
    says: tuple[str, ...]
    found: tuple[str, ...]


def sheets(reading: Reading, options: Iterable[Option], most: int) -> tuple[Sheet, ...]:
    """The options on at most so many sheets, each on the first that has room for it; what has none is passed over.

    An option that fills more than a sheet is drawn with shorter texts, if that is enough.
    """
    made: list[Sheet] = []
    for option in options:
        for number, sheet in enumerate(made):
            together = _sheet(reading, (*sheet.options, option))
            if together.fits(HEIGHT):
                made[number] = together
                break
        else:
            alone = _sheet(reading, (option,))
            shorter = replace(alone, most_lines=_FEWER_LINES)
            fitting = (sheet for sheet in (alone, shorter) if sheet.fits(HEIGHT_ALONE))
            made += islice(fitting, int(len(made) < most))
    return tuple(made)


def _sheet(reading: Reading, options: tuple[Option, ...]) -> Sheet:
    return Sheet(options, graph_of(reading, options))


@dataclass(frozen=True)
class Sheet:
    """A drawing of some options; a text in a box has at most so many lines."""

    options: tuple[Option, ...]
    graph: Graph
    most_lines: int = _MOST_LINES

    def fits(self, height: float) -> bool:
        """Whether it is no higher than that, with arrows that an eye can follow."""
        return self.height <= height and len(self.graph.arrows) <= _MOST_ARROWS

    @property
    def height(self) -> float:
        return self._stacks.height + _HEADING + 1

    def svg(self) -> str:
        """The drawing as an SVG element, the same for the same reasoning."""
        return rendered(
            "picture.svg",
            label=f"The reasoning behind {', '.join(option.label for option in self.options)}",
            width=WIDTH,
            height=self.height,
            headings=self._headings(),
            shapes=self._shapes(),
            arrows=self._arrows(),
            signs=SIGNS,
            font=_FONT,
            line=_LINE,
            padding=_PADDING,
            sign=_SIGN,
        )

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        """Findings, then facts by how many facts they rest on in turn, then rules, then options."""
        depths = _depths(self.graph)
        facts = [depths[name] for name, box in self.graph.boxes.items() if box.kind == "fact"]
        kinds: list[BoxKind] = ["finding", *_FACT * max(facts, default=0), "rule", "option"]
        place = {"finding": 0, "rule": len(kinds) - 2, "option": len(kinds) - 1}
        names: list[list[str]] = [[] for _ in kinds]
        for name, box in self.graph.boxes.items():
            names[place.get(box.kind, depths[name])].append(name)
        return tuple(_side_by_side(kinds, names))

    @cached_property
    def _column_of(self) -> dict[str, int]:
        return {name: number for number, column in enumerate(self._columns) for name in column.names}

    @cached_property
    def _texts(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        return {
            name: self._lines(self.graph.boxes[name], self._columns[column].width - 2 * _PADDING - _SIGN)
            for name, column in self._column_of.items()
        }

    def _lines(self, box: Box, room: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What a box says and what was found, in lines; the drawing shows the whole text under the pointer."""
        says, found = broken(box.text, room, _FONT), broken(box.found, room, _FONT)
        return _first_lines(says, self.most_lines), _first_lines(found, self.most_lines)

    @cached_property
    def _heights(self) -> dict[str, float]:
        return {name: 2 * _PADDING + _LINE * (len(says) + len(found)) for name, (says, found) in self._texts.items()}

    @cached_property
    def _stacks(self) -> Stacks:
        names = [column.names for column in self._columns]
        return Stacks(names, self._heights, self.graph.arrows, _BETWEEN_BOXES)

    @cached_property
    def _layout(self) -> Layout:
        return self._stacks.layout()

    def _headings(self) -> dict[str, float]:
        """Where the headings of the columns begin; only the first of several with facts has one."""
        return {_HEADINGS[column.kind]: column.left for column in reversed(self._columns)}

    def _shapes(self) -> Iterator[Shape]:
        for name, number in self._column_of.items():
            column, height = self._columns[number], self._heights[name]
            top = self._layout.middles[name] + _HEADING - height / 2
            yield Shape(self.graph.boxes[name], column.left, top, column.width, height, *self._texts[name])

    def _arrows(self) -> Iterator[tuple[Box, str]]:
        """For each arrow the box that it starts from and its path."""
        for start, end in self.graph.arrows:
            first, last = self._column_of[start], self._column_of[end]
            passed = zip(self._columns[first + 1 : last], self._layout.passing[start, end], strict=True)
            across = [(x, height) for column, height in passed for x in (column.left, column.right)]
            begins = (self._columns[first].right, self._layout.middles[start])
            ends = (self._columns[last].left, self._layout.middles[end])
            yield self.graph.boxes[start], _path([(x, y + _HEADING) for x, y in (begins, *across, ends)])


def _depths(graph: Graph) -> dict[str, int]:
    """The length of the longest way from a finding to each box. Boxes come after those that they rest on."""
    depths = dict.fromkeys(graph.boxes, 0)
    for start, end in graph.arrows:
        depths[end] = max(depths[end], depths[start] + 1)
    return depths


def _side_by_side(kinds: Sequence[BoxKind], names: Sequence[Sequence[str]]) -> Iterator[Column]:
    room = WIDTH - 2 - _BETWEEN_COLUMNS * (len(kinds) - 1)
    unit = room / sum(_SHARES[kind] for kind in kinds)
    left = 1.0
    for kind, inside in zip(kinds, names, strict=True):
        yield Column(kind, tuple(inside), left, unit * _SHARES[kind])
        left += unit * _SHARES[kind] + _BETWEEN_COLUMNS


def _first_lines(lines: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(lines) if len(lines) <= most else (*lines[: most - 1], "…")


def _path(points: Sequence[Point]) -> str:
    """An SVG path through points: curves between columns, straight lines across them."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (next_x, next_y) in pairwise(points):
        middle = (x + next_x) / 2
        curve = "L" if y == next_y else f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} "
        parts.append(f"{curve}{next_x:.1f} {next_y:.1f}")
    return " ".join(parts)
