"""What a clinician reads: words and not ids, units, singular and plural, no sentence that runs over two lines."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from knowledge.shipped import cases, rules
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.decision.wording import UNLIMITED
from txselect.explain.compare import compare
from txselect.explain.lines import Explanation, all_lines, folded
from txselect.explain.text import decision_text
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.model.condition import FieldMeasures, Leaf, MarkerMeasures, Measures
from txselect.pipeline import read

each_case = pytest.mark.parametrize("name", sorted(cases()))
LONGEST = 200
"""Characters of a sentence: two lines of 100."""


@cache
def known_ids() -> frozenset[str]:
    """Ids of rules and of the vocabulary that cannot be taken for words."""
    pack = rules().pack
    vocabulary = pack.vocabulary
    named = (
        vocabulary.cancers, vocabulary.biomarkers, vocabulary.tests, vocabulary.measurements, vocabulary.facts,
        vocabulary.therapies, vocabulary.agents, *vocabulary.terms.values(), pack.rules, pack.evidence,
    )  # fmt: skip
    return frozenset(name for entries in named for name in entries if "_" in name or "." in name)


@cache
def written() -> frozenset[str]:
    """Sentences that somebody wrote into the rules, the evidence and the vocabulary."""
    pack = rules().pack
    texts = [text for rule in pack.rules.values() for text in (rule.title, rule.because, rule.experts_differ)]
    texts += [entry.result or "" for entry in pack.evidence.values()]
    texts += [entry.name for entry in pack.evidence.values()]
    texts += [criterion.because for criterion in pack.ranking.criteria]
    return frozenset(sentence for text in texts for sentence in sentences(text))


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?:[.;:](?:\s|$))|\n", text) if part]


def explanations(reading: Reading, decision: Decision) -> Iterator[Explanation]:
    """Of the first, the last and a middle option, of neighbours in the list, and of classes that are not offered."""
    offered = [option.therapy for option in decision.offered]
    others = [option.therapy for option in decision.options if not option.offered]
    for therapy in {*offered[:1], *offered[-1:], *offered[len(offered) // 2 :][:1]}:
        yield why(reading, decision, therapy)
        yield folded(why_not(reading, decision, therapy), 2)
    for therapy in {*others[:2], *others[-1:]}:
        yield why_not(reading, decision, therapy)
    for one, other in zip(offered, [*offered[1:], *others[:1]], strict=False):
        yield compare(reading, decision, one, other).explanation


@cache
def paragraphs(name: str) -> tuple[str, ...]:
    """What is read of a case, before it is broken into lines."""
    reading, decision = read(rules(), cases()[name].profile, engine="linear")
    found = decision_text(decision, width=UNLIMITED).splitlines()
    for explanation in explanations(reading, decision):
        found += [explanation.title, explanation.answer]
        found += [line.sentence() for line in all_lines(explanation.lines)]
    return tuple(dict.fromkeys(found))


@each_case
def test_no_text_shows_an_id(name: str):
    words = {word for text in paragraphs(name) for word in re.findall(r"[\w.]*\w", text) if "_" in word or "." in word}
    assert words & known_ids() == set()


NOUNS = {
    "rule": "rules", "condition": "conditions", "note": "notes", "contraindication": "contraindications",
    "month": "months", "year": "years", "metastasis": "metastases", "line": "lines", "test": "tests",
    "prior therapy": "prior therapies", "therapy class": "therapy classes", "other": "others",
    "reason for care": "reasons for care",
}  # fmt: skip
TWICE = re.compile(r"\b([a-z]+) \1\b|\bnot: no|\bno not?\b|: :|\bno no\b|[,;:] *[,;:.]|\(\)", re.IGNORECASE)
BETWEEN = r"(?:more |failed |unknown |systemic )?"
PLURAL_OF_ONE = re.compile(rf"(?<![\w.])1 {BETWEEN}(?:{'|'.join(NOUNS.values())})\b")
SINGULAR_OF_MANY = re.compile(rf"(?<![\w.])(?:0|[2-9]|\d\d+) {BETWEEN}(?:{'|'.join(NOUNS)})\b")


@each_case
def test_one_is_singular_and_many_are_plural(name: str):
    slips = [text for text in paragraphs(name) if PLURAL_OF_ONE.search(text) or SINGULAR_OF_MANY.search(text)]
    assert slips == []


@each_case
def test_no_word_stands_twice_and_nothing_is_denied_twice(name: str):
    assert [text for text in paragraphs(name) if TWICE.search(text)] == []


def numbers_asked(reading: Reading) -> Iterator[tuple[Leaf, str, str]]:
    """The conditions about something that has a unit, with that unit and with the unit in which it was reported."""
    vocabulary, patient = reading.pack.vocabulary, reading.patient
    for node in reading.program.nodes:
        match node.leaf:
            case Measures(name, relative_to=None) as leaf:
                found = patient.measurements.get(name)
                yield leaf, vocabulary.measurements[name].unit, found.report.unit if found else ""
            case MarkerMeasures(name) as leaf if vocabulary.biomarkers[name].unit:
                measured = patient.markers[name].measured if name in patient.markers else ()
                yield leaf, vocabulary.biomarkers[name].unit or "", measured[0].unit or "" if measured else ""
            case FieldMeasures("age" | "months_since_diagnosis" as name) as leaf:
                unit = {"age": "year", "months_since_diagnosis": "month"}[name]
                yield leaf, unit, unit if name in patient.numbers else ""


@each_case
def test_numbers_have_their_units_where_they_are_asked_and_where_they_are_found(name: str):
    reading, _ = read(rules(), cases()[name].profile, engine="linear")
    for leaf, asked, reported in numbers_asked(reading):
        assert asked in reading.words.condition(leaf), leaf
        assert reported in reading.found(leaf), leaf
        assert reported or not re.search(r"^\d", reading.found(leaf)), leaf


@each_case
def test_no_sentence_takes_more_than_two_lines(name: str):
    long = {sentence for text in paragraphs(name) for sentence in sentences(text) if len(sentence) > LONGEST}
    assert long - written() == set()


@pytest.mark.parametrize(
    ("pattern", "slip"),
    [
        (PLURAL_OF_ONE, "ended 1 months ago"),
        (PLURAL_OF_ONE, "1 failed conditions away"),
        (SINGULAR_OF_MANY, "2 systemic line"),
        (SINGULAR_OF_MANY, "12 rule"),
        (TWICE, "the the list"),
        (TWICE, "not: no ARPI so far"),
        (TWICE, "not stated:: ECOG"),
    ],
)
def test_the_search_for_slips_finds_them(pattern: re.Pattern[str], slip: str):
    assert pattern.search(slip)
