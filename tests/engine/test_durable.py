"""The adapter around durable-rules: what it leaves behind, how it shares, and what it does when the library fails."""

import faulthandler
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.random_programs import large_given, large_program
from scale import examples
from txselect.engine import CertificateError, Engine, certified_run, durable
from txselect.engine.durable import DurableEngine, DurableError, unavailable_because
from txselect.program.horn import Clause, HornProgram, Valuation

pytestmark = pytest.mark.skipif(not durable.available(), reason=str(unavailable_because()))

CHAIN = HornProgram(4, (Clause(2, (0,)), Clause(4, (2,)), Clause(6, (2, 4))))


@pytest.fixture
def library():
    """The C module, for tests that put something in its way."""
    return pytest.importorskip("durable_rules_engine")


def check_many(engine: Engine, runs: int) -> None:
    for case in range(runs):
        certified_run(engine, large_given(case, 40))


def test_a_session_in_which_no_clause_fires_is_safe():
    """r19: deleting such a session frees an uninitialised pointer, unless the primer has fired in it."""
    faulthandler.enable()
    for _ in range(200):
        engine = DurableEngine(CHAIN)
        for given in ((), (1,), (4,), (7,), ()):
            assert engine.run(given) == Valuation(given, ())
        engine.close()


def test_a_program_without_clauses_and_one_without_nodes_run():
    assert DurableEngine(HornProgram(2, ())).run([3, 0]) == Valuation((3, 0), ())
    assert DurableEngine(HornProgram(0, ())).run([]) == Valuation((), ())


def test_every_literal_is_derived_by_the_clause_that_fired_first_and_only_once():
    program = HornProgram(3, (Clause(4, (2,)), Clause(2, (0,)), Clause(4, (0, 2)), Clause(4, (0,)), Clause(0, (4,))))
    assert certified_run(DurableEngine(program), [0, 0]) == Valuation((0,), ((2, 1), (4, 3)))


def test_auxiliary_literals_never_show():
    program = HornProgram(42, (Clause(80, tuple(range(0, 80, 2))), Clause(82, (80,))))
    given = tuple(range(0, 80, 2))
    assert certified_run(DurableEngine(program), given) == Valuation(given, ((80, 0), (82, 1)))


def resident_pages() -> int:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("no /proc on this machine")
    return int(statm.read_text().split()[1])


