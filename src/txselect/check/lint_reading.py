"""What the written rules of a pack read: conditions in their parts, and all that a fact rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from txselect.model.condition import Condition, FactHolds, Leaf, MarkerIs, MarkerMeasures, inner, occurrences_in
from txselect.model.rules import Request, Rule, RulePack


def nested(condition: Condition) -> Iterator[Condition]:
    """A condition and everything inside it."""
    yield condition
    for part in inner(condition):
        yield from nested(part)


def nested_in(rule: Rule) -> Iterator[Condition]:
    """Every condition of a rule, `unless` included."""
    for condition in (rule.when, *rule.unless):
        yield from nested(condition)


class Reads:
    """The rules of a pack that somebody wrote, with what each of them reads."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self.vocabulary = pack.vocabulary
        self.rules = tuple(pack.written.values())
        self._resting: dict[str, frozenset[Leaf]] = {}

    @cached_property
    def leaves(self) -> dict[str, tuple[Leaf | FactHolds, ...]]:
        """By rule: what its own conditions come down to."""
        return {rule.id: tuple(occurrences_in(rule.condition)) for rule in self.rules}

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that some rule or claim reads."""
        return frozenset(leaf.fact for leaf in self.all_leaves() if isinstance(leaf, FactHolds))

    def all_leaves(self) -> Iterator[Leaf | FactHolds]:
        """What all rules read, and what the pack claims of all patients."""
        for leaves in self.leaves.values():
            yield from leaves
        for claim in self.pack.declared.claims:
            yield from occurrences_in(claim.when)

    def resting_on(self, rule: Rule) -> frozenset[Leaf]:
        """The leaves that a rule rests on, those of the facts it uses included."""
        known = self._resting.get(rule.id)
        if known is None:
            known = self._resting[rule.id] = frozenset(self._gathered(rule))
        return known

    def _gathered(self, rule: Rule) -> Iterator[Leaf]:
        for leaf in self.leaves[rule.id]:
            if isinstance(leaf, FactHolds):
                for deriving in self.pack.deriving.get(leaf.fact, ()):
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


def markers_among(leaves: Iterable[Leaf | FactHolds]) -> frozenset[str]:
    """The markers that some of these read."""
    return frozenset(leaf.marker for leaf in leaves if isinstance(leaf, (MarkerIs, MarkerMeasures)))
