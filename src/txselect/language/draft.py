"""A profile while it is being changed: what each change replaces is judged against what the profile said at first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

from txselect.errors import Gathering, InputError, Place, Problem, did_you_mean
from txselect.language.patient import patient_of
from txselect.language.statements import items_text
from txselect.language.validation import validated
from txselect.model.change import COMPLETE, NONE, UNKNOWN, Change, Edit
from txselect.model.forms import Form
from txselect.model.patient import Patient
from txselect.model.profile import LIST_NAMES, Profile, TermList, TherapyList
from txselect.model.vocabulary import Names, Vocabulary

_LAST_DAY = date(2199, 12, 31)
"""Names and units mean the same on every day, and on this one no result lies in the future."""

_QUANTITY = re.compile(r"([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)\s*(\S.*)")

Subject = tuple[str, ...]
"""What a change is about. Of two changes the one may not be about what the other is about, or about a part of it."""


def place_of_change(change: Change) -> Place:
    """How problems name a change."""
    return Place(f"--set {change.path}")


def quantity_in(text: str) -> tuple[float, str] | None:
    """A number and its unit.

    >>> quantity_in("60%"), quantity_in("4.5 10^9/L"), quantity_in("high")
    ((60.0, '%'), (4.5, '10^9/L'), None)
    """
    found = _QUANTITY.fullmatch(text)
    return (float(found[1]), found[2]) if found else None


def keys_of(change: Change, named: str) -> dict[str, Any]:
    """The keys of a change that is a mapping; what its path names is not said again. Raises InputError."""
    keys: dict[str, Any] = change.value
    if named in keys:
        message = f"unknown key `{named}`"
        raise InputError([Problem(place_of_change(change), "TX003", message, "the path names it already")])
    return keys


def _with_more_words(name: str, spellings: Iterable[str]) -> str:
    """A hint at names that begin with the one given.

    >>> _with_more_words("RET", ["RET fusion", "MET amplification", "RET mutation"])
    'did you mean `RET fusion` or `RET mutation`?'
    """
    begun = f"{name.casefold()} "
    longer = [f"`{spelling}`" for spelling in spellings if spelling.replace("_", " ").casefold().startswith(begun)]
    return f"did you mean {' or '.join(longer[:3])}?" if longer else ""


def values_of(form: Form) -> dict[str, Any]:
    """A form's values as they are, with its place, ready to be validated again beside new ones."""
    return {name: getattr(form, name) for name in type(form).model_fields}


@dataclass
class EditedList:
    """A list of which some items go and others come, each at the place of the first that it stands for."""

    items: Sequence[Any]
    gone: set[int] = field(default_factory=set)
    coming: list[tuple[int, Any]] = field(default_factory=list)

    def replace(self, gone: Collection[int], item: Any | None) -> None:
        self.gone.update(gone)
        if item is not None:
            self.coming.append((min(gone, default=len(self.items)), item))

    def result(self) -> tuple[Any, ...]:
        slots = [[] if index in self.gone else [item] for index, item in enumerate(self.items)]
        slots.append([])
        for position, item in self.coming:
            slots[position].append(item)
        return tuple(chain.from_iterable(slots))


class Draft:
    """Gathers what changes do to one profile: new values, edited lists, what is set aside, problems."""

    day = _LAST_DAY

    def __init__(self, profile: Profile, vocabulary: Vocabulary) -> None:
        self.profile = profile
        self.vocabulary = vocabulary
        self.problems = Gathering()
        self.edits: list[Edit] = []
        self.set_aside: list[str] = []
        self.values: dict[str, Any] = {}
        self.cancer_values: dict[str, Any] = {}
        self.subjects: list[tuple[Subject, Change]] = []

    @cached_property
    def patient(self) -> Patient:
        """The profile as it was, resolved. Raises InputError where it cannot be."""
        return patient_of(self.profile, self.vocabulary, self.day)

    def resolved(self, kind: str, name: str, names: Names, place: Place) -> str:
        """The id behind a name. Raises InputError with a hint."""
        found = names.find(name)
        if found is None:
            hint = did_you_mean(name, names.all_spellings()) or _with_more_words(name, names.all_spellings())
            raise InputError([Problem(place, "TX006", f"unknown {kind} `{name}`", hint)])
        return found

    def about(self, change: Change, *subject: str) -> None:
        """Say what a change is about. Raises InputError where another change is about the same thing."""
        for other, earlier in self.subjects:
            shorter = min(len(other), len(subject))
            if other[:shorter] == subject[:shorter]:
                message = f"`{earlier.path}` and `{change.path}` change the same thing"
                raise InputError([Problem(place_of_change(change), "TX005", message, "keep one of them")])
        self.subjects.append((subject, change))

    def cannot_both(self, one: Change, other: Change) -> None:
        """A problem: what two changes state contradicts each other."""
        first, second = sorted((one, other), key=str)
        message = f"`{first}` and `{second}` cannot both be true"
        self.problems.add(place_of_change(second), "TX005", message, "keep one of them")

    def edited(self, change: Change, subject: str, before: str, after: str, says: str = "") -> None:
        self.edits.append(Edit(change, subject, before, after, says or f"{subject} {after}"))

    def changed_whole(self, change: Change, label: str, listing: TermList | TherapyList | None, hint: str) -> str:
        """Say what one of the values `none`, `complete` and `unknown` does to a list; gives it. Raises InputError."""
        key, value = change.path.rstrip("."), change.value
        if value not in (NONE, COMPLETE, UNKNOWN):
            message = f"`{key}` needs a name, or one of the values `{NONE}`, `{COMPLETE}` and `{UNKNOWN}`"
            raise InputError([Problem(place_of_change(change), "TX005", message, hint)])
        if value == COMPLETE:
            self.about(change, key, COMPLETE)
            before = COMPLETE if listing and listing.complete else "not stated to be complete"
            self.edited(change, label, before, COMPLETE)
        else:
            self.about(change, key)
            before = items_text(listing.items, NONE) if listing else "not stated"
            self.edited(change, label, before, "none" if value == NONE else "not stated")
        return str(value)

    def put(self, kind: str, value: Any) -> None:
        """A new list of terms of a kind, in the part of the profile where it stands."""
        holder = self.values if self.profile.holder_of(kind) is self.profile else self.cancer_values
        holder[LIST_NAMES[kind]] = value

    def result(self) -> Profile:
        """The changed profile, validated as any profile is."""
        cancer = self.profile.cancer
        made = validated(type(cancer), values_of(cancer) | self.cancer_values, cancer.place)
        return validated(Profile, values_of(self.profile) | {"cancer": made} | self.values, self.profile.place)
