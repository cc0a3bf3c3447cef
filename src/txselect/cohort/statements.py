"""Statements: what one entry of a profile says, each by itself one bit of a patient.

Conditions are and, or and not over statements. `Leaves` writes them so; that a leaf means here what it means for a
single patient is a law that is tested.
"""

from __future__ import annotations

from dataclasses import dataclass

from txselect.model.condition import Leaf


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition on one number or word of the profile: known true or known false of it."""

    leaf: Leaf
    truth: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """A report says of a marker itself, before anything follows for its kinds, that it is positive or negative."""

    marker: str
    positive: bool
    origin: str | None


@dataclass(frozen=True, slots=True)
class ValuesDiffer:
    """Reports measure a marker with different values, so that none of them counts."""

    marker: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A term is listed as present (True), absent (False) or unknown (None)."""

    kind: str
    term: str
    state: bool | None


@dataclass(frozen=True, slots=True)
class ListGiven:
    """A list of terms of the kind is there; of prior therapies, the kind is `prior_therapies`."""

    kind: str


@dataclass(frozen=True, slots=True)
class ListOpen:
    """A list leaves it open whether there is more than it says."""

    kind: str


@dataclass(frozen=True, slots=True)
class Met:
    """A prior therapy meets what the condition asks (certain), or may meet it."""

    leaf: Leaf
    certain: bool


Statement = Holds | Reported | ValuesDiffer | Stated | ListGiven | ListOpen | Met
PRIOR_THERAPIES = "prior_therapies"
