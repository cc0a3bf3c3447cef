"""Changes of biomarker results: a new one stands instead of what it repeats and of what cannot be true beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from txselect.errors import InputError, Problem
from txselect.language.document import PLACE
from txselect.language.draft import Draft, EditedList, keys_of, place_of_change, quantity_in
from txselect.language.markers import contradicting, marker_knowledge, reported, said
from txselect.language.patient import results_of
from txselect.language.statements import items_text
from txselect.language.validation import validated
from txselect.model.change import UNKNOWN, Change
from txselect.model.patient import MarkerKnowledge, Result
from txselect.model.profile import BiomarkerReport, CancerReport, MarkerState, Profile
from txselect.model.vocabulary import Biomarker

_ORIGINS = ("germline", "somatic")


@dataclass(frozen=True, slots=True)
class _New:
    """What a change says of a marker: a result, or (None) that there is none."""

    change: Change
    marker: str
    result: Result | None

    @property
    def settles(self) -> bool:
        return self.result is not None and self.result.report.state in (None, "positive", "negative")

    def replaces(self, old: Result) -> bool:
        return repeats(self.result, old) if self.result else self.marker == old.marker

    def says_nothing_of(self, report: BiomarkerReport) -> bool:
        """Whether it says that the marker is unknown in the germline or tumour that a report is about."""
        origin = self.result.report.origin if self.result else None
        return not self.settles and origin in (None, report.origin)


class ChangedMarkers:
    """The biomarker results of a draft, changed together."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.vocabulary = draft.vocabulary
        self.new: list[_New] = []

    def change(self, change: Change, name: str) -> None:
        """Take note of one change. Raises InputError."""
        place = place_of_change(change)
        marker, result = self.draft.resolved("marker", name, self.vocabulary.marker_names, place), None
        if change.value != UNKNOWN:
            form = {"marker": name, **_form(change, self.vocabulary.biomarkers[marker])}
            result = self._result(validated(BiomarkerReport, {**form, PLACE: place}, place))
            marker = result.marker
        origin = result.report.origin if result else None
        self.draft.about(change, "biomarkers", marker, *([origin] if origin else []))
        self.new.append(_New(change, marker, result))

    def _result(self, report: BiomarkerReport) -> Result:
        """The report with its marker and value found. Raises InputError for one that would say nothing."""
        cancer = CancerReport(type=self.draft.profile.cancer.type, place=report.place)
        probe = Profile(cancer=cancer, biomarkers=(report,), place=report.place)
        results = results_of(probe, self.vocabulary, self.draft.day)
        if not results or not results[0].understood:
            hint = "a superseded result changes nothing" if report.superseded else "leave `alteration` out"
            message = f"no rule can read the result `{reported(report)}`"
            raise InputError([Problem(report.place, "TX005", message, hint)])
        return results[0]

    def settle(self) -> None:
        """Replace and set aside what the new results leave no room for."""
        if self.new:
            edited = EditedList(self.draft.profile.biomarkers)
            for new in self.new:
                self._replace(edited, new)
            self._set_aside(edited, self._contradicted(self._kept(edited)))
            self._check(self._kept(edited))
            self._set_aside(edited, self._in_the_way(self._kept(edited)))
            self.draft.values["biomarkers"] = edited.result()

    def _kept(self, edited: EditedList) -> list[Result]:
        """The old results that still stand."""
        gone = [edited.items[index] for index in edited.gone]
        return [old for old in self.draft.patient.results if not any(old.report is report for report in gone)]

    def _replace(self, edited: EditedList, new: _New) -> None:
        replaced = [old.report for old in self.draft.patient.results if new.replaces(old)]
        edited.replace(_positions(edited.items, replaced), new.result.report if new.result else None)
        label = self.vocabulary.biomarkers[new.marker].label
        after = reported(new.result.report) if new.result else "no result"
        says = after if new.result else f"no result of {label}"
        self.draft.edited(new.change, label, items_text(replaced, "no result"), after, says)

    def _contradicted(self, kept: Sequence[Result]) -> Iterator[tuple[BiomarkerReport, str]]:
        """Each old report that cannot be true beside a new one."""
        changes = self._changes()
        for pair in contradicting([*kept, *self._results()], self.vocabulary):
            for report, other in (pair, pair[::-1]):
                if id(other) in changes and id(report) not in changes:
                    yield report, f"cannot be true beside {said(other)}"

    def _check(self, kept: Sequence[Result]) -> None:
        """Two new reports that cannot both be true are a problem, whatever old ones are set aside."""
        changes = self._changes()
        for report, other in contradicting([*kept, *self._results()], self.vocabulary):
            if id(report) in changes and id(other) in changes:
                self.draft.cannot_both(changes[id(report)], changes[id(other)])

    def _in_the_way(self, kept: Sequence[Result]) -> Iterator[tuple[BiomarkerReport, str]]:
        """Each old report that keeps a change from being read: it settles what the change calls unknown, or
        contradicts another old one, and a marker with a contradiction is unknown altogether.
        """
        changes = self._changes()
        knowledge, _ = marker_knowledge([*kept, *self._results()], self.vocabulary)
        for new in self.new:
            known = knowledge.get(new.marker, MarkerKnowledge())
            label = self.vocabulary.biomarkers[new.marker].label
            for report in (*known.positive, *known.negative, *known.germline_negative, *known.measured):
                if new.says_nothing_of(report) and id(report) in changes:
                    self.draft.cannot_both(new.change, changes[id(report)])
                elif new.says_nothing_of(report):
                    yield report, f"would settle {label}"
                elif known.contradictory and id(report) not in changes:
                    yield report, f"is part of a contradiction about {label}"

    def _results(self) -> list[Result]:
        return [new.result for new in self.new if new.result]

    def _changes(self) -> dict[int, Change]:
        """The change behind each new report, by the report's identity: an old one may say the same."""
        return {id(new.result.report): new.change for new in self.new if new.result}

    def _set_aside(self, edited: EditedList, reports: Iterable[tuple[BiomarkerReport, str]]) -> None:
        for report, why in reports:
            position = _positions(edited.items, [report])
            if edited.gone.isdisjoint(position):
                edited.replace(position, None)
                self.draft.set_aside.append(f"{reported(report)}, which {why}")


def repeats(new: Result, old: Result) -> bool:
    """Whether it speaks of what an old result speaks of: a germline and a somatic state live side by side."""
    same_source = new.report.origin in (None, old.report.origin)
    return new.marker == old.marker and (same_source or new.value is not None)


def _form(change: Change, marker: Biomarker) -> dict[str, Any]:
    """What a change says of a marker: a mapping, or a state or value with or without an origin."""
    match change.value:
        case dict():
            return keys_of(change, "marker")
        case str() as said_of_it:
            words = said_of_it.split()
            origin = next((word for word in words if word in _ORIGINS), None)
            return {"origin": origin, **_state_or_value(" ".join(word for word in words if word != origin), marker)}
        case number:
            # a bare number is in the marker's unit where there is no other
            return {"value": number, "unit": None if marker.other_units else marker.unit}


def _state_or_value(text: str, marker: Biomarker) -> dict[str, Any]:
    quantity = quantity_in(text)
    if quantity and not marker.scale:
        return {"value": quantity[0], "unit": quantity[1]}
    if (marker.scale or marker.measured) and text not in get_args(MarkerState):
        return {"value": text}
    return {"state": text}


def _positions(items: Sequence[BiomarkerReport], reports: Sequence[BiomarkerReport]) -> list[int]:
    return [index for index, item in enumerate(items) if any(item is report for report in reports)]
