"""What the written rules of a pack read: conditions in their parts, and all that a fact rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

from txselect.model.condition import All, AnyOf, AtLeast, Condition, FactHolds, Leaf, MarkerIs, MarkerMeasures, Not
from txselect.model.rules import Contraindicate, Derive, Request, Rule, RulePack


def inner(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly inside another; none for a leaf or a fact."""
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            return parts
        case Not(part):
            return (part,)
        case _:
            return ()


def nested(condition: Condition) -> Iterator[Condition]:
    """A condition and everything inside it."""
    yield condition
    for part in inner(condition):
        yield from nested(part)


def nested_in(rule: Rule) -> Iterator[Condition]:
    """Every condition of a rule, `unless` included."""
    for condition in (rule.when, *rule.unless):
        yield from nested(condition)


def is_written(rule: Rule) -> bool:
    """Whether somebody wrote the rule: the loader adds some for every therapy class."""
    return not (isinstance(rule.head, Contraindicate) and rule.head.exactly)


class Reads:
    """The rules of a pack that somebody wrote, with what each of them reads."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self.vocabulary = pack.vocabulary
        self.rules = tuple(filter(is_written, pack.rules.values()))
        self._resting: dict[str, frozenset[Leaf]] = {}

    @cached_property
    def leaves(self) -> dict[str, tuple[Leaf | FactHolds, ...]]:
        """By rule: what its own conditions come down to."""
        return {rule.id: tuple(_leaves_in(nested_in(rule))) for rule in self.rules}

    @cached_property
    def deriving(self) -> dict[str, list[Rule]]:
        """By fact: the rules that derive it."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if isinstance(rule.head, Derive):
                found.setdefault(rule.head.fact, []).append(rule)
        return found

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that some rule or claim reads."""
        return frozenset(leaf.fact for leaf in self.all_leaves() if isinstance(leaf, FactHolds))

    def all_leaves(self) -> Iterator[Leaf | FactHolds]:
        """What all rules read, and what the pack claims of all patients."""
        for leaves in self.leaves.values():
            yield from leaves
        declared = self.pack.declared
        for when in chain((scope.when for scope in declared.scopes), (claim.when for claim in declared.invariants)):
            yield from _leaves_in(nested(when))

    def resting_on(self, rule: Rule) -> frozenset[Leaf]:
        """The leaves that a rule rests on, those of the facts it uses included."""
        known = self._resting.get(rule.id)
        if known is None:
            known = self._resting[rule.id] = frozenset(self._gathered(rule))
        return known

    def _gathered(self, rule: Rule) -> Iterator[Leaf]:
        for leaf in self.leaves[rule.id]:
            if isinstance(leaf, FactHolds):
                for deriving in self.deriving.get(leaf.fact, ()):
                    yield from self.resting_on(deriving)
            else:
                yield leaf

    def markers(self, rule: Rule) -> frozenset[str]:
        """The markers that a rule names itself, in its conditions or by the tests that it asks for."""
        own = markers_among(self.leaves[rule.id])
        if not isinstance(rule.head, Request):
            return own
        return own.union(*(self.vocabulary.tests[test].markers for test in rule.head.tests))

    @cached_property
    def told_by(self) -> dict[str, frozenset[str]]:
        """By marker: itself and every marker of which its result can say something, up, down or by implication."""
        kinds = self.vocabulary.marker_kinds
        return {
            marker.id: kinds.related(marker.id).union(*(kinds.related(implied.marker) for implied in marker.implies))
            for marker in self.vocabulary.biomarkers.values()
        }


def _leaves_in(conditions: Iterable[Condition]) -> Iterator[Leaf | FactHolds]:
    for condition in conditions:
        if not isinstance(condition, (All, AnyOf, AtLeast, Not)):
            yield condition


def markers_among(leaves: Iterable[Leaf | FactHolds]) -> frozenset[str]:
    """The markers that some of these read."""
    return frozenset(leaf.marker for leaf in leaves if isinstance(leaf, (MarkerIs, MarkerMeasures)))
