"""The engines mean the same: each against the naive fixpoint, on random programs and at the library's edges."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.random_programs import Case, all_of, cases, large_given, large_program, naive_fixpoint, two_rail_cases
from scale import examples
from txselect.engine import ENGINE_NAMES, CertificateError, Engine, certified_run, certify, engine_named
from txselect.engine.durable import available
from txselect.program.horn import Clause, HornProgram, Valuation, opposite

ENGINES = [name for name in ENGINE_NAMES if name != "durable" or available()]
each_engine = pytest.mark.parametrize("engine_name", ENGINES)


def run(engine_name: str, case: Case) -> Valuation:
    engine = engine_named(engine_name, case.program)
    try:
        return engine.run(case.given)
    finally:
        engine.close()


def literals_of(valuation: Valuation) -> set[int]:
    return {*valuation.given, *(literal for literal, _ in valuation.derived)}


def clashes(holds: set[int]) -> bool:
    return any(opposite(literal) in holds for literal in holds)


@each_engine
@settings(max_examples=examples(2_000, nightly=20_000))
@given(case=cases())
def test_an_engine_finds_the_least_fixpoint_and_its_steps_are_certified(engine_name: str, case: Case):
    valuation = run(engine_name, case)
    expected = naive_fixpoint(case.program, case.given)
    assert literals_of(valuation) == expected
    if clashes(expected):
        with pytest.raises(CertificateError, match="opposites"):
            certify(case.program, case.given, valuation)
    else:
        certify(case.program, case.given, valuation)


@given(case=two_rail_cases())
def test_no_literal_of_a_two_rail_program_holds_with_its_opposite(case: Case):
    assert not clashes(naive_fixpoint(case.program, case.given))


@each_engine
@given(case=cases(), dice=st.randoms(use_true_random=False))
def test_neither_the_order_of_clauses_nor_that_of_the_given_matters(engine_name: str, case: Case, dice: random.Random):
    clauses, literals = list(case.program.clauses), list(case.given)
    dice.shuffle(clauses)
    dice.shuffle(literals)
    shuffled = Case(HornProgram(case.program.nodes, tuple(clauses)), tuple(literals))
    assert literals_of(run(engine_name, shuffled)) == literals_of(run(engine_name, case))


@each_engine
@given(case=cases())
def test_the_same_run_twice_gives_the_same_valuation_in_every_detail(engine_name: str, case: Case):
    engine = engine_named(engine_name, case.program)
    first = engine.run(case.given)
    engine.run(tuple(range(2 * case.program.nodes)))
    assert engine.run(case.given) == first
    engine.close()


@each_engine
@given(case=two_rail_cases(), more=st.lists(st.integers(0, 2), max_size=6))
def test_one_engine_runs_many_cases_and_none_leaves_anything_behind(engine_name: str, case: Case, more: list[int]):
    engine = engine_named(engine_name, case.program)
    atoms = range(min(len(more), case.program.nodes))
    other = tuple(2 * atom + more[atom] for atom in atoms if more[atom] < 2)
    for literals in (case.given, other, (), case.given):
        assert literals_of(engine.run(literals)) == naive_fixpoint(case.program, literals)
    engine.close()


@settings(max_examples=examples(300, nightly=3_000))
@given(case=cases())
def test_clips_finds_the_same_literals(case: Case):
    clips = pytest.importorskip("clips")
    environment = clips.Environment()
    for number, clause in enumerate(case.program.clauses):
        premises = " ".join(f"(literal {premise})" for premise in clause.body)
        environment.build(f"(defrule clause-{number} {premises} => (assert (literal {clause.head})))")
    environment.reset()
    for literal in case.given:
        environment.assert_string(f"(literal {literal})")
    environment.run()
    expected = {fact[0] for fact in environment.facts() if fact.template.name == "literal"}
    for engine_name in ENGINES:
        assert literals_of(run(engine_name, case)) == expected


# At the edges of the library: each of these is over a limit of durable-rules unless the layout keeps away from it.


def agrees_with_naive(engine_name: str, program: HornProgram, *givens: tuple[int, ...]) -> None:
    engine: Engine = engine_named(engine_name, program)
    for literals in givens:
        assert literals_of(certified_run(engine, literals)) == naive_fixpoint(program, literals)
    engine.close()


@each_engine
@pytest.mark.parametrize("uses", [59, 60, 61, 64, 65, 239, 240, 241, 255, 256, 257, 300, 511, 513])
def test_a_literal_may_be_used_any_number_of_times(engine_name: str, uses: int):
    own = range(1, uses + 1)
    clauses = [Clause(2 * (uses + node), (0, 2 * node)) for node in own]
    alone = [Clause(2 * (2 * uses + node), (0, 2 * node, 2 * (node % uses + 1))) for node in own]
    program = HornProgram(3 * uses + 1, (*clauses, *alone))
    everything = tuple(range(0, 2 * uses + 2, 2))
    agrees_with_naive(engine_name, program, everything, everything[::-1], everything[1:], (0, 2, 2 * uses), (0,))


@each_engine
@pytest.mark.parametrize("matches", [63, 64, 65, 300, 1_000])
def test_one_literal_may_fire_any_number_of_clauses_at_once(engine_name: str, matches: int):
    program = HornProgram(matches + 2, tuple(Clause(2 * node, (0,)) for node in range(1, matches + 1)))
    agrees_with_naive(engine_name, program, (0,), (1,), ())


@each_engine
@pytest.mark.parametrize("length", [14, 15, 16, 17, 29, 30, 31, 40, 200])
def test_a_body_may_have_any_length(engine_name: str, length: int):
    parts = tuple(range(0, 2 * length, 2))
    program = HornProgram(length + 2, (*all_of(length, parts), Clause(2 * length + 2, parts[1:])))
    agrees_with_naive(engine_name, program, parts, parts[::-1], parts[1:], parts[:-1], (1, *parts[1:]))


@each_engine
@pytest.mark.parametrize("width", [500, 511, 512, 513, 1_700])
def test_there_may_be_any_number_of_literals(engine_name: str, width: int):
    program = HornProgram(2 * width, tuple(Clause(2 * (width + node), (2 * node,)) for node in range(width)))
    agrees_with_naive(engine_name, program, tuple(range(0, 2 * width, 2)), (0, 2 * width - 2), (1,))


@each_engine
def test_a_chain_may_be_as_long_as_the_program(engine_name: str):
    length = 1_500
    program = HornProgram(length + 1, tuple(Clause(2 * node + 2, (2 * node,)) for node in range(length))[::-1])
    agrees_with_naive(engine_name, program, (0,), (2 * length - 2,), (3,))


@each_engine
@pytest.mark.parametrize(("atoms", "inner"), [(40, 60), (120, 375), (300, 800)])
def test_large_programs_agree_too(engine_name: str, atoms: int, inner: int):
    unknowns = [0.0, 0.1, 0.3, 0.6, 0.95]
    for seed in range(examples(3, nightly=30)):
        program = large_program(seed, atoms, inner)
        agrees_with_naive(engine_name, program, *(large_given(seed, atoms, unknown) for unknown in unknowns))
