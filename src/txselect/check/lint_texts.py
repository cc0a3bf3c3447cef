"""What rules say in words, held against what they test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads, markers_among
from txselect.check.lint_spans import compared_by
from txselect.decision.wording import joined
from txselect.inquiry.regions import bounds_of
from txselect.model.condition import MarkerMeasures, Measures
from txselect.model.rules import Conflict, Rule, RulePack

_SPOKEN_OF_TOGETHER = 3
"""A rule that tests so many markers may speak of them as one: these drivers, such mutations."""

_WORD = re.compile(r"[^\W_]+")
_TWICE = re.compile(r"\b([^\W\d_]+) +\1\b", re.IGNORECASE)
_LEFT_OVER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX)\b|\?\?\?")


def texts(reads: Reads) -> Iterator[Finding]:
    """Markers (TX110) and numbers (TX111) that the text names and the rule does not test, and slips (TX122)."""
    spellings = _Spellings(reads.pack)
    for rule in reads.rules:
        yield from _other_markers(rule, reads, spellings)
        yield from _other_numbers(rule, reads)
        yield from _slips(rule)


def _other_markers(rule: Rule, reads: Reads, spellings: _Spellings) -> Iterator[Finding]:
    """Only a text that names no marker that the rule tests, directly or by a fact, has drifted away from it.

    A text may well name a marker besides: one that tumours escape by, one to be tested next.
    """
    own = reads.markers(rule)
    if not own or len(own) >= _SPOKEN_OF_TOGETHER:
        return
    tested = own | markers_among(reads.resting_on(rule))
    for key, text in (("title", rule.title), ("because", rule.because)):
        named = list(spellings.markers_in(text))
        if named and not any(_is_about(mention, tested, reads) for mention in named):
            said = joined((f"`{mention.written}`" for mention in named), "and")
            message = f"`{key}` speaks of {said}, and the rule tests {_names(own)}"
            hint = "one of the two is left over from another rule"
            yield Finding("TX110", rule.place.at(key), message, hint, rule.id)


def _names(markers: Iterable[str]) -> str:
    return joined((f"`{marker}`" for marker in sorted(markers)), "and")


def _is_about(mention: _Mention, tested: Iterable[str], reads: Reads) -> bool:
    """Whether a result of one can say something of the other, or what is written is the gene of a tested marker."""
    told = reads.told_by
    for marker in tested:
        entry = reads.vocabulary.biomarkers[marker]
        if mention.marker in told[marker] or marker in told[mention.marker]:
            return True
        if mention.written in _WORD.findall(f"{entry.id.replace('_', ' ')} {entry.label}"):
            return True
    return False


class _Mention(NamedTuple):
    written: str
    marker: str


class _Spellings:
    """The names of a pack, to be found in texts. The longest name wins: a drug against a marker names the drug."""

    def __init__(self, pack: RulePack) -> None:
        self._pack = pack

    def markers_in(self, text: str) -> Iterator[_Mention]:
        """The markers that a text names outside of the names of other things."""
        words, start = _WORD.findall(text), 0
        while start < len(words):
            length, marker = self._longest(words[start : start + self._longest_name])
            if marker:
                yield _Mention(" ".join(words[start : start + length]), marker)
            start += length

    def _longest(self, words: list[str]) -> tuple[int, str | None]:
        for length in range(len(words), 0, -1):
            key = tuple(words[:length])
            for spelling in (key, tuple(map(str.casefold, key))):
                if spelling in self._named:
                    return length, self._named[spelling]
        return 1, None

    @cached_property
    def _named(self) -> dict[tuple[str, ...], str | None]:
        """By its words: the marker that a spelling means, or None where it means something else."""
        markers = self._pack.vocabulary.biomarkers.values()
        spelled = ((name, marker.id) for marker in markers for name in (marker.id, marker.label, *marker.aliases))
        found: dict[tuple[str, ...], str | None] = {}
        for spelling, meant in chain(spelled, ((other, None) for other in self._other_names())):
            found.setdefault(_key(spelling), meant)
        return found

    def _other_names(self) -> Iterator[str]:
        words = self._pack.vocabulary
        for names in (words.therapy_names, words.cancer_names, *words.term_names.values()):
            yield from names.all_spellings()
        yield from (fact.label for fact in words.facts.values())
        yield from (source.name for source in self._pack.evidence.values())

    @cached_property
    def _longest_name(self) -> int:
        return max(map(len, self._named))


def _key(spelling: str) -> tuple[str, ...]:
    """The words of a name. One in capitals counts only as it is written, since many genes are words as well."""
    words = _WORD.findall(spelling.replace("_", " "))
    return tuple(words) if len(words) == 1 and not words[0].islower() else tuple(map(str.casefold, words))


def _other_numbers(rule: Rule, reads: Reads) -> Iterator[Finding]:
    """A number with the unit of something that the rule compares, but with none of its bounds.

    Percentages are left alone, since results of trials are given in them, and so are conflicts, which speak of
    what another finding would mean.
    """
    if isinstance(rule.head, Conflict):
        return
    by_unit: dict[str, set[float]] = {}
    for leaf in reads.resting_on(rule):
        if isinstance(leaf, (Measures, MarkerMeasures)) and compared_by(leaf, reads.vocabulary):
            by_unit.setdefault(_unit(leaf, reads), set()).update(bounds_of([leaf.comparison]))
    for unit, bounds in by_unit.items():
        written = _numbers_with(unit, rule.because)
        if written and not written & bounds:
            said = joined((f"`{number:g} {unit}`" for number in sorted(written)), "and")
            held = joined((f"`{bound:g} {unit}`" for bound in sorted(bounds)), "and")
            message = f"`because` speaks of {said}, and the rule compares with {held}"
            yield Finding("TX111", rule.place.at("because"), message, "bring the two together", rule.id)


def _unit(leaf: Measures | MarkerMeasures, reads: Reads) -> str:
    if isinstance(leaf, Measures):
        return "" if leaf.relative_to else reads.vocabulary.measurements[leaf.name].unit
    return reads.vocabulary.biomarkers[leaf.marker].unit or ""


def _numbers_with(unit: str, text: str) -> set[float]:
    if unit in ("", "%"):
        return set()
    return {float(found) for found in re.findall(rf"(\d+(?:\.\d+)?)[ -]?{re.escape(unit)}(?![\w/])", text)}


def _slips(rule: Rule) -> Iterator[Finding]:
    for key, text in (("title", rule.title), ("because", rule.because), ("experts_differ", rule.experts_differ)):
        twice, left_over = _TWICE.search(text), _LEFT_OVER.search(text)
        if twice:
            yield Finding("TX122", rule.place.at(key), f"`{twice[0]}` in `{key}`", "take one of them out", rule.id)
        if left_over:
            message, hint = f"`{left_over[0]}` in `{key}`", "finish the sentence"
            yield Finding("TX122", rule.place.at(key), message, hint, rule.id)
