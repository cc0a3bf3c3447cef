"""Two records as plain JSON values, compared field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["changed", "gained", "lost", "reordered"]

_NAMED_BY = {
    "options": "therapy",
    "intent_reasons": "rule",
    "reasons": "rule",
    "cautions": "rule",
    "evidence": "id",
    "assumptions": "id",
    "flags": "text",
    "pending": "what",
    "waits_for": "what",
    "given": "literal",
    "steps": "literal",
}
"""What tells the items of a list apart, so that one item more does not make all that follow differ."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that differs, with its plain JSON values; None on the side that lacks a `gained` or `lost` one.

    A `reordered` list has the names of its common items as values.
    """

    path: str
    kind: Kind
    before: Any
    after: Any


def field_differences(before: Any, after: Any, path: str = "") -> Iterator[FieldDifference]:
    """Every field in which two JSON values differ. Numbers are compared by value; keys have no order, lists have.

    >>> old, new = {"options": [{"therapy": "a", "rank": 1}]}, {"options": [{"therapy": "a", "rank": 2}], "x": None}
    >>> for found in field_differences(old, new):
    ...     print(found.path, found.kind, found.before, found.after)
    options[a].rank changed 1 2
    x gained None None
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            inner = f"{path}.{key}" if path else str(key)
            yield from _of_part(before, after, key, inner)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    elif not _same(before, after):
        yield FieldDifference(path, "changed", before, after)


def _same(before: Any, after: Any) -> bool:
    """True is no 1, but 93.0 is the number 93, which other writers of JSON make of it."""
    kinds = {type(before), type(after)}
    return before == after and (len(kinds) == 1 or kinds == {int, float})


def _of_part(before: dict[str, Any], after: dict[str, Any], key: str, path: str) -> Iterator[FieldDifference]:
    if key not in after:
        yield FieldDifference(path, "lost", before[key], None)
    elif key not in before:
        yield FieldDifference(path, "gained", None, after[key])
    else:
        yield from field_differences(before[key], after[key], path)


def _of_lists(before: list[Any], after: list[Any], path: str) -> Iterator[FieldDifference]:
    name = _NAMED_BY.get(path.rpartition(".")[2], "")
    old, new = _by_name(before, name), _by_name(after, name)
    if old is None or new is None:
        old, new = ({str(number): item for number, item in enumerate(items)} for items in (before, after))
    for key, item in {**old, **new}.items():
        yield from _of_part(old, new, key, f"{path}[{_shown(key, item)}]")
    common = [key for key in old if key in new], [key for key in new if key in old]
    if common[0] != common[1]:
        yield FieldDifference(path, "reordered", *common)


def _shown(key: str, item: Any) -> str:
    """The key, or of an item known by a whole sentence its kind."""
    return str(item.get("kind", key)) if isinstance(item, dict) and item.get("text") == key else key


def _by_name(items: list[Any], name: str) -> dict[str, Any] | None:
    """The items by what tells them apart; None where something lacks it or has it twice."""
    texts = [item.get(name) if isinstance(item, dict) else item for item in items]
    named = {text: item for text, item in zip(texts, items, strict=True) if isinstance(text, str)}
    return named if len(named) == len(items) else None
