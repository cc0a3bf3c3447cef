"""Numbers that the rules cannot tell apart: regions between the bounds that conditions name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeVar

from txselect.model.condition import Comparison

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Region:
    """Numbers from `low` to `high`; an end that is not `closed` does not belong to it. `value` is one of them."""

    low: float
    high: float
    low_closed: bool
    high_closed: bool
    value: float

    def comparison(self, minimum: float, maximum: float) -> Comparison:
        """The region as bounds; an end of the whole range needs none."""
        if self.low == self.high:
            return Comparison(equals=self.low)
        low = None if self.low == minimum and self.low_closed else self.low
        high = None if self.high == maximum and self.high_closed else self.high
        return Comparison(
            at_least=low if self.low_closed else None,
            above=None if self.low_closed else low,
            at_most=high if self.high_closed else None,
            below=None if self.high_closed else high,
        )


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that can be meant: whole ones only, or all from `minimum` to `maximum`."""

    minimum: float
    maximum: float
    whole: bool = False


def bounds_of(comparisons: Iterable[Comparison]) -> set[float]:
    """Every number that the comparisons name."""
    return {
        bound
        for comparison in comparisons
        for bound in (
            comparison.at_least, comparison.at_most, comparison.above, comparison.below, comparison.equals,
        )
        if bound is not None
    }  # fmt: skip


def regions(
    bounds: Iterable[float], span: Range, seen: Callable[[float], Seen], near: float | None
) -> Iterator[tuple[Region, Seen]]:
    """The regions in which `seen` is the same throughout, with what is seen there.

    bounds: where it may change. near: the number that is there now; each region's value is the nearest to it, or
    where there is none, at its end beside another region.

    >>> found = regions([50], Range(0, 100), lambda value: value >= 50, near=30)
    >>> [(region.comparison(0, 100).text("%"), region.value, seen) for region, seen in found]
    [('below 50 %', 30, False), ('at least 50 %', 50, True)]
    """
    inner = sorted({bound for bound in bounds if span.minimum <= bound <= span.maximum} | {span.minimum, span.maximum})
    cells = list(_whole_cells(inner) if span.whole else _cells(inner))
    for what, group in groupby(cells, key=lambda cell: seen(cell.value)):
        yield _joined(list(group), span.minimum, near), what


def _cells(bounds: Sequence[float]) -> Iterator[Region]:
    """Each bound by itself and each open interval between two."""
    for low, high in pairwise(bounds):
        yield Region(low, low, True, True, low)
        yield Region(low, high, False, False, _between(low, high))
    yield Region(bounds[-1], bounds[-1], True, True, bounds[-1])


def _between(low: float, high: float) -> float:
    """A number between two others, as short as can be."""
    middle = (low + high) / 2 if low <= 0 or high / low < 10 else low * 1.5
    rounded = (float(f"{middle:.{digits}g}") for digits in range(1, 17))
    return next((value for value in rounded if low < value < high), middle)


def _whole_cells(bounds: Sequence[float]) -> Iterator[Region]:
    """Each whole bound with its neighbours, and what lies between, as closed regions of whole numbers."""
    last = int(bounds[-1])
    starts = sorted({int(start) for bound in bounds for start in (bound, bound + 1) if start <= last})
    for start, following in zip(starts, [*starts[1:], last + 1], strict=True):
        yield Region(start, following - 1, True, True, start)


def _joined(cells: list[Region], minimum: float, near: float | None) -> Region:
    first, last = cells[0], cells[-1]
    beside_another = last if first.low == minimum else first
    value = beside_another.value if near is None else _nearest(cells, near)
    return Region(first.low, last.high, first.low_closed, last.high_closed, value)


def _nearest(cells: list[Region], near: float) -> float:
    if any(_within(cell, near) for cell in cells):
        return near
    ends = [
        end for cell in cells for end, closed in ((cell.low, cell.low_closed), (cell.high, cell.high_closed)) if closed
    ]
    return min([*ends, *(cell.value for cell in cells)], key=lambda value: abs(value - near))


def _within(cell: Region, value: float) -> bool:
    above = value >= cell.low if cell.low_closed else value > cell.low
    return above and (value <= cell.high if cell.high_closed else value < cell.high)
