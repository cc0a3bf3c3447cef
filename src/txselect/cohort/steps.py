"""Numbers between the same limits say the same, so one of them stands for all.

Whatever the rules and the vocabulary compare a number with is a limit. A number close to one stands for itself only, so
that no rounding is ever decided here.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator
from math import inf

import numpy as np
import numpy.typing as npt

from txselect.cohort import kernels
from txselect.model.condition import (
    Comparison,
    FieldMeasures,
    Measures,
    Occurrence,
    TherapyGiven,
    occurrences_in,
)
from txselect.model.rules import RulePack
from txselect.model.vocabulary import Measurement, Vocabulary

_CLOSE = 1e-6
MOST_MONTHS = 900.0
"""No interval of a profile is longer (`txselect.model.profile`)."""


class Steps:
    """Limits in ascending order, and between each two the number that was met there first.

    >>> steps = Steps([1.0, 50.0])
    >>> [steps.standing_for(value) for value in (20.0, 30.0, 50.0, 49.99999999, 60.0)]
    [20.0, 20.0, 50.0, 49.99999999, 60.0]
    """

    def __init__(self, limits: Iterable[float]) -> None:
        self.limits = sorted(set(limits))
        self._first: dict[tuple[int, float], float] = {}
        beside = [_CLOSE * max(1.0, abs(limit)) for limit in self.limits]
        self._from = np.array([-inf, *(limit + close for limit, close in zip(self.limits, beside, strict=True))])
        self._to = np.array([*(limit - close for limit, close in zip(self.limits, beside, strict=True)), inf])

    def standing_for(self, value: float, factor: float = 1.0) -> float:
        """The number that stands for this one; `factor` turns its unit into that of the limits."""
        found = value * factor
        place = bisect(self.limits, found)
        if self._from[place] < found < self._to[place]:
            return self._first.setdefault((place, factor), value)
        return value  # close to a limit, or no finite number

    def standing_for_each(
        self, values: npt.NDArray[np.float64], factor: float
    ) -> tuple[npt.NDArray[np.int64], list[float]]:
        """The same for many: the numbers that stand for others, and for each value the place of its own."""
        limits = np.array(self.limits, np.float64)
        places, first = np.empty(len(values), np.int64), np.empty(len(limits) + 1, np.int64)
        kernels.stepped(values, factor, limits, self._from, self._to, places, first)
        close, there = places < 0, first >= 0
        own, own_places = np.unique(values[close], return_inverse=True)
        standing = [
            self._first.setdefault((place, factor), float(values[first[place]]))
            for place in np.flatnonzero(there).tolist()
        ]
        codes = (np.cumsum(there) - 1)[places]
        codes[close] = len(standing) + own_places
        return codes, [*standing, *own.tolist()]


class Limits:
    """The steps of everything that rules compare with a number."""

    def __init__(self, pack: RulePack) -> None:
        leaves = {leaf for rule in pack.rules.values() for leaf in occurrences_in(rule.condition)}
        self._measurements: dict[str, list[float]] = {}
        self._months = [0.0, MOST_MONTHS]
        self._diagnosis: list[float] = []
        for leaf in leaves:
            self._add(leaf, pack.vocabulary)
        for entry in pack.vocabulary.measurements.values():
            self._measurements.setdefault(entry.id, []).extend(_given(entry.minimum, entry.maximum))
        self.measurements = {name: Steps(limits) for name, limits in self._measurements.items()}
        self.months = Steps(self._months)
        self.diagnosis = Steps(self._diagnosis)

    def _add(self, leaf: Occurrence, vocabulary: Vocabulary) -> None:
        match leaf:
            case Measures(name, comparison, relative_to):
                factors = _limits_of_normal(vocabulary.measurements[name], relative_to)
                found = (bound * factor for bound in _bounds(comparison) for factor in factors)
                self._measurements.setdefault(name, []).extend(found)
            case TherapyGiven():
                for asked in (leaf.months_since_end, leaf.months_on_therapy):
                    self._months.extend(_bounds(asked) if asked else ())
            case FieldMeasures("months_since_diagnosis", comparison):
                self._diagnosis.extend(_bounds(comparison))
            case _:
                pass  # compares no number that is measured


def _bounds(comparison: Comparison) -> Iterator[float]:
    bounds = (comparison.at_least, comparison.at_most, comparison.above, comparison.below, comparison.equals)
    return (bound for bound in bounds if bound is not None)


def _given(*numbers: float | None) -> Iterator[float]:
    return (number for number in numbers if number is not None)


def _limits_of_normal(entry: Measurement, relative_to: str | None) -> tuple[float, ...]:
    if relative_to is None:
        return (1.0,)
    found = entry.upper_limit if relative_to == "upper_limit" else entry.lower_limit
    if found is None:
        return ()
    return tuple(found.values()) if isinstance(found, dict) else (found,)
