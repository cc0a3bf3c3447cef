"""Changes of prior therapies: one that is listed is merged with what is new, another one is added."""

from __future__ import annotations

from typing import Any

from txselect.errors import InputError, Problem
from txselect.language.document import PLACE
from txselect.language.draft import Draft, EditedList, place_of_change, values_of
from txselect.language.statements import item_text, prior_detail
from txselect.language.validation import validated
from txselect.model.change import COMPLETE, NONE, UNKNOWN, Change
from txselect.model.profile import PriorTherapy, TherapyList

NEW = "new"
LIST = "prior_therapies"


class ChangedTherapies:
    """The prior therapies of a draft, changed together."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.names = draft.vocabulary.therapy_names
        self.given = draft.profile.prior_therapies
        self.edited = EditedList(self.given.items if self.given else ())
        self.called_complete = False

    def change(self, change: Change, name: str) -> None:
        """Change one therapy of the list, add one, or change the list as a whole. Raises InputError."""
        if not name:
            self._whole(change)
        elif name == NEW:
            self.draft.about(change, LIST, NEW, str(len(self.draft.subjects)))
            self._add(change, {})
        elif name.isdecimal():
            self._at(change, self._position(change, int(name)))
        else:
            self._named(change, name)

    def _whole(self, change: Change) -> None:
        hint = f"write {LIST}.NAME=progression, or another outcome"
        value = self.draft.changed_whole(change, "prior therapies", self.given, hint)
        if value == COMPLETE:
            self.called_complete = True
        else:
            self.draft.values[LIST] = TherapyList(items=(), complete=True) if value == NONE else None

    def _position(self, change: Change, number: int) -> int:
        if 1 <= number <= len(self.edited.items):
            return number - 1
        message = f"there is no prior therapy number {number}"
        raise InputError([Problem(place_of_change(change), "TX006", message, self._numbered())])

    def _numbered(self) -> str:
        listed = (f"{number} {item_text(item)}" for number, item in enumerate(self.edited.items, 1))
        return f"listed are: {'; '.join(listed)}" if self.edited.items else "no prior therapy is listed"

    def _named(self, change: Change, name: str) -> None:
        place = place_of_change(change)
        found = self.draft.resolved("therapy class or agent", name, self.names, place)
        positions = [
            index for index, item in enumerate(self.edited.items) if found in map(self.names.find, item.therapy)
        ]
        if len(positions) > 1:
            message = f"`{name}` is listed {len(positions)} times"
            hint = f"write {LIST}.NUMBER=...; {self._numbered()}"
            raise InputError([Problem(place, "TX005", message, hint)])
        if positions:
            self._at(change, positions[0])
        elif change.value == NONE:
            raise InputError([Problem(place, "TX006", f"no prior therapy `{name}` is listed", self._numbered())])
        else:
            self.draft.about(change, LIST, found)
            self._add(change, {"therapy": [name]})

    def _add(self, change: Change, form: dict[str, Any]) -> None:
        place = place_of_change(change)
        item = validated(PriorTherapy, {**form, **_keys(change), PLACE: place}, place)
        self.edited.replace((), item)
        named = self._in_words(item)
        self.draft.edited(change, f"prior {_label(named)}", "not listed", item_text(named), f"prior {item_text(named)}")

    def _at(self, change: Change, position: int) -> None:
        """Merge what is new with the therapy listed there, or remove it."""
        self.draft.about(change, LIST, str(position))
        old: PriorTherapy = self.edited.items[position]
        item = None if change.value == NONE else self._merged(change, old)
        self.edited.replace([position], item)
        was = self._in_words(old)
        after = item_text(self._in_words(item)) if item else "not given"
        says = f"prior {after}" if item else f"no prior {_label(was)}"
        self.draft.edited(change, f"prior {_label(was)}", item_text(was), after, says)

    def _merged(self, change: Change, old: PriorTherapy) -> PriorTherapy:
        new, place = _keys(change), place_of_change(change)
        merged = {**values_of(old), **new}
        for key in _left_no_room(merged, new):
            detail = prior_detail(key, merged.pop(key))
            label = _label(self._in_words(old))
            self.draft.set_aside.append(f"{label}, {detail}: {change} leaves no room for it")
        return validated(PriorTherapy, {**merged, PLACE: place}, place)

    def _in_words(self, item: PriorTherapy) -> PriorTherapy:
        """The therapy under the labels of its classes and agents."""
        found = {name: self.names.find(name) for name in item.therapy}
        labels = (self.draft.vocabulary.therapy_label(known) if known else name for name, known in found.items())
        return item.model_copy(update={"therapy": tuple(labels)})

    def settle(self) -> None:
        if self.edited.gone or self.edited.coming or self.called_complete:
            complete = self.called_complete or (self.given.complete if self.given else False)
            self.draft.values[LIST] = TherapyList(items=self.edited.result(), complete=complete)


def _label(item: PriorTherapy) -> str:
    return " + ".join(item.therapy)


def _keys(change: Change) -> dict[str, Any]:
    """What a change says of a therapy: its outcome, or a mapping in which `unknown` takes a key back."""
    if not isinstance(change.value, dict):
        return {"outcome": None if change.value == UNKNOWN else change.value}
    return {key: None if value == UNKNOWN else value for key, value in change.value.items()}


def _left_no_room(merged: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Old keys that cannot stand beside the new ones, or that would be read instead of them."""
    stated = {key for key, value in new.items() if value is not None}
    gone: set[str] = set()
    if "end" in stated:
        gone |= {"months_since_end"}
    if "months_since_end" in stated:
        gone |= {"end"}
    if stated & {"start", "end"} and merged.get("start") and merged.get("end"):
        gone |= {"months_on_therapy"}
    if new.get("outcome") == "ongoing":
        gone |= {"end", "months_since_end"}
    if stated & {"end", "months_since_end"} and merged.get("outcome") == "ongoing":
        gone |= {"outcome"}
    return sorted(key for key in gone - new.keys() if merged.get(key) is not None)
