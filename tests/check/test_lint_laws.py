"""What lint says of conditions holds for every patient: tried on random profiles over the invented vocabulary."""

from functools import cache
from itertools import combinations, permutations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from laws.invented import empty_pack
from laws.strategies import AS_OF, LEAVES, profiles
from scale import examples
from txselect.check.lint_exclusive import Asked, Excluding
from txselect.check.lint_lists import covers
from txselect.check.lint_reading import Reads
from txselect.check.lint_spans import Span
from txselect.language.patient import patient_of
from txselect.model.condition import CancerIs, Comparison, Leaf, Listed, TherapyGiven
from txselect.model.patient import Patient
from txselect.pipeline import checked_profile
from txselect.program.observe import leaf_test, subject_of

VOCABULARY = empty_pack().vocabulary


def truth(leaf: Leaf, patient: Patient) -> bool | None:
    return leaf_test(leaf, VOCABULARY)(patient) if subject_of(leaf) in patient.subjects else None


def patients() -> st.SearchStrategy[Patient]:
    return profiles().map(lambda profile: patient_of(checked_profile(profile), VOCABULARY, AS_OF))


@cache
def excluded() -> list[tuple[Asked, Asked]]:
    """All pairs of leaves, asked for or denied, of which lint says that no patient meets both."""
    excluding = Excluding(Reads(empty_pack()))
    asked = [Asked(leaf, denied) for leaf, denied in product(LEAVES, (False, True))]
    return [pair for pair in combinations(asked, 2) if excluding.exclude(*pair)]


@settings(max_examples=examples(300, nightly=5_000))
@given(patient=patients())
def test_no_patient_meets_two_conditions_that_exclude_each_other(patient: Patient):
    assert len(excluded()) > 100
    truths: dict[Any, bool | None] = {leaf: truth(leaf, patient) for leaf in LEAVES}
    met = [pair for pair in excluded() if all(truths[leaf] is (not denied) for leaf, denied in pair)]
    assert met == []


@cache
def covered() -> list[tuple[Leaf, Leaf]]:
    """Lists of two names of which the first adds nothing, beside the lists without it."""
    made: list[tuple[Leaf, Leaf]] = []
    for wider, name in permutations(VOCABULARY.cancers, 2):
        if covers(wider, name, VOCABULARY.cancer_kinds, asks=True):
            made.append((CancerIs((name, wider)), CancerIs((wider,))))
    plain = [name for name, therapy in VOCABULARY.therapies.items() if not therapy.components]
    for wider, name in permutations((*plain, *VOCABULARY.agents), 2):
        if covers(wider, name, VOCABULARY.therapy_kinds, asks=True):
            made.append((TherapyGiven((name, wider)), TherapyGiven((wider,))))
    for kind, kinds in VOCABULARY.term_kinds.items():
        for wider, name in permutations(VOCABULARY.terms[kind], 2):
            if covers(wider, name, kinds, asks=True):
                made.append((Listed(kind, (name, wider)), Listed(kind, (wider,))))
    return made


@settings(max_examples=examples(300, nightly=5_000))
@given(patient=patients())
def test_a_name_that_a_wider_one_covers_changes_nothing(patient: Patient):
    assert len(covered()) > 15
    differing = [pair for pair in covered() if truth(pair[0], patient) is not truth(pair[1], patient)]
    assert differing == []


bounds = st.one_of(st.none(), st.integers(-3, 3).map(float))
comparisons = st.builds(Comparison, bounds, bounds, bounds, bounds, bounds)
NUMBERS = [number / 2 for number in range(-9, 10)]


@given(comparison=comparisons, other=comparisons)
def test_a_span_has_the_numbers_that_its_comparison_has(comparison: Comparison, other: Comparison):
    span, also = Span.of(comparison), Span.of(other)
    assert [has(span, number) for number in NUMBERS] == [comparison.holds(number) for number in NUMBERS]
    both = [comparison.holds(number) and other.holds(number) for number in NUMBERS]
    assert [has(span.both(also), number) for number in NUMBERS] == both
    if not span.empty:
        assert [span.comparison().holds(number) for number in NUMBERS] == [has(span, number) for number in NUMBERS]
    assert span.empty is comparison.contradictory()


@given(comparison=comparisons)
def test_a_span_of_whole_numbers_has_the_whole_numbers_of_its_comparison(comparison: Comparison):
    span, whole = Span.of(comparison, whole=True), [number for number in NUMBERS if number.is_integer()]
    assert [has(span, number) for number in whole] == [comparison.holds(number) for number in whole]
    assert span.empty or any(comparison.holds(number) for number in (*whole, -100.0, 100.0))


def has(span: Span, number: float) -> bool:
    return span.low <= (number, 0) and (number, 1) <= span.high
