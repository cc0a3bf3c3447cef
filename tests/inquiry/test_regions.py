"""Regions cover every number, are the same throughout, and each has a number of its own."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from txselect.inquiry.regions import Range, Region, bounds_of, regions
from txselect.model.condition import Comparison

BOUNDS = st.integers(0, 40).map(lambda quarter: quarter / 4)
COMPARISONS = st.lists(
    st.one_of(
        *(st.builds(Comparison, **{key: BOUNDS}) for key in ("at_least", "at_most", "above", "below", "equals")),
        st.builds(lambda low, more: Comparison(at_least=low, below=low + more), BOUNDS, BOUNDS),
    ),
    min_size=1,
    max_size=4,
)
ALL = Range(0, 10)
WHOLE = Range(0, 10, whole=True)
SPANS = st.one_of(
    st.tuples(st.just(ALL), st.one_of(st.none(), BOUNDS)),
    st.tuples(st.just(WHOLE), st.one_of(st.none(), st.integers(0, 10))),
)
"""What can be meant, and what is there now."""


def made(asked: list[Comparison], span: Range, near: float | None) -> list[tuple[Region, tuple[bool, ...]]]:
    return list(regions(bounds_of(asked), span, lambda value: tuple(c.holds(value) for c in asked), near))


def eighths(span: Range) -> list[float]:
    """Numbers closer together than bounds are."""
    return [float(n) for n in range(11)] if span.whole else [n / 8 for n in range(81)]


@given(asked=COMPARISONS, numbers=SPANS)
def test_each_number_lies_in_one_region_and_is_seen_as_the_region_is(
    asked: list[Comparison], numbers: tuple[Range, float | None]
):
    span, _ = numbers
    found = made(asked, *numbers)
    for number in eighths(span):
        around = [seen for region, seen in found if region.comparison(-1, 11).holds(number)]
        assert around == [tuple(c.holds(number) for c in asked)]


@given(asked=COMPARISONS, numbers=SPANS)
def test_the_number_of_a_region_is_one_of_it(asked: list[Comparison], numbers: tuple[Range, float | None]):
    span, _ = numbers
    for region, seen in made(asked, *numbers):
        assert span.minimum <= region.value <= span.maximum
        assert region.comparison(-1, 11).holds(region.value)
        assert tuple(c.holds(region.value) for c in asked) == seen
        assert not span.whole or region.value == int(region.value)


@given(asked=COMPARISONS, span=st.sampled_from([ALL, WHOLE]))
def test_neighbouring_regions_are_told_apart(asked: list[Comparison], span: Range):
    seen = [what for _, what in made(asked, span, None)]
    assert all(one != following for one, following in pairwise(seen))


@given(asked=COMPARISONS, near=BOUNDS)
def test_the_number_that_is_there_now_stands_for_its_region(asked: list[Comparison], near: float):
    (here,) = [region for region, _ in made(asked, ALL, near) if region.comparison(-1, 11).holds(near)]
    assert here.value == near


def test_a_region_is_said_by_its_bounds_and_an_end_of_the_whole_range_needs_none():
    asked = [Comparison(at_least=1), Comparison(above=4), Comparison(equals=7)]
    said = [region.comparison(0, 10).text("%") for region, _ in made(asked, ALL, None)]
    assert said == [
        "below 1 %",
        "from 1 to 4 %",
        "above 4 % and below 7 %",
        "7 %",
        "above 7 %",
    ]
