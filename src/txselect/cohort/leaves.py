"""The circuits of leaf conditions over statements: what follows for markers, lists and prior therapies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from txselect.cohort.circuit import EVERYBODY, NOBODY, Circuit
from txselect.cohort.statements import (
    PRIOR_THERAPIES,
    Holds,
    ListGiven,
    ListOpen,
    Met,
    Reported,
    Stated,
    ValuesDiffer,
)
from txselect.errors import InternalCheckError
from txselect.model.condition import CancerIs, Leaf, Listed, MarkerIs, MarkerMeasures, TherapyGiven
from txselect.model.profile import NONE_UNLESS_STATED
from txselect.model.vocabulary import Vocabulary
from txselect.program.observe import any_of

ORIGINS = (None, "somatic", "germline")
Rails = tuple[int, int]
"""The wires of those for whom something is known true and of those for whom it is known false."""


class Leaves:
    """What each leaf condition says of patients with one cancer code."""

    def __init__(self, circuit: Circuit, vocabulary: Vocabulary, cancer: str) -> None:
        self.circuit = circuit
        self.vocabulary = vocabulary
        self.cancer = cancer
        self.markers = Markers(circuit, vocabulary)

    def rails(self, leaf: Leaf) -> Rails:
        match leaf:
            case CancerIs(codes):
                kinds = self.vocabulary.cancer_kinds
                truth = any_of(kinds.relation(self.cancer, code) for code in codes)
                return (EVERYBODY if truth is True else NOBODY, EVERYBODY if truth is False else NOBODY)
            case MarkerIs(marker, state, origin):
                found = self.markers.rails(marker, origin)
                return found if state else (found[1], found[0])
            case MarkerMeasures(marker):
                differ = self.circuit.input(ValuesDiffer(marker))
                true, false = self._held(leaf)
                return self.circuit.but_not(true, differ), self.circuit.but_not(false, differ)
            case Listed(kind, names):
                return self._listed(kind, names)
            case TherapyGiven():
                return self._given(leaf)
            case _:
                return self._held(leaf)

    def _held(self, leaf: Leaf) -> Rails:
        return self.circuit.input(Holds(leaf, True)), self.circuit.input(Holds(leaf, False))

    def _given(self, leaf: TherapyGiven) -> Rails:
        met = self.circuit.input(Met(leaf, certain=True))
        perhaps = self.circuit.any(
            (met, self.circuit.input(Met(leaf, certain=False)), self.circuit.input(ListOpen(PRIOR_THERAPIES)))
        )
        return met, self.circuit.but_not(self.circuit.input(ListGiven(PRIOR_THERAPIES)), perhaps)

    def _listed(self, kind: str, names: Iterable[str]) -> Rails:
        each = [self._term(kind, name) for name in names]
        return self.circuit.any(true for true, _ in each), self.circuit.every(false for _, false in each)

    def _term(self, kind: str, name: str) -> Rails:
        """Present if a kind of it is, absent if it or something more general is; a more general term leaves it open."""
        circuit, kinds = self.circuit, self.vocabulary.term_kinds[kind]
        below = [self._state(kind, other) for other in kinds.below(name)]
        above = [self._state(kind, other) for other in sorted(kinds.above(name))]
        present = circuit.any(state[0] for state in below)
        absent = circuit.any(state[1] for state in above)
        left_open = (*(state[2] for state in below), *(circuit.either(state[0], state[2]) for state in above))
        closed = circuit.but_not(self._given_list(kind), self.circuit.input(ListOpen(kind)))
        missing = circuit.but_not(closed, circuit.any((present, *left_open)))
        return circuit.but_not(present, absent), circuit.but_not(circuit.either(absent, missing), present)

    def _given_list(self, kind: str) -> int:
        return EVERYBODY if kind == NONE_UNLESS_STATED else self.circuit.input(ListGiven(kind))

    def _state(self, kind: str, name: str) -> tuple[int, int, int]:
        """Present, absent, or unknown, which it is too where the list says it more than one way."""
        present, absent, unknown = (self.circuit.input(Stated(kind, name, state)) for state in (True, False, None))
        circuit = self.circuit
        differ = circuit.either(unknown, circuit.both(present, absent))
        return circuit.but_not(present, differ), circuit.but_not(absent, differ), differ


class Markers:
    """What reports say together of each marker (`txselect.language.markers`), as circuits."""

    def __init__(self, circuit: Circuit, vocabulary: Vocabulary) -> None:
        self.circuit = circuit
        self.vocabulary = vocabulary
        self.kinds = vocabulary.marker_kinds
        self.rails = cache(self._rails)
        self._negative = cache(self._negative_by_any_way)

    def _rails(self, marker: str, origin: str | None) -> Rails:
        contradictory = self._contradictory(marker)
        negative = self._negative_of(marker, origin)
        positive = self.circuit.any(self._undisputed(marker, origin))
        false = self.circuit.but_not(negative, positive)
        return self.circuit.but_not(positive, contradictory), self.circuit.but_not(false, contradictory)

    def _contradictory(self, marker: str) -> int:
        """Those with a positive and a negative report of which only one can be true."""
        return self.circuit.any(
            self.circuit.both(self._positive(kind, origin), self._against(marker, origin))
            for kind in self.kinds.below(marker)
            for origin in ORIGINS
        )

    def _undisputed(self, marker: str, asked: str | None) -> Iterator[int]:
        """The positive reports of a marker's kinds that nothing contradicts where they say so themselves."""
        for kind in self.kinds.below(marker):
            for origin in ORIGINS if asked is None else (asked,):
                disputed = NOBODY if kind == marker else self._against(kind, origin)
                yield self.circuit.but_not(self._positive(kind, origin), disputed)

    def _against(self, marker: str, origin: str | None) -> int:
        """Those with a negative report that contradicts a positive one of that origin."""
        if origin == "germline":
            return self.circuit.either(self._unstated_negative(marker), self._germline_negative(marker))
        return self._tumour_negative(marker)

    def _negative_of(self, marker: str, origin: str | None) -> int:
        match origin:
            case "germline":
                return self._germline_negative(marker)
            case "somatic":
                return self._somatic_negative(marker, frozenset())
            case _:
                return self._tumour_negative(marker)

    def _tumour_negative(self, marker: str) -> int:
        return self._negative(marker, (None, "somatic"), frozenset())

    def _unstated_negative(self, marker: str) -> int:
        return self._negative(marker, (None,), frozenset())

    def _germline_negative(self, marker: str) -> int:
        return self._negative(marker, ("germline",), frozenset())

    def _negative_by_any_way(self, marker: str, origins: tuple[str | None, ...], passed: frozenset[str]) -> int:
        """Negative itself, by what it is a kind of, or because every part of something composed is negative.

        passed: what is composed and was looked into already; nothing is negative because it is negative itself.
        """
        together = (
            self.circuit.every(self._negative(part, origins, passed | {whole}) for part in self._parts(whole))
            for whole in self._composed(marker, passed)
        )
        return self.circuit.either(self._directly(marker, origins), self.circuit.any(together))

    def _somatic_negative(self, marker: str, passed: frozenset[str]) -> int:
        """Those with a negative report that says it is somatic. Parts count only where nothing says it directly."""
        wholes = self._composed(marker, passed)
        if len(wholes) > 1:
            text = f"somatic results of `{marker}` depend on the order of {' and '.join(wholes)}"
            raise InternalCheckError(f"{text}; a cohort cannot be decided with these rules")
        found = NOBODY
        for whole in wholes:
            inner = passed | {whole}
            every = self.circuit.every(self._negative(part, (None, "somatic"), inner) for part in self._parts(whole))
            some = self.circuit.any(self._somatic_negative(part, inner) for part in self._parts(whole))
            found = self.circuit.both(every, some)
        unsaid = self.circuit.but_not(found, self._directly(marker, (None, "somatic")))
        return self.circuit.either(self._directly(marker, ("somatic",)), unsaid)

    def _composed(self, marker: str, passed: frozenset[str]) -> list[str]:
        """What can make a marker negative once all its parts are; a kind of a part is negative with that part."""
        wider = [name for name in sorted(self.kinds.above(marker)) if self._parts(name) and name not in passed]
        return [whole for whole in wider if self.kinds.above(marker).isdisjoint(self._parts(whole))]

    def _parts(self, marker: str) -> tuple[str, ...]:
        entry = self.vocabulary.biomarkers.get(marker)
        return entry.any_of if entry else ()

    def _directly(self, marker: str, origins: Iterable[str | None]) -> int:
        wider = sorted(self.kinds.above(marker))
        return self.circuit.any(
            self.circuit.input(Reported(name, False, origin)) for name in wider for origin in origins
        )

    def _positive(self, marker: str, origin: str | None) -> int:
        return self.circuit.input(Reported(marker, True, origin))
