"""Conditions in words, on one line."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import shorten

from txselect.decision.wording import Wording, denied
from txselect.model.condition import All, AnyOf, AtLeast, Condition, FactHolds, Not

_ROOM = 120
"""Characters for a group of conditions; the place says where to read on."""


def condition_said(condition: Condition, words: Wording) -> str:
    """A condition as a short phrase; a group of conditions is cut short where it is long."""
    match condition:
        case All(parts):
            return _group("all of", parts, words)
        case AnyOf(parts):
            return _group("one of", parts, words)
        case AtLeast(count, parts):
            return _group(f"at least {count} of", parts, words)
        case Not(part):
            return denied(condition_said(part, words))
        case FactHolds(fact):
            return words.vocabulary.facts[fact].label
        case _:
            return words.condition(condition)


def _group(kind: str, parts: Iterable[Condition], words: Wording) -> str:
    said = "; ".join(condition_said(part, words) for part in parts)
    return shorten(f"{kind} ({said})", _ROOM, placeholder=" ...")
