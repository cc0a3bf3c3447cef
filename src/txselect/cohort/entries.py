"""Entries: the parts of profiles that mean something by themselves, each read once, however many patients have it.

An entry is read by the code that reads a whole profile, in a profile that has nothing else. So what is wrong with it
and what it says are the same as for a single patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from txselect.cohort.statements import PRIOR_THERAPIES, ListGiven, ListOpen, Reported, Stated, Statement, ValuesDiffer
from txselect.errors import PYTHON, InputError
from txselect.language.markers import stated
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.patient import Patient, Span, TherapyRecord
from txselect.model.profile import LIST_NAMES, Profile
from txselect.model.vocabulary import Vocabulary

UNREADABLE = 0
"""The number of every entry that cannot be read; its patient is read again as a whole, for all that is wrong."""

_LINES = "field prior_lines"
"""What is counted over all prior therapies, so that a single one says nothing of it."""

_ANY_DAY = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry says.

    statements: what it says outright.
    patient: of whom conditions on its `subjects` are asked (`txselect.program.observe`).
    therapies: the prior therapies that it tells of, of which it says nothing else.
    measured: a marker with the value that is reported.
    parts: entries that it consists of.
    """

    statements: tuple[Statement, ...] = ()
    patient: Patient | None = None
    subjects: tuple[str, ...] = ()
    therapies: tuple[TherapyRecord, ...] = ()
    measured: tuple[str, float] | None = None
    parts: tuple[int, ...] = ()


class Entries:
    """Every entry met so far by its number."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.known: list[Entry] = [Entry()]
        self._numbers: dict[object, int] = {}
        self._cancer = next(iter(vocabulary.cancers))
        self._silent = self._alone({}, _ANY_DAY).subjects

    def find(self, key: object) -> int | None:
        """The number of the entry with that key, if it was met before."""
        return self._numbers.get(key)

    def number(self, key: object, part: Mapping[str, Any], day: date) -> int:
        """The number of the entry that `part`, a profile with nothing else, is on that day."""
        found = self._numbers.get(key)
        if found is None:
            try:
                found = self._kept(key, self._entry_of(self._alone(part, day)))
            except InputError:
                found = self._numbers[key] = UNREADABLE
        return found

    def lines(self, span: Span) -> int:
        """The number of the entry that says how many lines were given."""
        found = self._numbers.get(span)
        if found is None:
            alone = self._alone({"prior_therapies": []}, _ANY_DAY)
            patient = Patient(**{**vars(alone), "numbers": {"prior_lines": span}})
            found = self._kept(span, Entry(patient=patient, subjects=(_LINES,)))
        return found

    def values_differ(self, marker: str) -> int:
        """The number of the entry that says that reports of a marker's value differ."""
        key = ValuesDiffer(marker)
        found = self._numbers.get(key)
        return self._kept(key, Entry((key,))) if found is None else found

    def together(self, parts: tuple[int, ...]) -> int:
        """The number of the entry that says what several say."""
        if len(parts) == 1 or UNREADABLE in parts:
            return min(parts)
        found = self._numbers.get(parts)
        return self._kept(parts, Entry(parts=parts)) if found is None else found

    def _kept(self, key: object, entry: Entry) -> int:
        self._numbers[key] = len(self.known)
        self.known.append(entry)
        return self._numbers[key]

    def _alone(self, part: Mapping[str, Any], day: date) -> Patient:
        cancer = {"type": self._cancer, **part.get("cancer", {})}
        return patient_of(validated(Profile, {**part, "cancer": cancer}, PYTHON), self.vocabulary, day)

    def _entry_of(self, patient: Patient) -> Entry:
        measured = next(((result.marker, result.value) for result in patient.results if result.value is not None), None)
        return Entry(
            statements=tuple(self._statements(patient)),
            patient=patient,
            subjects=tuple(sorted(patient.subjects - self._silent - {_LINES})),
            therapies=patient.therapies,
            measured=measured,
        )

    def _statements(self, patient: Patient) -> Iterator[Statement]:
        for result in patient.results:
            for marker, state in stated(result, self.vocabulary):
                yield Reported(marker, state == "positive", result.report.origin)
        for kind in LIST_NAMES:
            if patient.profile.term_list(kind) is not None:
                listing = patient.listings[kind]
                yield ListGiven(kind)
                yield from (Stated(kind, term, state) for term, state in listing.states.items())
                if not listing.complete:
                    yield ListOpen(kind)
        if patient.profile.prior_therapies is not None:
            yield ListGiven(PRIOR_THERAPIES)
            if not patient.therapies_complete:
                yield ListOpen(PRIOR_THERAPIES)
