"""Ranges of one number from which rules derive different facts, and that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import NamedTuple

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads
from txselect.check.lint_spans import Span, Subject, compared_by
from txselect.decision.wording import Wording
from txselect.model.condition import All, Comparison, Condition, FieldMeasures, Leaf, MarkerMeasures, Measures
from txselect.model.rules import Derive, Rule
from txselect.model.vocabulary import Vocabulary


class _Derived(NamedTuple):
    """A fact that one comparison of a rule draws from a number."""

    fact: str
    leaf: Leaf
    comparison: Comparison
    span: Span
    rule: Rule


def fitting_ranges(reads: Reads) -> Iterator[Finding]:
    """Two ranges that run into each other (TX120), and a single number that falls between two (TX121).

    Only rules that are alike but for the comparison are held against each other. A range inside another is taken to
    be meant: what is severe is also moderate.
    """
    for (subject, *_), drawn in _alike(reads).items():
        ranges = _Ranges(subject, drawn, Wording(reads.pack))
        yield from ranges.overlaps()
        yield from ranges.gaps()


class _Ranges:
    """The ranges of one number from which otherwise equal rules derive facts."""

    def __init__(self, subject: Subject, drawn: Sequence[_Derived], words: Wording) -> None:
        self.subject = subject
        self.drawn = drawn
        self.words = words

    def overlaps(self) -> Iterator[Finding]:
        for first, second in combinations(self.drawn, 2):
            common = first.span.both(second.span)
            nested = first.span.within(second.span) or second.span.within(first.span)
            if first.fact != second.fact and not common.empty and not nested:
                message = f"`{first.fact}` and `{second.fact}` both hold {self._at(common)}"
                yield self._finding("TX120", first, second, message, "let one end where the other begins")

    def gaps(self) -> Iterator[Finding]:
        """Where one comparison ends before a number and the other begins after it. Any wider gap may be meant."""
        for lower, upper in permutations(self.drawn, 2):
            between = Span.of(lower.comparison).between(Span.of(upper.comparison))
            if lower.fact != upper.fact and between.single is not None and not self._taken(between):
                message = f"neither `{lower.fact}` nor `{upper.fact}` holds {self._at(between)}"
                yield self._finding("TX121", lower, upper, message, "let one of them take it in")

    def _taken(self, between: Span) -> bool:
        return any(not between.both(other.span).empty for other in self.drawn)

    def _finding(self, code: str, first: _Derived, second: _Derived, message: str, hint: str) -> Finding:
        said, also = (f"`{self.words.condition(drawn.leaf)}`" for drawn in (first, second))
        message = f"{message}: the first is {said}, the second {also}"
        return Finding(
            code, second.leaf.place, message, f"{hint}; the first stands at {first.leaf.place}", second.rule.id
        )

    def _at(self, span: Span) -> str:
        """`at 30 mL/min`, `for at least 30 mL/min and below 40 mL/min`."""
        kind, name, relative_to = self.subject
        entry = self.words.vocabulary.biomarkers[name] if kind == "marker" else None
        unit = self.words.vocabulary.measurements[name].unit if kind == "measurement" else ""
        unit = f"times the {relative_to.replace('_', ' ')}" if relative_to else entry.unit or "" if entry else unit
        said = span.comparison().text(unit, entry.scale if entry else ())
        return f"{'for' if span.single is None else 'at'} {said}"


def _alike(reads: Reads) -> dict[tuple[Subject, object, object], list[_Derived]]:
    """Comparisons of one number, in rules that agree in scope and in every other condition."""
    found: dict[tuple[Subject, object, object], list[_Derived]] = {}
    for rule in reads.rules:
        if isinstance(rule.head, Derive):
            for subject, drawn, others in _drawn(rule, rule.head.fact, reads.vocabulary):
                scope = (rule.applies_to, rule.jurisdiction, rule.valid_from, rule.valid_until, rule.unless)
                found.setdefault((subject, others, scope), []).append(drawn)
    return found


def _drawn(rule: Rule, fact: str, vocabulary: Vocabulary) -> Iterator[tuple[Subject, _Derived, frozenset[Condition]]]:
    parts = rule.when.parts if isinstance(rule.when, All) else (rule.when,)
    for part in parts:
        if isinstance(part, (Measures, MarkerMeasures, FieldMeasures)):
            compared = compared_by(part, vocabulary)
            if compared:
                yield compared[0], _Derived(fact, part, part.comparison, compared[1], rule), frozenset(parts) - {part}
