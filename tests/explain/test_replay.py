"""Explanations replayed: each line is true of the profile, each proof proves, and nothing in it is idle."""

import pytest

from knowledge.shipped import cases, rules
from scale import some
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.engine.linear import LinearEngine
from txselect.explain.lines import SHOWN_ABOVE, Line, all_lines
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.model.condition import Leaf
from txselect.pipeline import read
from txselect.program.horn import HornProgram
from txselect.program.observe import leaf_test

each_case = pytest.mark.parametrize("name", some(cases(), 120))
MARKS = {"met": True, "failed": False, "unknown": None}


def readings(name: str) -> tuple[Reading, Decision]:
    return read(rules(), cases()[name].profile, engine="linear")


def leaves_by_text(reading: Reading) -> dict[str, list[tuple[Leaf, bool]]]:
    """Leaves by the words for them, and for their opposite (with False)."""
    found: dict[str, list[tuple[Leaf, bool]]] = {}
    for node in reading.program.nodes:
        if node.leaf is not None:
            found.setdefault(reading.words.condition(node.leaf), []).append((node.leaf, True))
            found.setdefault(reading.words.opposite(node.leaf), []).append((node.leaf, False))
    return found


def agrees(line: Line, leaves: list[tuple[Leaf, bool]], reading: Reading) -> bool:
    """Whether the mark is what the profile says of a leaf with these words, evaluated by itself."""
    expected = MARKS[line.mark]
    truths = [(leaf_test(leaf, reading.pack.vocabulary)(reading.patient), said) for leaf, said in leaves]
    return any((truth if truth is None or said else not truth) is expected for truth, said in truths)


@each_case
def test_every_line_about_the_profile_is_as_true_as_its_mark_says(name: str):
    reading, decision = readings(name)
    leaves = leaves_by_text(reading)
    for option in decision.options:
        if option.status == "not_indicated":
            continue
        for explanation in (why(reading, decision, option.therapy), why_not(reading, decision, option.therapy)):
            for line in all_lines(explanation.lines):
                asked = leaves.get(line.text)
                if asked and not line.parts and line.mark in MARKS and line.found != SHOWN_ABOVE:
                    assert agrees(line, asked, reading), (option.therapy, line)


@each_case
def test_what_is_said_to_be_shown_above_is_shown_above(name: str):
    reading, decision = readings(name)
    for option in decision.offered:
        seen: set[str] = set()
        for line in all_lines(why(reading, decision, option.therapy).lines):
            assert line.found != SHOWN_ABOVE or line.text in seen, (option.therapy, line)
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
