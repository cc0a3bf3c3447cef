"""Changes of listed terms and of measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from txselect.errors import InputError, Problem
from txselect.language.document import PLACE
from txselect.language.draft import Draft, EditedList, keys_of, place_of_change, quantity_in
from txselect.language.statements import field_label, item_text, items_text
from txselect.language.validation import validated
from txselect.model.change import COMPLETE, NONE, UNKNOWN, Change
from txselect.model.profile import (
    LIST_NAMES,
    NONE_UNLESS_STATED,
    MeasurementReport,
    Observation,
    TermList,
)
from txselect.model.vocabulary import Measurement

_LIMITS = ("lower_limit", "upper_limit")


class ChangedTerms:
    """One kind of listed terms of a draft, changed together."""

    def __init__(self, draft: Draft, kind: str) -> None:
        self.draft = draft
        self.kind = kind
        self.list = LIST_NAMES[kind]
        self.names = draft.vocabulary.term_names[kind]
        self.terms = draft.profile.term_list(kind)
        self.edited = EditedList(self.terms.items if self.terms else ())
        self.coming: list[tuple[Change, str, Observation]] = []
        self.called_complete = False

    def change(self, change: Change, name: str) -> None:
        """Change one term of the list, or the list as a whole. Raises InputError."""
        if not name:
            self._whole(change)
            return
        place = place_of_change(change)
        term = self.draft.resolved(self.kind, name, self.names, place)
        item = validated(Observation, {"name": name, "state": change.value, PLACE: place}, place)
        self.draft.about(change, self.list, term)
        self.coming.append((change, term, item))

    def _whole(self, change: Change) -> None:
        """`none` makes the list empty and complete, `complete` leaves what it says, `unknown` says nothing of it."""
        hint = f"write {self.list}.NAME=present, absent or unknown"
        value = self.draft.changed_whole(change, self.list, self.terms, hint)
        if value == COMPLETE:
            self.called_complete = True
            return
        # a list of preferences that is left out would say that there are none
        stated = value == NONE or self.kind == NONE_UNLESS_STATED
        self.draft.put(self.kind, TermList(items=(), complete=value == NONE) if stated else None)

    def settle(self) -> None:
        """Replace the items of each term, then set aside what contradicts one of them."""
        if not self.coming and not self.called_complete:
            return
        listed = [self.names.find(item.name) for item in self.edited.items]
        for change, term, item in self.coming:
            replaced = [index for index, other in enumerate(listed) if other == term]
            before = items_text((self.edited.items[index] for index in replaced), "not listed")
            label = self.draft.vocabulary.terms[self.kind][term].label
            self.draft.edited(change, f"{field_label(self.kind)} {label}", before, item.state)
            self.edited.replace(replaced, item)
        for change, term, item in self.coming:
            self._set_aside_against(term, item, listed)
            for other_change, other, other_item in self.coming:
                if self._excludes(term, item, other, other_item):
                    self.draft.cannot_both(change, other_change)
        self.draft.put(self.kind, TermList(items=self.edited.result(), complete=self._complete()))

    def _complete(self) -> bool | None:
        """A list made for the change is open, so that nothing else changes; unstated preferences are none."""
        if self.called_complete:
            return True
        if self.terms:
            return self.terms.complete
        return None if self.kind == NONE_UNLESS_STATED else False

    def _set_aside_against(self, term: str, item: Observation, listed: Sequence[str | None]) -> None:
        for index, other in enumerate(listed):
            old = self.edited.items[index]
            if other and index not in self.edited.gone and self._excludes(term, item, other, old):
                self.edited.gone.add(index)
                why = f"cannot be true beside {item_text(item)}"
                self.draft.set_aside.append(f"{item_text(old)}, which {why}")

    def _excludes(self, term: str, item: Observation, other: str, other_item: Observation) -> bool:
        """Whether what is said of one term leaves no room for what is said of another."""
        kinds = self.draft.vocabulary.term_kinds[self.kind]
        makes_present = other_item.state == "present" and term in kinds.above(other) and item.state != "present"
        makes_absent = other_item.state == "absent" and other in kinds.above(term) and item.state != "absent"
        return other != term and (makes_present or makes_absent)


class ChangedMeasurements:
    """The measurements of a draft, changed together."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.names = draft.vocabulary.measurement_names
        self.edited = EditedList(draft.profile.measurements)

    def change(self, change: Change, name: str) -> None:
        """One value instead of every value of its measurement, or none. Raises InputError."""
        place = place_of_change(change)
        found = self.draft.resolved("measurement", name, self.names, place)
        entry = self.draft.vocabulary.measurements[found]
        replaced = [index for index, old in enumerate(self.edited.items) if self.names.find(old.name) == found]
        item = None
        if change.value != UNKNOWN:
            form = {"name": name, **_measured(change, entry)}
            form |= self._limits_kept(form, [self.edited.items[index] for index in replaced])
            item = validated(MeasurementReport, {**form, PLACE: place}, place)
        self.draft.about(change, "measurements", found)
        before = items_text((self.edited.items[index] for index in replaced), "not measured")
        after = item_text(item) if item else "not measured"
        self.draft.edited(change, entry.label, before, after, after if item else f"{entry.label} not measured")
        self.edited.replace(replaced, item)

    def _limits_kept(self, form: Mapping[str, Any], replaced: Sequence[MeasurementReport]) -> dict[str, float]:
        """The limits of normal that came with the newest value replaced and that the new one does not give itself."""
        if not replaced:
            return {}
        newest = max(replaced, key=lambda report: report.date or date.min)
        limits = {name: getattr(newest, name) for name in _LIMITS if name not in form}
        given = {name: limit for name, limit in limits.items() if limit is not None}
        if given and newest.unit != form.get("unit"):
            self.draft.set_aside.append(f"the limits of normal of {item_text(newest)}, which are in another unit")
            return {}
        return given

    def settle(self) -> None:
        if self.edited.gone or self.edited.coming:
            self.draft.values["measurements"] = self.edited.result()


def _measured(change: Change, entry: Measurement) -> dict[str, Any]:
    """The report that a change gives as a mapping, as a number with its unit, or as a number where units agree."""
    match change.value:
        case dict():
            return keys_of(change, "name")
        case str() if quantity := quantity_in(change.value):
            return {"value": quantity[0], "unit": quantity[1]}
        case int() | float() if all(factor == 1 for factor in entry.other_units.values()):
            return {"value": change.value, "unit": entry.unit}
        case _:
            known = " or ".join((entry.unit, *entry.other_units))
            message = f"`{change.value}` is no value of {entry.label} with its unit"
            hint = f"write a number and its unit, which is {known}"
            raise InputError([Problem(place_of_change(change), "TX009", message, hint)])
