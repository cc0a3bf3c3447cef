"""Lists of names in rules: one name twice, or a name beside something that it is a kind of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads, nested_in
from txselect.errors import Place
from txselect.model.condition import CancerIs, Condition, FieldIs, Listed, TherapyGiven
from txselect.model.rules import Caution, Contraindicate, Request, Rule
from txselect.model.vocabulary import Hierarchy, Vocabulary


class _List(NamedTuple):
    """Names under `key` of the mapping at `place`.

    asks: whether it asks what a patient has; combinations: names that are known by their parts as well.
    """

    names: Sequence[object]
    place: Place
    key: str
    kinds: Hierarchy | None = None
    asks: bool = True
    combinations: frozenset[str] = frozenset()


def lists_of_names(reads: Reads) -> Iterator[Finding]:
    """Names given twice in one list (TX114), and names that a wider one in the same list covers (TX118)."""
    for rule in reads.rules:
        for names in _lists_of(rule, reads.vocabulary):
            yield from _repeated(names, rule)
            yield from _covered(names, rule)


def _lists_of(rule: Rule, vocabulary: Vocabulary) -> Iterator[_List]:
    yield _List(rule.evidence, rule.place, "evidence")
    if "applies_to" in rule.place.keys:
        yield _List(rule.applies_to, rule.place, "applies_to", vocabulary.cancer_kinds)
    match rule.head:
        case Contraindicate(therapies=names):
            yield _List(names, rule.place, "contraindicate", vocabulary.therapy_kinds, asks=False)
        case Caution(names):
            yield _List(names, rule.place, "caution", vocabulary.therapy_kinds, asks=False)
        case Request(names):
            yield _List(names, rule.place, "request")
        case _:
            yield _List(rule.regimens, rule.place, "recommend")
    for condition in nested_in(rule):
        yield from _list_of(condition, vocabulary)


def _list_of(condition: Condition, vocabulary: Vocabulary) -> Iterator[_List]:
    match condition:
        case CancerIs(codes, place):
            yield _List(codes, place, "cancer", vocabulary.cancer_kinds)
        case TherapyGiven(classes=classes, place=place):
            combinations = frozenset(name for name in classes if _is_combination(name, vocabulary))
            yield _List(classes, place, "class", vocabulary.therapy_kinds, combinations=combinations)
        case Listed(kind, names, place):
            yield _List(names, place, kind, vocabulary.term_kinds[kind])
        case FieldIs(name, values, place):
            yield _List(values, place, name)
        case _:
            pass


def _is_combination(name: str, vocabulary: Vocabulary) -> bool:
    return name in vocabulary.therapies and bool(vocabulary.therapies[name].components)


def _repeated(given: _List, rule: Rule) -> Iterator[Finding]:
    for index, name in enumerate(given.names):
        if name in given.names[:index]:
            shown = " with ".join(name) if isinstance(name, tuple) else name
            message = f"`{shown}` stands twice in this list"
            yield Finding("TX114", given.place.at(given.key, index), message, "take one of them out", rule.id)


def _covered(given: _List, rule: Rule) -> Iterator[Finding]:
    kinds, names = given.kinds, [str(name) for name in given.names]
    if kinds is None:
        return
    for index, name in enumerate(names):
        others = (other for other in names if given.combinations.isdisjoint((name, other)))
        wider = next((other for other in others if covers(other, name, kinds, asks=given.asks)), None)
        if wider:
            message = f"`{name}` is a kind of `{wider}`, which stands in the same list"
            hint = f"take `{name}` out, or `{wider}` if it is too wide"
            yield Finding("TX118", given.place.at(given.key, index), message, hint, rule.id)


def covers(wider: str, name: str, kinds: Hierarchy, *, asks: bool) -> bool:
    """Whether `name` adds nothing beside `wider`, neither of which is a combination of others.

    Where a list asks what a patient has, a kind of two things adds something: where only the other of the two is
    known, `name` is still open and `wider` is not.
    """
    above = kinds.above(name) - {name}
    return wider in above and (not asks or above <= kinds.related(wider))
