"""Conditions inside one rule that cannot hold together, seen without a solver (TX119)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads
from txselect.check.lint_spans import compared_by
from txselect.decision.wording import Wording
from txselect.errors import Place
from txselect.model.condition import (
    All,
    AnyOf,
    AtLeast,
    CancerIs,
    Condition,
    FactHolds,
    FieldIs,
    Leaf,
    MarkerIs,
    Not,
    inner,
)
from txselect.model.rules import Rule

_SINGLE_VALUES = ("volume", "timing", "resectable", "sex", "menopausal_status", "hormone_state")
"""Fields in which one value excludes every other: stages and extents have kinds."""


class Asked(NamedTuple):
    """A leaf that must hold, or be denied."""

    leaf: Leaf
    denied: bool

    @property
    def place(self) -> Place:
        return self.leaf.place


def exclusive_conditions(reads: Reads) -> Iterator[Finding]:
    """Numbers, values, states and cancers that one rule asks for together and that exclude each other (TX119)."""
    excluding = Excluding(reads)
    for rule in reads.rules:
        yield from excluding.in_rule(rule)


class Excluding:
    """Tells which conditions exclude each other, in the vocabulary of one pack."""

    def __init__(self, reads: Reads) -> None:
        self.vocabulary = reads.vocabulary
        self.words = Wording(reads.pack)

    def in_rule(self, rule: Rule) -> Iterator[Finding]:
        """What excludes each other in the rule as a whole, and inside each group that is one of several ways."""
        outermost = [*_together(rule.when), *(asked for part in rule.unless for asked in _together(Not(part)))]
        yield from self._among(outermost, rule)
        yield from self._outside_the_scope(outermost, rule)
        for condition in (*_alternatives(rule.when), *rule.unless):
            for group in _groups(condition):
                yield from self._among(list(_together(group)), rule)

    def _among(self, together: Sequence[Asked], rule: Rule) -> Iterator[Finding]:
        for first, second in combinations(together, 2):
            if self.exclude(first, second):
                message = f"{self._said(first)} and {self._said(second)} exclude each other"
                yield Finding("TX119", second.place, message, f"the other stands at {first.place}", rule.id)

    def _outside_the_scope(self, together: Sequence[Asked], rule: Rule) -> Iterator[Finding]:
        scope = CancerIs(rule.applies_to)
        for leaf, denied in together:
            if rule.applies_to and isinstance(leaf, CancerIs) and not denied and self._apart(leaf, scope):
                said, applies = (f"`{self.words.condition(codes)}`" for codes in (leaf, scope))
                message = f"{said} lies outside of what the rule applies to, {applies}"
                yield Finding("TX119", leaf.place, message, "widen `applies_to`, or move the rule", rule.id)

    def exclude(self, first: Asked, second: Asked) -> bool:
        """Whether no patient can meet both."""
        if first.denied or second.denied:
            return self._leave_no_number(first, second)
        match first.leaf, second.leaf:
            case CancerIs() as one, CancerIs() as other:
                return self._apart(one, other)
            case FieldIs(name, values), FieldIs(other_name, others):
                return name == other_name and name in _SINGLE_VALUES and not set(values) & set(others)
            case MarkerIs(marker, state, origin), MarkerIs(other_marker, other_state, other_origin):
                return (marker, not state, origin) == (other_marker, other_state, other_origin)
            case _:
                return self._leave_no_number(first, second)

    def _apart(self, first: CancerIs, second: CancerIs) -> bool:
        """Whether no cancer is a kind of one on either side."""
        kinds = self.vocabulary.cancer_kinds
        return not any(kinds.related(code).intersection(second.codes) for code in first.codes)

    def _leave_no_number(self, first: Asked, second: Asked) -> bool:
        one, other = (compared_by(asked.leaf, self.vocabulary) for asked in (first, second))
        if one is None or other is None or one[0] != other[0]:
            return False
        left, also = (span.opposite() if asked.denied else span for (_, span), asked in ((one, first), (other, second)))
        return left is not None and also is not None and left.both(also).empty

    def _said(self, asked: Asked) -> str:
        return f"`{'not ' if asked.denied else ''}{self.words.condition(asked.leaf)}`"


def _together(condition: Condition, *, denied: bool = False) -> Iterator[Asked]:
    """The leaves that must hold or be denied for the condition to hold; what offers a choice has none."""
    match condition:
        case Not(part):
            yield from _together(part, denied=not denied)
        case All(parts) if not denied:
            for part in parts:
                yield from _together(part)
        case AnyOf(parts) if denied:
            for part in parts:
                yield from _together(part, denied=True)
        case All() | AnyOf() | AtLeast() | FactHolds():
            pass
        case leaf:
            yield Asked(leaf, denied)


def _alternatives(condition: Condition) -> Iterator[Condition]:
    """The conditions that need not hold with the rest of a rule."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _alternatives(part)
    else:
        yield from inner(condition)


def _groups(condition: Condition) -> Iterator[All]:
    """Each `all` that is not directly inside another."""
    if isinstance(condition, All):
        yield condition
        for part in _alternatives(condition):
            yield from _groups(part)
    else:
        for part in inner(condition):
            yield from _groups(part)
