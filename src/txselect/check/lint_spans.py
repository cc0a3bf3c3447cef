"""Stretches of numbers that comparisons leave, exact at their ends.

A stretch lies between two cuts: `(30, 0)` is just before 30 and `(30, 1)` just after it. So `at least 30` begins at
`(30, 0)`, `above 30` at `(30, 1)`, `at most 30` ends at `(30, 1)` and `below 30` at `(30, 0)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, inf

from txselect.model.condition import Comparison, FactHolds, FieldMeasures, Leaf, MarkerMeasures, Measures
from txselect.model.vocabulary import Vocabulary

Cut = tuple[float, int]
Subject = tuple[str, str, str | None]
"""Kind, name, and the limit of normal that numbers are multiples of, if they are."""

_WITH_FRACTIONS = "months_since_diagnosis"
"""The one number among the fields of a profile that is not a whole one."""


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers between two cuts.

    >>> thirties, forties = Span.of(Comparison(at_least=30, below=40)), Span.of(Comparison(at_least=40, below=50))
    >>> thirties.both(forties).empty, thirties.both(Span.of(Comparison(at_most=30))).empty
    (True, False)
    """

    low: Cut = (-inf, 0)
    high: Cut = (inf, 1)

    @classmethod
    def of(cls, comparison: Comparison, *, whole: bool = False) -> Span:
        """The numbers that meet the comparison. whole: only whole numbers can."""
        lows: list[Cut] = [(-inf, 0), *_cuts((comparison.at_least, 0), (comparison.above, 1), (comparison.equals, 0))]
        highs: list[Cut] = [(inf, 1), *_cuts((comparison.at_most, 1), (comparison.below, 0), (comparison.equals, 1))]
        span = cls(max(lows), min(highs))
        return span._to_whole_numbers() if whole else span

    def _to_whole_numbers(self) -> Span:
        """The same whole numbers, from the first of them to the last."""
        (low, after), (high, past) = self.low, self.high
        first = low if low == -inf else floor(low) + 1 if after else ceil(low)
        last = high if high == inf else floor(high) if past else ceil(high) - 1
        return Span((first, 0), (last, 1))

    @property
    def empty(self) -> bool:
        return self.low >= self.high

    @property
    def single(self) -> float | None:
        """The only number in it, if there is just one."""
        return self.low[0] if not self.empty and self.low[0] == self.high[0] else None

    def within(self, other: Span) -> bool:
        return other.low <= self.low and self.high <= other.high

    def both(self, other: Span) -> Span:
        """The numbers that belong to both."""
        return Span(max(self.low, other.low), min(self.high, other.high))

    def opposite(self) -> Span | None:
        """All other numbers, if those are one stretch."""
        everything = Span()
        if self.low == everything.low:
            return Span(low=self.high)
        return Span(high=self.low) if self.high == everything.high else None

    def between(self, other: Span) -> Span:
        """What lies above this and below the other."""
        return Span(self.high, other.low)

    def comparison(self) -> Comparison:
        """The stretch as bounds."""
        (low, after), (high, past) = self.low, self.high
        if low == high:
            return Comparison(equals=low)
        return Comparison(
            at_least=low if low > -inf and not after else None,
            above=low if low > -inf and after else None,
            at_most=high if high < inf and past else None,
            below=high if high < inf and not past else None,
        )


def _cuts(*bounds: tuple[float | None, int]) -> Iterator[Cut]:
    for bound, side in bounds:
        if bound is not None:
            yield bound, side


def compared_by(leaf: Leaf | FactHolds, vocabulary: Vocabulary) -> tuple[Subject, Span] | None:
    """What a leaf compares, and the numbers it leaves; None for one that compares nothing."""
    match leaf:
        case Measures(name, comparison, relative_to):
            subject: Subject = ("measurement", name, relative_to)
        case MarkerMeasures(marker, comparison):
            subject = ("marker", marker, None)
        case FieldMeasures(name, comparison):
            subject = ("field", name, None)
        case _:
            return None
    return subject, Span.of(comparison, whole=is_whole(subject, vocabulary))


def is_whole(subject: Subject, vocabulary: Vocabulary) -> bool:
    """Whether only whole numbers can be meant: steps of a scale, counts, years."""
    kind, name, _ = subject
    scale = kind == "marker" and bool(vocabulary.biomarkers[name].scale)
    return scale or (kind == "field" and name != _WITH_FRACTIONS)
