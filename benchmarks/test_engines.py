"""One case on each engine, and what a program costs to prepare, at three sizes.

Run with `make bench`. Programs are random and two-rail, as the compiler makes them, with 30 % of the atoms unknown.
"""

from itertools import cycle

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from engine.random_programs import large_given, large_program
from txselect.engine import ENGINE_NAMES, certify, engine_named
from txselect.engine.durable import available

SIZES = {200: (60, 50), 1_000: (100, 250), 3_000: (280, 750)}
each_engine = pytest.mark.parametrize(
    "engine_name", [name for name in ENGINE_NAMES if name != "durable" or available()]
)
each_size = pytest.mark.parametrize("clauses", SIZES)


@each_engine
@each_size
def test_one_case(benchmark: BenchmarkFixture, engine_name: str, clauses: int):
    atoms, inner = SIZES[clauses]
    engine = engine_named(engine_name, large_program(1, atoms, inner))
    givens = cycle([large_given(seed, atoms) for seed in range(50)])
    benchmark.group = f"one case, about {clauses} clauses"
    benchmark(lambda: engine.run(next(givens)))
    engine.close()


@each_size
def test_one_certificate(benchmark: BenchmarkFixture, clauses: int):
    atoms, inner = SIZES[clauses]
    program, given = large_program(1, atoms, inner), large_given(1, atoms)
    valuation = engine_named("linear", program).run(given)
    benchmark.group = f"one certificate, about {clauses} clauses"
    benchmark(certify, program, given, valuation)


@each_engine
@each_size
def test_preparing_a_program(benchmark: BenchmarkFixture, engine_name: str, clauses: int):
    program = large_program(1, *SIZES[clauses])
    benchmark.group = f"preparing a program, about {clauses} clauses"
    benchmark(lambda: engine_named(engine_name, program).close())
