"""Which tests would tell an unknown marker."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from txselect.decision.reading import Reading
from txselect.model.condition import MarkerIs, MarkerMeasures
from txselect.model.rules import Request
from txselect.model.vocabulary import Test, Vocabulary

MOST_TESTS_NAMED = 3


def reported(marker: str, tested: Collection[str], vocabulary: Vocabulary) -> bool:
    """Whether tests of these markers report one: itself, something that it is a kind of, or every part of it."""
    parts = vocabulary.biomarkers[marker].any_of
    above = not vocabulary.marker_kinds.above(marker).isdisjoint(tested)
    return above or (bool(parts) and all(reported(part, tested, vocabulary) for part in parts))


class TestsAtHand:
    """The tests for one patient: those that only rules for other cancers ask for are none."""

    __test__ = False  # not a pytest class

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def telling(self, leaf: MarkerIs | MarkerMeasures) -> tuple[str, ...]:
        """The labels of the tests that would settle a marker: those asked for now, or else the first few."""
        origin = leaf.origin if isinstance(leaf, MarkerIs) else None
        question = (leaf.marker, origin or "somatic")
        if question not in self._known:
            telling = self.tests_for(*question)
            asked_for = [test for test in telling if self._asked_for_now(test)]
            self._known[question] = tuple(test.label for test in (asked_for or telling)[:MOST_TESTS_NAMED])
        return self._known[question]

    def tests_for(self, marker: str, origin: str) -> list[Test]:
        """Every test that would settle a marker in the germline or, with any other origin, in the tumour."""
        return [test for test in self._tests if self._tells(test, marker, origin)]

    def _tells(self, test: Test, marker: str, origin: str) -> bool:
        """Whether it reports the marker, of itself or through what its values imply, where the question is about."""
        vocabulary = self._reading.pack.vocabulary
        implied = (entry.marker for name in test.markers for entry in vocabulary.biomarkers[name].implies)
        return test.origin in (None, origin) and reported(marker, {*test.markers, *implied}, vocabulary)

    @cached_property
    def _tests(self) -> list[Test]:
        whole = (test for test in self._reading.pack.vocabulary.tests.values() if test.part_of is None)
        return list(filter(self._for_this_cancer, whole))

    @cached_property
    def _asking(self) -> dict[str, list[str]]:
        """The rules that ask for each test or a part of it, whatever their scope."""
        asking: dict[str, list[str]] = {}
        for rule in self._reading.pack.rules.values():
            if isinstance(rule.head, Request):
                for test in rule.head.tests:
                    done = self._reading.pack.vocabulary.tests[test].part_of or test
                    asking.setdefault(done, []).append(rule.id)
        return asking

    def _for_this_cancer(self, test: Test) -> bool:
        asking = self._asking.get(test.id)
        return asking is None or any(rule in self._reading.program.rules for rule in asking)

    def _asked_for_now(self, test: Test) -> bool:
        references = map(self._reading.program.rules.get, self._asking.get(test.id, ()))
        return any(self._reading.truth(reference) for reference in references)
