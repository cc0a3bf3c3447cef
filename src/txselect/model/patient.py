"""A profile with every name resolved through the vocabulary: what conditions are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from txselect.model.condition import Comparison
from txselect.model.profile import LIST_NAMES, BiomarkerReport, MeasurementReport, Profile


@dataclass(frozen=True, slots=True)
class Span:
    """A number known to lie from `low` to `high`, both included.

    >>> Span(1, 2).within(Comparison(at_least=1)), Span(1, 2).within(Comparison(at_least=2))
    (True, None)
    """

    low: float
    high: float

    def within(self, comparison: Comparison) -> bool | None:
        """Whether every number of the span meets the comparison (True), none does (False), or it is open (None)."""
        if comparison.holds(self.low) and comparison.holds(self.high):
            return True
        if self.low == self.high or comparison.excludes(self.low, self.high):
            return False
        return None


@dataclass(frozen=True, slots=True)
class Listing:
    """The terms of one kind: `states` says present (True), absent (False) or unknown (None) of what is listed.

    contradictory: the terms that the list says both ways, of themselves or through what they are a kind of.
    """

    states: Mapping[str, bool | None]
    complete: bool
    contradictory: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TherapyRecord:
    """One prior therapy; `names` are classes and agents, intervals are in months.

    position: where the profile lists it, counted from 1.
    contradictory: it was given as ongoing and as ended, so its outcome and its end are unknown.
    """

    names: tuple[str, ...]
    setting: str | None
    line: int | None
    hormone_state: str | None
    outcome: str | None
    months_since_end: float | None
    months_on_therapy: float | None
    systemic: bool
    position: int
    contradictory: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A report with its marker's id; `value` is in the marker's unit or a step of its scale.

    understood: False where the reported alteration is not in the vocabulary, so that nothing follows from it.
    """

    marker: str
    report: BiomarkerReport
    value: float | None = None
    understood: bool = True


@dataclass(frozen=True, slots=True)
class MarkerKnowledge:
    """What the reports together say of one marker.

    positive, negative: the reports that make it so (directly or by implication).
    unsettled: equivocal, failed or explicitly untested reports of this very marker.
    value: the measured value or scale step, None where there is none or values differ.
    contradictory: reports that cannot both be true, as a germline-positive and a somatic-negative one can.
    disputed: it would be positive by what is a kind of it, if reports of that did not contradict each other.
    """

    positive: tuple[BiomarkerReport, ...] = ()
    negative: tuple[BiomarkerReport, ...] = ()
    germline_negative: tuple[BiomarkerReport, ...] = ()
    unsettled: tuple[BiomarkerReport, ...] = ()
    value: float | None = None
    measured: tuple[BiomarkerReport, ...] = ()
    contradictory: bool = False
    disputed: bool = False

    @property
    def state(self) -> bool | None:
        if self.contradictory:
            return None
        return True if self.positive else False if self.negative else None


@dataclass(frozen=True, slots=True)
class MeasurementFound:
    """The newest value, in the vocabulary's unit, with limits of normal and which of those are the vocabulary's own."""

    value: float
    lower_limit: float | None
    upper_limit: float | None
    limits_assumed: tuple[str, ...]
    report: MeasurementReport


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the input itself that a reader must see: `kind` is a flag kind of the decision."""

    kind: str
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Patient:
    """The resolved profile. Mappings lack what is unknown; `results` are the reports that `markers` is made of."""

    profile: Profile
    as_of: date
    cancer: str
    fields: Mapping[str, str]
    numbers: Mapping[str, Span]
    listings: Mapping[str, Listing]
    therapies: tuple[TherapyRecord, ...]
    therapies_complete: bool
    results: tuple[Result, ...]
    markers: Mapping[str, MarkerKnowledge]
    measurements: Mapping[str, MeasurementFound]
    notices: tuple[Notice, ...] = ()

    @cached_property
    def therapy_names(self) -> frozenset[str]:
        """Every class and agent given before."""
        return frozenset(name for record in self.therapies for name in record.names)

    @cached_property
    def assumed_lists(self) -> frozenset[str]:
        """Profile keys of the lists that are taken as complete although they do not say so themselves."""
        given = self.profile.prior_therapies
        therapies = given is not None and given.complete is None and self.therapies_complete
        kinds = {
            kind for kind, listing in self.listings.items() if listing.complete and _says_nothing(self.profile, kind)
        }
        return frozenset(LIST_NAMES[kind] for kind in kinds) | ({"prior_therapies"} if therapies else set())

    @cached_property
    def subjects(self) -> frozenset[str]:
        """What the profile says anything about; every other condition is unknown without looking."""
        known = {"cancer"}
        known.update(f"marker {name}" for name in self.markers)
        known.update(f"measurement {name}" for name in self.measurements)
        known.update(f"list {kind}" for kind in self.listings)
        known.update(f"field {name}" for name in (*self.fields, *self.numbers))
        if self.profile.prior_therapies is not None:
            known.add("prior therapies")
        return frozenset(known)


def _says_nothing(profile: Profile, kind: str) -> bool:
    """Whether a list leaves its completeness to what its kind implies."""
    given = profile.term_list(kind)
    return given is None or given.complete is None
