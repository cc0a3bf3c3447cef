"""A right valuation passes the certificate, and nothing that is wrong about it does."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.random_programs import Case, cases, naive_fixpoint, two_rail_cases
from scale import examples
from txselect.engine import CertificateError, Engine, certified_run, certify
from txselect.engine.linear import LinearEngine
from txselect.program.horn import Clause, HornProgram, Valuation, opposite

Steps = tuple[tuple[int, int], ...]
often = settings(max_examples=examples(500, nightly=20_000))

LADDER = HornProgram(nodes=5, clauses=tuple(Clause(2 * node + 2, (2 * node,)) for node in range(3)))
"""0 makes 2, 2 makes 4, 4 makes 6; the fifth node stands apart."""
CLIMB: Steps = ((2, 0), (4, 1), (6, 2))


def right(case: Case) -> Valuation:
    return LinearEngine(case.program).run(case.given)


def refused(case: Case, given: Sequence[int], derived: Sequence[tuple[int, int]]) -> None:
    with pytest.raises(CertificateError) as caught:
        certify(case.program, case.given, Valuation(tuple(given), tuple(derived)))
    assert caught.value.literals
    assert str(caught.value.literals[0]) in str(caught.value)


@often
@given(case=two_rail_cases())
def test_a_right_valuation_passes(case: Case):
    certify(case.program, case.given, right(case))


@often
@given(case=cases(), data=st.data())
def test_an_added_literal_is_refused(case: Case, data: st.DataObject):
    valuation = right(case)
    outside = sorted(set(range(2 * case.program.nodes)) - naive_fixpoint(case.program, case.given))
    assume(outside)
    literal = data.draw(st.sampled_from(outside))
    own = [number for number, clause in enumerate(case.program.clauses) if clause.head == literal]
    clause = data.draw(st.sampled_from([*own, 0]))
    place = data.draw(st.integers(0, len(valuation.derived)))
    refused(case, valuation.given, [*valuation.derived[:place], (literal, clause), *valuation.derived[place:]])
    refused(case, (*valuation.given, literal), valuation.derived)


@often
@given(case=cases(), data=st.data())
def test_a_dropped_literal_is_refused(case: Case, data: st.DataObject):
    valuation = right(case)
    assume(valuation.derived)
    step = data.draw(st.sampled_from(valuation.derived))
    refused(case, valuation.given, [other for other in valuation.derived if other != step])


@often
@given(case=cases(), data=st.data())
def test_a_literal_derived_before_its_premises_is_refused(case: Case, data: st.DataObject):
    valuation = right(case)
    place_of = {literal: place for place, (literal, _) in enumerate(valuation.derived)}
    moves = [
        (place, place_of[premise])
        for place, (_, clause) in enumerate(valuation.derived)
        for premise in case.program.clauses[clause].body
        if premise in place_of
    ]
    if not moves:  # most small cases: too many for `assume`
        return
    late, early = data.draw(st.sampled_from(moves))
    derived = list(valuation.derived)
    derived.insert(early, derived.pop(late))
    refused(case, valuation.given, derived)


@often
@given(case=cases(), data=st.data())
def test_a_step_with_the_wrong_clause_is_refused(case: Case, data: st.DataObject):
    valuation = right(case)
    assume(valuation.derived)
    place = data.draw(st.integers(0, len(valuation.derived) - 1))
    literal, _ = valuation.derived[place]
    earlier = {*valuation.given, *(one for one, _ in valuation.derived[:place])}
    wrong = [
        number
        for number, clause in enumerate(case.program.clauses)
        if clause.head != literal or not earlier.issuperset(clause.body)
    ]
    number = data.draw(st.sampled_from([*wrong, -1, -len(case.program.clauses), len(case.program.clauses)]))
    refused(case, valuation.given, [*valuation.derived[:place], (literal, number), *valuation.derived[place + 1 :]])


@often
@given(case=cases(), data=st.data())
def test_a_literal_that_stands_twice_is_refused(case: Case, data: st.DataObject):
    valuation = right(case)
    assume(valuation.derived)
    step = data.draw(st.sampled_from(valuation.derived))
    refused(case, valuation.given, [*valuation.derived, step])
    refused(case, (*valuation.given, *valuation.given[:1], step[0]), valuation.derived)
    if valuation.given:
        refused(case, (*valuation.given, valuation.given[0]), valuation.derived)


@often
@given(case=two_rail_cases(), data=st.data())
def test_a_literal_that_holds_with_its_opposite_is_refused(case: Case, data: st.DataObject):
    holds = sorted(naive_fixpoint(case.program, case.given))
    assume(holds)
    literal = data.draw(st.sampled_from(holds))
    clashing = Case(case.program, (*case.given, opposite(literal)))
    valuation = right(clashing)
    refused(clashing, valuation.given, valuation.derived)


@often
@given(case=cases(), data=st.data())
def test_altered_given_literals_are_refused(case: Case, data: st.DataObject):
    valuation = right(case)
    literal = data.draw(st.integers(0, 2 * case.program.nodes - 1))
    dropped = [one for one in valuation.given if one != literal]
    if literal in valuation.given:
        refused(case, dropped, valuation.derived)
        refused(case, [*dropped, 2 * case.program.nodes], valuation.derived)
    else:
        refused(case, [*dropped, literal], valuation.derived)


@pytest.mark.parametrize(
    ("given_literals", "derived", "message"),
    [
        ((0,), CLIMB[:2], "literal 6 is missing: every premise of clause 2 holds"),
        ((0,), (*CLIMB, (8, 0)), "literal 8 is not the head of clause 0"),
        ((0,), (*CLIMB, (8, 3)), "literal 8 is derived by clause 3, which does not exist"),
        ((0,), (*CLIMB, (8, -1)), "literal 8 is derived by clause -1, which does not exist"),
        ((0,), (CLIMB[1], CLIMB[0], CLIMB[2]), "literal 4 is derived before the premises of clause 1"),
        ((0,), (*CLIMB, CLIMB[0]), "literal 2 is derived though it held already"),
        ((0, 0), CLIMB, "literal 0 is given twice"),
        ((0, 9), CLIMB, r"the given literals were altered: \[9\]"),
        ((), (), r"the given literals were altered: \[0\]"),
        ((0, 10), CLIMB, "given literal 10 is not one of the program's"),
    ],
)
def test_a_refusal_names_the_literal_and_what_is_wrong(given_literals: tuple[int, ...], derived: Steps, message: str):
    certify(LADDER, [0], Valuation((0,), CLIMB))
    with pytest.raises(CertificateError, match=f"^{message}$"):
        certify(LADDER, [0], Valuation(given_literals, derived))


def test_given_opposites_are_an_error_and_never_an_answer():
    engine: Engine = LinearEngine(LADDER)
    with pytest.raises(CertificateError, match="literals 8 and 9 are opposites and both hold") as caught:
        certified_run(engine, [9, 8])
    assert caught.value.literals == (8, 9)


def test_the_order_and_the_repetition_of_what_was_asked_do_not_matter():
    assert certified_run(LinearEngine(LADDER), [8, 0, 8]) == Valuation((8, 0), CLIMB)
    certify(LADDER, [0, 8, 0], Valuation((8, 0), CLIMB))
