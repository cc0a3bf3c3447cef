"""What a profile could say otherwise: questions, each with the answers that the rules can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from txselect.decision.wording import Wording
from txselect.model.change import Change
from txselect.model.condition import Comparison, TherapyGiven

THERAPIES = "prior_therapies"
WORDS = {"outcome": "outcomes", "setting": "settings", "hormone_state": "hormone_states"}
"""Details of a prior therapy that are one of several words, and where a condition lists those that meet it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A change of the profile that may be tried; `says` names in words all that comes to the same."""

    change: Change
    says: str

    def stated(self, details: Mapping[str, Any]) -> Answer:
        """The answer as found: a plain one has no details."""
        return self


@dataclass(frozen=True, slots=True)
class TherapyAnswer:
    """A prior therapy that is added, or (with a position) altered; its details are found with the answer.

    regions: for each detail that is a number, the numbers that come to the same as one of them.
    """

    name: str
    label: str
    position: int | None
    listed: bool
    words: Wording
    regions: Mapping[str, Mapping[float, Comparison]]

    def stated(self, details: Mapping[str, Any]) -> Answer:
        """The change that states these details."""
        parts: dict[str, Any] = {plural: (details[key],) for key, plural in WORDS.items() if key in details}
        parts |= {key: alike[details[key]] for key, alike in self.regions.items() if key in details}
        told = [self.words.condition(TherapyGiven(**{key: value})) for key, value in parts.items()]
        how = ", ".join(detail.removeprefix("prior therapy ").removeprefix("that ") for detail in told)
        return Answer(self._change(dict(details)), f"prior {self.label}{f', for example {how}' if how else ''}")

    def _change(self, details: dict[str, Any]) -> Change:
        if self.position is not None:
            return Change(f"{THERAPIES}.{self.position}", details)
        if self.listed:
            return Change(f"{THERAPIES}.new", {"therapy": [self.name], **details})
        return Change(f"{THERAPIES}.{self.name}", details["outcome"] if details.keys() == {"outcome"} else details)


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a profile says or leaves open.

    about: what it is about, in words. now: what the profile says of it, in words.
    known: whether that settles anything. fixed: whether it is known and nobody can change it (age, history, germline).
    key: what tests are matched by, such as `marker X`, `measurement Y`, `field Z`, `list K`.
    name: of several questions with one key, the term or therapy that this one is about. origin: that of a marker.
    """

    about: str
    now: str
    known: bool
    fixed: bool
    key: str
    answers: tuple[Answer | TherapyAnswer, ...]
    name: str = ""
    origin: str | None = None