@pytest.mark.parametrize("what", ["cases", "rule sets closed", "rule sets collected"])
def test_memory_stays_flat(what: str):
    program = large_program(1, 40, 60)
    engine = DurableEngine(program)

    def once(turn: int) -> None:
        if what == "cases":
            engine.run(large_given(turn % 50, 40))
            return
        other = DurableEngine(program)
        other.run(large_given(turn % 50, 40))
        if what == "rule sets closed":
            other.close()

    turns = examples(10_000, nightly=500_000) if what == "cases" else examples(400, nightly=10_000)
    for turn in range(turns // 4):
        once(turn)
    gc.collect()
    before = resident_pages()
    for turn in range(turns):
        once(turn)
    gc.collect()
    assert (resident_pages() - before) * os.sysconf("SC_PAGE_SIZE") < 8_000_000


def in_threads(*tasks: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.fixture
def hasty_threads():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
def test_two_engines_run_on_two_threads():
    engines = [DurableEngine(large_program(seed, 40, 60)) for seed in (1, 2)]
    in_threads(*(lambda engine=engine: check_many(engine, examples(500, nightly=20_000)) for engine in engines))


@pytest.mark.usefixtures("hasty_threads")
def test_four_threads_share_one_engine():
    engine = DurableEngine(large_program(1, 40, 60))
    in_threads(*[lambda: check_many(engine, examples(200, nightly=10_000))] * 4)


@pytest.mark.usefixtures("hasty_threads")
def test_engines_come_and_go_on_two_threads():
    def come_and_go(seed: int) -> None:
        for _ in range(100):
            engine = DurableEngine(large_program(seed, 40, 20))
            check_many(engine, 2)
            engine.close()

    in_threads(lambda: come_and_go(1), lambda: come_and_go(2))


def test_a_closed_engine_says_so_and_may_be_closed_again():
    engine = DurableEngine(CHAIN)
    engine.close()
    engine.close()
    with pytest.raises(DurableError, match="this engine was closed"):
        engine.run([0])


def test_a_rule_set_is_given_back_once_and_its_place_may_be_taken_by_another():
    first = DurableEngine(CHAIN)
    first.close()
    second = DurableEngine(CHAIN)
    del first
    gc.collect()
    assert certified_run(second, [0]) == Valuation((0,), ((2, 0), (4, 1), (6, 2)))


@pytest.mark.parametrize("function", ["assert_fact", "start_action_for_state", "complete_and_start_action"])
@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
def test_a_case_broken_off_anywhere_leaves_nothing_for_the_next(
    library, monkeypatch: pytest.MonkeyPatch, function: str, call: int
):
    engine = DurableEngine(CHAIN)
    real, calls = getattr(library, function), iter(range(1, 100))

    def interrupted(*arguments):
        if next(calls) == call:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(library, function, interrupted)
        engine.run([0])
    assert certified_run(engine, [0]) == Valuation((0,), ((2, 0), (4, 1), (6, 2)))
    assert certified_run(engine, [1]) == Valuation((1,), ())


@pytest.mark.parametrize("answer", [1, 2, 3])
def test_an_atom_that_the_library_does_not_take_is_an_error(library, monkeypatch: pytest.MonkeyPatch, answer: int):
    engine = DurableEngine(CHAIN)
    real = library.assert_fact

    def unheard(handle: int, message: str) -> tuple[int, int]:
        taken = real(handle, message)
        return taken if '"id":"0"' in message else (answer, taken[1])

    monkeypatch.setattr(library, "assert_fact", unheard)
    with pytest.raises(DurableError, match=f"the library answered {answer} to"):
        engine.run([0])


def test_lost_and_invented_firings_do_not_pass_the_certificate(library, monkeypatch: pytest.MonkeyPatch):
    engine = DurableEngine(CHAIN)
    started = library.start_action_for_state

    def loses(handle: int, session: int) -> tuple[str, str] | None:
        answer = started(handle, session)
        return answer if answer and answer[1].startswith('{"0"') else None

    def invents(handle: int, session: int) -> tuple[str, str] | None:
        answer = started(handle, session)
        return answer if answer is None or answer[1].startswith('{"0"') else (answer[0], '{"2":{}}')

    monkeypatch.setattr(library, "start_action_for_state", loses)
    with pytest.raises(CertificateError, match="literal 2 is missing"):
        certified_run(engine, [0])
    monkeypatch.setattr(library, "start_action_for_state", invents)
    with pytest.raises(CertificateError, match="literal 4 is derived before the premises of clause 1"):
        certified_run(engine, [0])


def test_asking_whether_the_library_is_there_says_why_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert not durable.available()
    assert "durable-rules does not import" in str(unavailable_because())
    with pytest.raises(ImportError):
        DurableEngine(CHAIN)


def output_of(program: str) -> str:
    """What a new process prints; anything on stderr is a failure."""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    return answer.stdout


def test_the_package_of_engines_does_not_import_the_library():
    program = "import sys, txselect.engine, txselect.engine.durable; print('durable_rules_engine' in sys.modules)"
    assert output_of(program) == "False\n"


RUN_ONE = """
import sys
from txselect.engine.durable import DurableEngine
from txselect.program.horn import Clause, HornProgram
engine = DurableEngine(HornProgram(2, (Clause(2, (0,)),)))
print(engine.run([0]).derived)
"""


def test_none_of_the_librarys_python_runs():
    """Timers, swallowed exceptions and the ten seconds of r17 are in `durable.engine`."""
    assert output_of(RUN_ONE + "print('durable' in sys.modules)") == "((2, 0),)\nFalse\n"


def test_an_engine_alive_at_the_end_of_the_process_does_no_harm():
    assert output_of(RUN_ONE) == "((2, 0),)\n"
