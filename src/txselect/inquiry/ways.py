"""The nearest ways to a therapy, or away from it: the record, and the words in which a reader gets it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from txselect.decision.wording import counted, first_few, joined
from txselect.explain.lines import Explanation, Line, Mark
from txselect.explain.text import STATUS_WORDS, capitalised
from txselect.model.profile import Status

Goal = Literal["recommended", "not_offered"]

_GOALS = {
    "recommended": ("no longer be offered", "be offered all the same"),
    "recommended_pending": ("be recommended with nothing pending", "not be recommended with nothing pending"),
}
"""What is asked of a therapy by its status, and what is so where nothing leads there."""
_TO_BE_RECOMMENDED = ("be recommended", "not be recommended")
_MOST_ALTERNATIVES = 3
_ABOUT = "this tells how the rules decide; it is no advice to change anything about the patient"
_LEFT_OUT = "left out: what is known and nobody can change (age, sex, history, histology, germline results)"


@dataclass(frozen=True, slots=True)
class NeededChange:
    """One change of a way.

    change: as `--set` takes it. says: what would have to be true, in words. now: what the profile says of it.
    also: other answers that do as well, the rest of the way being the same.
    known: whether the profile settles it now. fixed: whether it does and nobody can change it.
    """

    change: str
    about: str
    says: str
    also: tuple[str, ...]
    now: str
    known: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class Way:
    """Changes that turn the status together, and not without any one of them. `status` is that after them."""

    changes: tuple[NeededChange, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Nearest:
    """The ways to a goal, smallest first. `complete`: there are no others.

    obstacle: why no change can matter, where no rule for the therapy is in scope; else empty.
    """

    therapy: str
    label: str
    status: Status
    goal: Goal
    ways: tuple[Way, ...]
    complete: bool
    changeable_only: bool
    obstacle: str

    @property
    def explanation(self) -> Explanation:
        """The ways in words."""
        return nearest_explanation(self)


def nearest_explanation(nearest: Nearest, command: str = "txselect what-if CASE") -> Explanation:
    """The ways, smallest first, each with what would have to be so, what is so now, and what to type to try it.

    command: what asks `what-if` of the same case under the same rules, to which the changes of a way are added.
    """
    label = capitalised(nearest.label)
    goal, otherwise = _GOALS.get(nearest.status, _TO_BE_RECOMMENDED)
    to_reach_it = f"it would {goal} if {_turned(nearest.ways[0])}" if nearest.ways else _no_way(nearest, otherwise)
    answer = f"{label} is {STATUS_WORDS[nearest.status]}; {to_reach_it}."
    ways = [_way(number, way, nearest, command) for number, way in enumerate(nearest.ways, start=1)]
    return Explanation(nearest.therapy, f"{label}: when would it {goal}?", answer, (*ways, *_closing(nearest)))


def _turned(way: Way) -> str:
    """How many things a way asks for; those that are not known yet need not be otherwise."""
    things = counted(len(way.changes), "thing")
    if any(change.known for change in way.changes):
        return f"{things} were otherwise"
    return f"{things} that {'is' if len(way.changes) == 1 else 'are'} not known yet turned out as below"


def _no_way(nearest: Nearest, otherwise: str) -> str:
    if nearest.obstacle:
        return f"nothing in the profile could change that, because {nearest.obstacle}"
    whatever = "whatever could be changed or found out" if nearest.changeable_only else "whatever else were known"
    return f"{whatever} of a cancer of this type, it would {otherwise}"


def _way(number: int, way: Way, nearest: Nearest, command: str) -> Line:
    then = f", then {STATUS_WORDS[way.status]}" if nearest.goal == "not_offered" else ""
    settings = " ".join(f"--set {shlex.quote(change.change)}" for change in way.changes)
    needed = (_needed(change, alone=len(way.changes) == 1) for change in sorted(way.changes, key=_from_open_to_fixed))
    parts = (*needed, Line("note", "to try", command=f"{command} {settings}"))
    return Line("note", f"way {number}: {counted(len(way.changes), 'thing')}{then}", parts=parts)


def _from_open_to_fixed(change: NeededChange) -> int:
    return change.known + change.fixed


def _needed(change: NeededChange, *, alone: bool) -> Line:
    """What would have to be so, and how far away that is. Beside others, an alternative was tried with those only."""
    mark, found = _how_far(change)
    also = joined(first_few(change.also, _MOST_ALTERNATIVES))
    instead = f", or {also}" if alone else f" (or {also}, the rest as here)"
    return Line(mark, f"{change.says}{instead if change.also else ''}", found)


def _how_far(change: NeededChange) -> tuple[Mark, str]:
    if not change.known:
        return "unknown", f"{change.now}, to be found out"
    if not change.fixed:
        return "moved", f"now {change.now}, which would have to change"
    return "failed", f"now {change.now}, which cannot be changed"


def _closing(nearest: Nearest) -> Iterator[Line]:
    """Whether there are other ways, what was left out, and what all of this is about."""
    many = len(nearest.ways) > 1
    if not nearest.complete:
        shown = f"these are the {len(nearest.ways)} smallest ways" if many else "this is a smallest way"
        yield Line("note", f"{shown}; there are more, which a higher --limit shows")
    elif nearest.ways:
        yield Line("note", f"there {'are no other ways' if many else 'is no other way'}")
    if nearest.changeable_only and not nearest.obstacle:
        yield Line("note", _LEFT_OUT)
    yield Line("note", _ABOUT)
