"""Drawings: where boxes stand, how text is broken, and that the graph shows the proof and nothing else."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from scale import examples, some
from txselect.decision.reading import Reading
from txselect.decision.record import Option
from txselect.explain.graph import Graph, graph_of
from txselect.explain.layout import Stacks
from txselect.explain.measure import broken, width_of
from txselect.explain.picture import HEIGHT, HEIGHT_ALONE, sheets
from txselect.pipeline import read
from txselect.program.program import Node

GAP = 7.0
some_cases = pytest.mark.parametrize("name", some(cases(), 16))


@st.composite
def stacks(draw: st.DrawFn) -> Stacks:
    sizes = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    columns = [[f"{number}.{row}" for row in range(size)] for number, size in enumerate(sizes)]
    names = [name for column in columns for name in column]
    heights = {name: float(draw(st.integers(1, 60))) for name in names}
    pairs = [(a, b) for a in names for b in names if int(a[0]) < int(b[0])]
    arrows = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []
    return Stacks(columns, heights, arrows, GAP)


@settings(max_examples=examples(200, nightly=5_000))
@given(stacks())
def test_boxes_keep_their_distance_and_stay_within_the_height(made: Stacks):
    given_order = list(made.columns[-1])
    middles = made.layout().middles
    for column in made.columns:
        boxes = [name for name in column if isinstance(name, str)]
        tops = {name: middles[name] - made.heights[name] / 2 for name in boxes}
        assert all(tops[n] + 1e-6 >= 0 and tops[n] + made.heights[n] <= made.height + 1e-6 for n in boxes)
        for upper, lower in pairwise(boxes):
            assert tops[lower] - (tops[upper] + made.heights[upper]) >= GAP - 1e-6
    assert made.columns[-1] == given_order


@settings(max_examples=examples(200, nightly=5_000))
@given(stacks())
def test_an_arrow_passes_between_the_boxes_of_each_column_that_it_crosses(made: Stacks):
    layout = made.layout()
    for (start, end), heights in layout.passing.items():
        crossed = range(int(start[0]) + 1, int(end[0]))
        assert len(heights) == len(crossed)
        for number, height in zip(crossed, heights, strict=True):
            boxes = [name for name in made.columns[number] if isinstance(name, str)]
            assert all(abs(height - layout.middles[name]) >= made.heights[name] / 2 for name in boxes)


def test_sorting_leaves_no_crossing_where_none_is_needed():
    made = Stacks([["a", "b", "c"], ["z", "y", "x"], ["1", "2", "3"]], dict.fromkeys("abcxyz123", 10.0), ARROWS, GAP)
    middles = made.layout().middles
    assert sorted("xyz", key=middles.__getitem__) == ["x", "y", "z"]
    assert [middles[name] for name in "xyz"] == [middles[name] for name in "123"]


ARROWS = [("c", "x"), ("b", "y"), ("a", "z"), ("x", "1"), ("y", "2"), ("z", "3")]


@settings(max_examples=examples(300, nightly=10_000))
@given(st.text(max_size=200), st.integers(30, 200))
def test_lines_are_no_wider_than_their_room_and_lose_nothing(text: str, room: int):
    lines = broken(text, room, 10)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert [line for line in lines if width_of(line, 10) > room] == []


def drawn_options(name: str) -> tuple[Reading, list[Option]]:
    reading, decision = read(rules(), cases()[name].profile, engine="linear")
    return reading, [option for option in decision.options if option.offered or option.status == "excluded"]


def findings(graph: Graph) -> set[str]:
    return {name for name, box in graph.boxes.items() if box.kind == "finding"}


def given_below(reading: Reading, literal: int) -> set[str]:
    """The findings that a literal is concluded from, by the premises of its proof alone."""
    node: Node = reading.node(literal)
    if node.kind == "leaf":
        return set() if node.leaf is not None and getattr(node.leaf, "codes", None) == () else {str(literal)}
    return set().union(*(given_below(reading, premise) for premise in reading.premises(literal)))


@some_cases
def test_what_is_drawn_for_a_settled_option_is_what_its_proof_rests_on(name: str):
    reading, options = drawn_options(name)
    for option in options:
        if option.status in ("recommended", "excluded"):
            against = {reason.rule for reason in option.reasons if not reason.is_for}
            proving = [rule for rule in option.rules if option.offered or rule in against]
            wanted = set().union(*(given_below(reading, reading.program.rules[rule]) for rule in proving))
            assert findings(graph_of(reading, [option])) == wanted, option.therapy


@some_cases
def test_what_holds_rests_on_what_holds_and_what_is_open_on_something_open(name: str):
    reading, options = drawn_options(name)
    graph = graph_of(reading, options)
    for target, box in graph.boxes.items():
        marks = {graph.boxes[start].mark for start, end in graph.arrows if end == target}
        if box.kind in ("fact", "rule") and box.mark != "unknown":
            assert marks <= {"met"}, box
        elif box.kind != "finding" and box.mark == "unknown":
            assert "unknown" in marks, box


@some_cases
def test_an_option_waits_for_what_is_drawn_open(name: str):
    reading, options = drawn_options(name)
    for option in options:
        boxes = graph_of(reading, [option]).boxes.values()
        open_findings = [box for box in boxes if box.kind == "finding" and box.mark == "unknown"]
        assert bool(open_findings) == bool(option.pending), option.therapy


@pytest.mark.parametrize("name", ["bedbound-after-four-lines", "relapsed-glioblastoma-braf", "pantumor02-ovarian"])
def test_what_stands_first_is_drawn_even_where_it_needs_a_page_of_its_own(name: str):
    reading, options = drawn_options(name)
    assert options[0].rank == 1
    assert sheets(reading, options, most=3)[0].options == (options[0],)


@some_cases
def test_sheets_fit_on_a_page_and_draw_each_option_once(name: str):
    reading, options = drawn_options(name)
    made = sheets(reading, options, most=3)
    drawn = [option.therapy for sheet in made for option in sheet.options]
    assert len(made) <= 3
    assert all(sheet.height <= (HEIGHT if len(sheet.options) > 1 else HEIGHT_ALONE) for sheet in made)
    assert len(drawn) == len(set(drawn))
    assert drawn or not options
