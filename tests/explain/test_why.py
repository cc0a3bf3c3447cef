"""Why: the proof, shared parts once, and folded to a depth."""

from dataclasses import replace

import pytest

from knowledge.shipped import cases, rules
from scale import some
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.explain.lines import SHOWN_ABOVE, Explanation, Line, all_lines, folded
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.pipeline import read

some_cases = pytest.mark.parametrize("name", some(cases(), 32))


def shipped(name: str) -> tuple[Reading, Decision]:
    return read(rules(), cases()[name].profile, engine="linear")


def depth_of(line: Line) -> int:
    return 1 + max(map(depth_of, line.parts), default=0)


@some_cases
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_folded_explanation_keeps_its_upper_lines_and_counts_the_rest(name: str, depth: int):
    reading, decision = shipped(name)
    for option in decision.options[::3]:
        for explanation in (why(reading, decision, option.therapy), why_not(reading, decision, option.therapy)):
            short = folded(explanation, depth)
            assert [line.text for line in short.lines] == [line.text for line in explanation.lines]
            assert all(depth_of(line) <= depth for line in short.lines)
            for line, shorter in zip(explanation.lines, short.lines, strict=True):
                assert depth_of(line) <= depth or any(below.folded for below in all_lines([shorter])), line


@some_cases
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_nothing_folded_away_is_said_to_be_shown_above(name: str, depth: int):
    reading, decision = shipped(name)
    for option in decision.options:
        seen: set[str] = set()
        for line in all_lines(folded(why(reading, decision, option.therapy), depth).lines):
            assert line.found != SHOWN_ABOVE or line.text in seen, line
            seen.add(line.text)


@some_cases
def test_what_is_said_to_be_shown_above_is_more_than_its_name(name: str):
    reading, decision = shipped(name)
    for therapy in rules().pack.rules_for:
        shown: set[str] = set()
        for line in all_lines(why_not(reading, decision, therapy).lines):
            if line.found == SHOWN_ABOVE:
                assert line.text in shown, line
            elif line.parts or line.found:
                shown.add(line.text)


def test_a_depth_greater_than_the_tree_changes_nothing():
    reading, decision = shipped("vision-population")
    explanation = why(reading, decision, "psma_radioligand")
    assert folded(explanation, 20) == folded(explanation, None) == explanation


def tree(*lines: Line) -> Explanation:
    return Explanation("x", "Why?", "so", lines)


FACT = Line("met", "fact", parts=(Line("met", "leaf", "value"), Line("met", "other leaf", "value")))
AGAIN = Line("met", "fact", SHOWN_ABOVE)


def test_what_is_folded_away_is_shown_where_it_is_named_again():
    deep = Line("met", "rule", rule="a", parts=(Line("met", "outer fact", parts=(FACT,)),))
    shallow = Line("met", "other rule", rule="b", parts=(AGAIN,))
    short = folded(tree(deep, shallow), 2)
    assert short.lines[0].parts == (Line("met", "outer fact", folded="3 conditions"),)
    assert short.lines[1].parts == (replace(FACT, parts=(), folded="2 conditions"),)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ((Line("met", "one"),), "rule (1 condition below)"),
        ((Line("met", "one"), Line("note", "source")), "rule (1 condition and 1 note below)"),
        ((Line("failed", "a rule", rule="a"), Line("failed", "a rule", rule="b")), "rule (2 rules below)"),
    ],
)
def test_what_is_folded_is_counted(parts: tuple[Line, ...], says: str):
    assert folded(tree(Line("met", "rule", parts=parts)), 1).lines[0].sentence() == says
