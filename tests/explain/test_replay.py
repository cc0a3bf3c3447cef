"""Explanations replayed: each line is true of the profile, each proof proves, and nothing in it is idle."""

from collections.abc import Iterator

import pytest

from knowledge.shipped import cases, rules
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.engine.linear import LinearEngine
from txselect.explain.lines import Line
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.model.condition import Leaf
from txselect.pipeline import read
from txselect.program.horn import HornProgram
from txselect.program.observe import leaf_test

each_case = pytest.mark.parametrize("name", sorted(cases())[::2])
MARKS = {"met": True, "failed": False, "unknown": None}


def readings(name: str) -> tuple[Reading, Decision]:
    return read(rules(), cases()[name].profile, engine="linear")


def all_lines(lines: tuple[Line, ...]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from all_lines(line.parts)


def leaves_by_text(reading: Reading) -> dict[str, list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for node in reading.program.nodes:
        if node.leaf is not None:
            found.setdefault(reading.words.condition(node.leaf), []).append(node.leaf)
    return found


def agrees(line: Line, leaves: list[Leaf], reading: Reading) -> bool:
    """Whether the mark is what the profile says of a leaf with these words, evaluated by itself."""
    negated = line.text.startswith("not: ")
    expected = MARKS[line.mark]
    expected = expected if expected is None or not negated else not expected
    return any(leaf_test(leaf, reading.pack.vocabulary)(reading.patient) is expected for leaf in leaves)


@each_case
def test_every_line_about_the_profile_is_as_true_as_its_mark_says(name: str):
    reading, decision = readings(name)
    leaves = leaves_by_text(reading)
    for option in decision.options:
        if option.status == "not_indicated":
            continue
        for explanation in (why(reading, decision, option.therapy), why_not(reading, decision, option.therapy)):
            for line in all_lines(explanation.lines):
                asked = leaves.get(line.text.removeprefix("not: "))
                if asked and not line.parts and line.mark in MARKS and line.found != "shown above":
                    assert agrees(line, asked, reading), (option.therapy, line)


@each_case
def test_what_is_said_to_be_shown_above_is_shown_above(name: str):
    reading, decision = readings(name)
    for option in decision.offered:
        seen: set[str] = set()
        for line in all_lines(why(reading, decision, option.therapy).lines):
            assert line.found != "shown above" or line.text in seen, (option.therapy, line)
            seen.add(line.text)


def proof_of(reading: Reading, literal: int) -> tuple[set[int], set[int]]:
    """The given literals and the clauses that the shown proof of a literal uses."""
    given, clauses, waiting = set(), set(), [literal]
    while waiting:
        literal = waiting.pop()
        number = reading.support.get(literal)
        if number is None:
            given.add(literal)
        elif number not in clauses:
            clauses.add(number)
            waiting += reading.premises(literal)
    return given, clauses


def follows(reading: Reading, clauses: set[int], given: set[int], literal: int) -> bool:
    horn = reading.program.horn
    only = HornProgram(horn.nodes, tuple(horn.clauses[number] for number in sorted(clauses)))
    valuation = LinearEngine(only).run(sorted(given))
    return literal in given or any(found == literal for found, _ in valuation.derived)


@each_case
def test_a_proof_proves_and_each_thing_given_in_it_is_needed(name: str):
    reading, decision = readings(name)
    for option in decision.offered:
        for rule in option.rules:
            reference = reading.program.rules[rule]
            if reading.truth(reference):
                given, clauses = proof_of(reading, reference)
                assert given <= set(reading.valuation.given)
                assert follows(reading, clauses, given, reference), rule
                for literal in given:
                    assert not follows(reading, clauses, given - {literal}, reference), (rule, literal)


STATUSES = {
    (True, False): "recommended",
    (True, None): "recommended_pending",
    (None, False): "possible",
    (None, None): "possible",
    (True, True): "excluded",
    (None, True): "excluded",
}


@each_case
def test_the_stored_derivation_alone_gives_every_status_again(name: str):
    reading, decision = readings(name)
    known = {given.literal for given in decision.derivation.given}
    for step in decision.derivation.steps:
        assert known.issuperset(step.premises), step
        known.add(step.literal)

    def truth(reference: int | None) -> bool | None:
        if reference is None:
            return False
        says = f"{reference // 2}{'+-'[reference & 1]}"
        opposite = f"{reference // 2}{'-+'[reference & 1]}"
        return True if says in known else False if opposite in known else None

    for option in decision.options:
        nodes = reading.program.options[option.therapy]
        replayed = STATUSES.get((truth(nodes.indicated), truth(nodes.contraindicated)), "not_indicated")
        assert option.status == replayed, option.therapy


@pytest.mark.parametrize("name", sorted(cases())[::6])
def test_why_not_lists_each_rule_once_and_says_what_blocks_it(name: str):
    reading, decision = readings(name)
    for therapy, recommending in rules().pack.rules_for.items():
        lines = why_not(reading, decision, therapy).lines
        shown = [line.rule for line in lines if line.rule in {rule.id for rule in recommending}]
        assert sorted(shown) == sorted(rule.id for rule in recommending), therapy
        for line in lines:
            if line.mark in ("failed", "unknown") and line.rule in shown:
                assert any(below.mark in ("failed", "unknown") for below in all_lines(line.parts)), (therapy, line)
            if line.rule in reading.program.rules and line.rule in shown:
                assert MARKS[line.mark] is reading.rule_truth(line.rule), (therapy, line)
