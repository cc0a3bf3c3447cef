"""Boxes in columns with arrows between them: the order in each column, and how high each box stands.

Sugiyama's way for columns that are given: an arrow that passes a column is threaded through it, the order in a column
follows the barycentres of the neighbours, and each box stands as near to its neighbours as order and gaps allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, pairwise
from statistics import fmean

Arrow = tuple[str, str]
Thread = tuple[str, int]
"""Where the arrows from a box pass a column: they share it."""

Node = str | Thread
Links = dict[Node, dict[Node, None]]

_ROUNDS = 12
_THREAD_HEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The middle of each box, and for each arrow the heights at which it passes the columns between its ends."""

    middles: Mapping[str, float]
    passing: Mapping[Arrow, tuple[float, ...]]


class Stacks:
    """Boxes of given heights stacked in columns with a gap between them, all in one unit; arrows lead further right.

    >>> stacks = Stacks([["a", "b", "c"], ["d"]], {"a": 10, "b": 10, "c": 10, "d": 10}, [("c", "d")], gap=5)
    >>> stacks.height, stacks.layout().middles["d"]
    (40.0, 35.0)
    """

    def __init__(
        self, columns: Sequence[Sequence[str]], heights: Mapping[str, float], arrows: Iterable[Arrow], gap: float
    ) -> None:
        self.columns: list[list[Node]] = [list(column) for column in columns]
        self.heights = heights
        self.gap = gap
        self.before: Links = {}
        self.after: Links = {}
        column_of = {name: number for number, column in enumerate(columns) for name in column}
        self.routes = {arrow: _route(arrow, column_of) for arrow in arrows}
        for route in self.routes.values():
            self._add(route)

    def _add(self, route: Sequence[Node]) -> None:
        """Links neighbours, and puts new threads into their columns."""
        for node, following in pairwise(route):
            if isinstance(following, tuple) and following not in self.before:
                self.columns[following[1]].append(following)
            self.before.setdefault(following, {})[node] = None
            self.after.setdefault(node, {})[following] = None

    @property
    def height(self) -> float:
        """That of the fullest column, which is that of the whole."""
        return float(max(map(self._height_of, self.columns), default=0))

    def _height_of(self, column: Sequence[Node]) -> float:
        return sum(map(self._height, column)) + self.gap * max(len(column) - 1, 0)

    def _height(self, node: Node) -> float:
        return _THREAD_HEIGHT if isinstance(node, tuple) else self.heights[node]

    def layout(self) -> Layout:
        """Where everything stands. The last column keeps its order."""
        self._untangle()
        middles = self._middles()
        return Layout(
            {node: middle for node, middle in middles.items() if isinstance(node, str)},
            {arrow: tuple(middles[node] for node in route[1:-1]) for arrow, route in self.routes.items()},
        )

    def _untangle(self) -> None:
        """Takes the order with the fewest crossings that sweeps over the columns, there and back, come upon."""
        best, fewest = list(self.columns), self._crossings()
        for _ in range(_ROUNDS):
            for number in range(1, len(self.columns) - 1):
                self._sort(number, number - 1, self.before)
            for number in reversed(range(len(self.columns) - 1)):
                self._sort(number, number + 1, self.after)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = list(self.columns), crossings
        self.columns = best

    def _sort(self, number: int, beside: int, links: Links) -> None:
        """Orders a column by where its links lead in the column beside it; what has none stays where it was."""
        there, here = _positions(self.columns[beside]), _positions(self.columns[number])
        wanted = {node: fmean(there[other] for other in links[node]) if node in links else here[node] for node in here}
        self.columns[number] = sorted(here, key=wanted.__getitem__)

    def _crossings(self) -> int:
        return sum(self._crossings_between(column, following) for column, following in pairwise(self.columns))

    def _crossings_between(self, column: Sequence[Node], following: Sequence[Node]) -> int:
        there = _positions(following)
        ends = [[there[other] for other in self.after.get(node, ())] for node in column]
        return sum(high > low for upper, lower in combinations(ends, 2) for high in upper for low in lower)

    def _middles(self) -> dict[Node, float]:
        """Each node as near to the mean of its neighbours as its column allows, from the left, then from the right."""
        middles: dict[Node, float] = {}
        for column in self.columns:
            middles.update(self._settled(column, dict.fromkeys(column, self.height / 2)))
        for _ in range(_ROUNDS):
            for links, columns in ((self.before, self.columns), (self.after, self.columns[::-1])):
                for column in columns:
                    near = {node: [middles[other] for other in links.get(node, {node: None})] for node in column}
                    middles.update(self._settled(column, {node: fmean(found) for node, found in near.items()}))
        return middles

    def _settled(self, column: Sequence[Node], wanted: Mapping[Node, float]) -> dict[Node, float]:
        """The heights nearest to those wanted (least squares) that keep order, gaps and the height of the whole."""
        lowest = [above - self._height(node) / 2 for node, above in zip(column, self._ends(column), strict=True)]
        shifts = _rising([wanted[node] - least for node, least in zip(column, lowest, strict=True)])
        room = self.height - self._height_of(column)
        return {
            node: least + min(max(shift, 0.0), room) for node, least, shift in zip(column, lowest, shifts, strict=True)
        }

    def _ends(self, column: Sequence[Node]) -> list[float]:
        """Where each node ends if the column is stacked from the top."""
        ends = accumulate(self._height(node) + self.gap for node in column)
        return [end - self.gap for end in ends]


def _positions(column: Sequence[Node]) -> dict[Node, float]:
    """Where nodes stand in their column, from 0 to 1, so that columns compare."""
    return {node: (place + 0.5) / len(column) for place, node in enumerate(column)}


def _rising(values: Sequence[float]) -> list[float]:
    """The numbers nearest to the values (least squares) that never fall: neighbours that do are pooled.

    >>> _rising([1, 5, 3, 7])
    [1.0, 4.0, 4.0, 7.0]
    """
    pools: list[list[float]] = []
    for value in values:
        pools.append([value])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    return [fmean(pool) for pool in pools for _ in pool]


def _route(arrow: Arrow, column_of: Mapping[str, int]) -> tuple[Node, ...]:
    """What an arrow passes, one node in each column from its start to its end."""
    start, end = arrow
    return (start, *((start, column) for column in range(column_of[start] + 1, column_of[end])), end)
