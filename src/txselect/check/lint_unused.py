"""Words of the vocabulary that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads, markers_among
from txselect.model.condition import Measures, TherapyGiven
from txselect.model.profile import Case
from txselect.model.rules import Caution, Contraindicate, Recommend, Request, Rule
from txselect.model.vocabulary import Test


def unused_words(reads: Reads, cases: tuple[Case, ...]) -> Iterator[Finding]:
    """Facts (TX101), therapy classes (TX102), sources (TX104) and tests (TX105, TX106) that nothing uses."""
    yield from _facts(reads)
    yield from _therapies(reads, cases)
    yield from _sources(reads)
    yield from _tests(reads)


def _facts(reads: Reads) -> Iterator[Finding]:
    for name, fact in reads.vocabulary.facts.items():
        if name in reads.facts:
            continue
        if name not in reads.pack.deriving:
            message, hint = f"no rule derives or reads the fact `{name}`", "take it out of `facts`"
            yield Finding("TX101", fact.place.at("id"), message, hint)
        for rule in reads.pack.deriving.get(name, ()):
            hint = "use it in a condition, or take rule and fact out"
            yield Finding("TX101", rule.place.at("derive"), f"no rule reads the fact `{name}`", hint, rule.id)


def _therapies(reads: Reads, cases: tuple[Case, ...]) -> Iterator[Finding]:
    """Kinds of what is named, and what that is a kind of, are reached with it.

    Agents are let be: each is a word for what a patient may have had. So are classes that only keep agents, where
    there are no cases to show whether anybody had them.
    """
    kinds = reads.vocabulary.therapy_kinds
    reached = frozenset[str]().union(*map(kinds.related, {*_named_by_rules(reads), *_named_by_cases(reads, cases)}))
    for therapy in reads.vocabulary.therapies.values():
        keeps_words = not cases and therapy.id in reads.vocabulary.agents_of
        if therapy.id not in reached and not keeps_words:
            message = (
                f"no rule recommends, warns of or asks about the therapy class `{therapy.id}`, and no case names it"
            )
            hint = "write its rule, take it out, or let a case name what patients may have had"
            yield Finding("TX102", therapy.place.at("id"), message, hint)


def _named_by_rules(reads: Reads) -> Iterator[str]:
    for rule in reads.rules:
        match rule.head:
            case Recommend(therapy, regimens):
                yield therapy
                yield from reads.vocabulary.failed_by(therapy)
                yield from (agent for regimen in regimens for agent in regimen)
            case Contraindicate(therapies=therapies) | Caution(therapies):
                yield from therapies
            case _:
                pass
    for leaf in reads.all_leaves():
        if isinstance(leaf, TherapyGiven):
            yield from leaf.classes


def _named_by_cases(reads: Reads, cases: tuple[Case, ...]) -> Iterator[str]:
    """What patients had and what cases expect, whatever spelling they use."""
    names = reads.vocabulary.therapy_names
    for case in cases:
        prior = case.profile.prior_therapies
        given = [name for item in (prior.items if prior else ()) for name in item.therapy]
        expected = [*(option.therapy for option in case.expect.options), *case.expect.not_offered]
        yield from filter(None, map(names.find, (*given, *expected)))


def _sources(reads: Reads) -> Iterator[Finding]:
    cited = {source for rule in reads.rules for source in rule.evidence}
    for name, source in reads.pack.evidence.items():
        if name not in cited:
            hint = "cite it under `evidence` of a rule, or take it out"
            yield Finding("TX104", source.place.at("id"), f"no rule cites the source `{name}`", hint)


def _tests(reads: Reads) -> Iterator[Finding]:
    telling = _Telling(reads)
    idle = {test.id: test for test in reads.vocabulary.tests.values() if not telling.something(test)}
    asking = [(rule, rule.head) for rule in reads.rules if isinstance(rule.head, Request)]
    requested = {name for _, head in asking for name in head.tests}
    for test in idle.values():
        if test.id not in requested:
            message = f"no rule reads anything that the test `{test.id}` tells"
            yield Finding("TX105", test.place.at("id"), message, "read it in a rule, or take the test out")
    for rule, head in asking:
        yield from _idle_requests(rule, head, idle)


def _idle_requests(rule: Rule, head: Request, idle: dict[str, Test]) -> Iterator[Finding]:
    for name in head.tests:
        if name in idle:
            message = f"the test `{name}` is asked for, but no rule reads anything that it tells"
            hint = "its result would change nothing: read it in a rule, or do not ask for it"
            yield Finding("TX106", rule.place.at("request"), message, hint, rule.id)


class _Telling:
    """Whether tests tell what some rule reads."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    @cached_property
    def _markers(self) -> frozenset[str]:
        return markers_among(self._reads.all_leaves())

    @cached_property
    def _measurements(self) -> frozenset[str]:
        return frozenset(leaf.name for leaf in self._reads.all_leaves() if isinstance(leaf, Measures))

    def something(self, test: Test) -> bool:
        """Parts of the profile that are no markers or measurements are taken as read."""
        told = frozenset().union(*map(self._reads.told_by.__getitem__, test.markers))
        excluded = frozenset().union(*map(self._reads.vocabulary.excluded.__getitem__, told))
        markers = not self._markers.isdisjoint(told | excluded)
        return markers or bool(test.fields) or not self._measurements.isdisjoint(test.measurements)
