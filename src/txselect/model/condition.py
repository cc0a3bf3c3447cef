"""Conditions of rules: a closed union, each true, false or unknown of a patient (design, section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from txselect.errors import PYTHON, Place


@dataclass(frozen=True, slots=True)
class Comparison:
    """Bounds on a number, in the unit of what is compared. `None` is no bound.

    >>> tps = Comparison(at_least=1, at_most=49)
    >>> tps.holds(30), tps.holds(50), tps.text("%")
    (True, False, 'from 1 to 49 %')
    >>> Comparison(above=0, below=2).text(steps=("none", "weak", "strong"))
    'above none and below strong'
    """

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    equals: float | None = None

    def holds(self, value: float) -> bool:
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.equals is None or value == self.equals)
        )

    def excludes(self, low: float, high: float) -> bool:
        """Whether no number from `low` to `high` can meet it."""
        return (
            (self.at_least is not None and high < self.at_least)
            or (self.above is not None and high <= self.above)
            or (self.at_most is not None and low > self.at_most)
            or (self.below is not None and low >= self.below)
            or (self.equals is not None and not low <= self.equals <= high)
        )

    def text(self, unit: str = "", steps: Sequence[str] = ()) -> str:
        """Every bound in words; `steps` are the names that numbers stand for on a scale."""
        bounds = {"at least": self.at_least, "at most": self.at_most, "above": self.above, "below": self.below}
        said = {word: _number(bound, steps) for word, bound in bounds.items() if bound is not None}
        if {"at least", "at most"} <= said.keys():
            said = {"from": f"{said.pop('at least')} to {said.pop('at most')}", **said}
        parts = [f"{word} {bound}" for word, bound in said.items()]
        parts += [_number(self.equals, steps)] if self.equals is not None else []
        return " and ".join(f"{part} {unit}".strip() for part in parts)

    def contradictory(self) -> bool:
        """Whether no number can meet it."""
        low = max((b for b in (self.at_least, self.above, self.equals) if b is not None), default=None)
        high = min((b for b in (self.at_most, self.below, self.equals) if b is not None), default=None)
        return low is not None and high is not None and (low > high or (low == high and not self.holds(low)))


def _number(bound: float, steps: Sequence[str]) -> str:
    return steps[int(bound)] if steps else f"{bound:g}"


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of `parts` hold."""

    count: int
    parts: tuple[Condition, ...]
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class FactHolds:
    """A fact that rules derive."""

    fact: str
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class CancerIs:
    """The patient's cancer is one of these codes or a kind of one."""

    codes: tuple[str, ...]
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class MarkerIs:
    """A marker is known positive (or, with `state` False, known negative)."""

    marker: str
    state: bool
    origin: str | None = None
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class MarkerMeasures:
    """A measured marker's value, or a scale marker's step (0, 1, ...), lies within the comparison."""

    marker: str
    comparison: Comparison
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class Measures:
    """A measurement lies within the comparison, which `relative_to` makes multiples of a limit of normal."""

    name: str
    comparison: Comparison
    relative_to: str | None = None  # "upper_limit", "lower_limit" or None
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class TherapyGiven:
    """One prior therapy meets every part that is given; an empty tuple or None asks nothing."""

    classes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    hormone_states: tuple[str, ...] = ()
    line: Comparison | None = None
    months_since_end: Comparison | None = None
    months_on_therapy: Comparison | None = None
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """One of `names` is listed as present; `kind` is site, comorbidity, finding, histology, drug or preference."""

    kind: str
    names: tuple[str, ...]
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class FieldIs:
    """A field of the profile has one of the values."""

    name: str
    values: tuple[str, ...]
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True, slots=True)
class FieldMeasures:
    """A number of the profile (or the number of prior lines) lies within the comparison."""

    name: str
    comparison: Comparison
    place: Place = field(default=PYTHON, compare=False)


Inner = All | AnyOf | Not | AtLeast
Leaf = CancerIs | MarkerIs | MarkerMeasures | Measures | TherapyGiven | Listed | FieldIs | FieldMeasures
Condition = Inner | FactHolds | Leaf
Occurrence = Leaf | FactHolds
"""What a condition is made of: it asks the profile, or for a fact."""


def inner(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly inside another; none for a leaf or a fact."""
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            return parts
        case Not(part):
            return (part,)
        case _:
            return ()


def occurrences_in(condition: Condition) -> Iterator[Occurrence]:
    """Every leaf and every use of a fact, in the order in which they are written."""
    if isinstance(condition, (All, AnyOf, AtLeast, Not)):
        for part in inner(condition):
            yield from occurrences_in(part)
    else:
        yield condition
