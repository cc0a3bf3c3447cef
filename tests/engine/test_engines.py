"""Choosing an engine by its name, and what every engine says of itself."""

import importlib.metadata
import threading

import pytest

from engine.random_programs import large_given, large_program
from txselect.engine import ENGINE_NAMES, LiteralError, certified_run, engine_named
from txselect.engine.durable import available, unavailable_because
from txselect.program.horn import Clause, HornProgram, Valuation

each_engine = pytest.mark.parametrize(
    "engine_name",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(name == "durable" and not available(), reason=str(unavailable_because())),
        )
        for name in ENGINE_NAMES
    ],
)
PROGRAM = HornProgram(2, (Clause(2, (0,)),))


@each_engine
def test_an_engine_has_its_name_and_program(engine_name: str):
    engine = engine_named(engine_name, PROGRAM)
    assert engine.name == engine_name
    assert engine.program is PROGRAM
    engine.close()


def test_linear_has_the_version_it_is_told_and_durable_that_of_the_library():
    assert engine_named("linear", PROGRAM, version="3.1").version == "3.1"
    if available():
        assert engine_named("durable", PROGRAM).version == importlib.metadata.version("durable_rules")


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="no engine is named `quadratic`; there are durable, linear"):
        engine_named("quadratic", PROGRAM)


@each_engine
def test_given_literals_keep_their_order_without_repetition(engine_name: str):
    assert engine_named(engine_name, PROGRAM).run([3, 0, 3]) == Valuation((3, 0), ((2, 0),))


@each_engine
def test_what_is_given_is_not_derived(engine_name: str):
    assert engine_named(engine_name, PROGRAM).run([0, 2]) == Valuation((0, 2), ())


@each_engine
@pytest.mark.parametrize("wrong", [-1, 4])
def test_a_literal_out_of_range_is_refused_and_the_next_case_runs(engine_name: str, wrong: int):
    engine = engine_named(engine_name, PROGRAM)
    with pytest.raises(LiteralError):
        engine.run([0, wrong])
    assert certified_run(engine, [0]) == Valuation((0,), ((2, 0),))


@each_engine
def test_a_malformed_program_is_refused(engine_name: str):
    with pytest.raises(LiteralError, match="clause 0 has no premises"):
        engine_named(engine_name, HornProgram(1, (Clause(0, ()),)))


def test_threads_may_share_a_linear_engine():
    engine = engine_named("linear", large_program(1, 40, 60))
    expected = [engine.run(large_given(case, 40)) for case in range(50)]
    found: list[list[Valuation]] = []

    def run_all() -> None:
        found.append([engine.run(large_given(case, 40)) for case in range(50)])

    threads = [threading.Thread(target=run_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
