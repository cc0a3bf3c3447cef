"""What a clinician reads: words and not ids, units, singular and plural, no sentence that runs over two lines."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from explain.readable import (
    PLURAL_OF_ONE,
    SINGULAR_OF_MANY,
    TWICE,
    ids_shown,
    miscounted,
    said_twice,
    too_long,
)
from knowledge.shipped import cases, rules
from scale import some
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

each_case = pytest.mark.parametrize("name", some(cases(), 180))


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
    assert ids_shown(paragraphs(name)) == set()


@each_case
def test_one_is_singular_and_many_are_plural(name: str):
    assert miscounted(paragraphs(name)) == []


@each_case
def test_no_word_stands_twice_and_nothing_is_denied_twice(name: str):
    assert said_twice(paragraphs(name)) == []


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
    assert too_long(paragraphs(name)) == set()


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
