"""Forward chaining on durable-rules 2.0.28, strictly within the envelope in which it was measured to be exact.

The rule set and its limits are in `envelope`; here is only the driving. It uses the C module below
`durable.engine`, so none of the library's Python runs: no host and its timer threads (r05, r13), no consequents
whose exceptions are swallowed (r11). Of the C functions it calls six: create_ruleset, assert_fact,
start_action_for_state, complete_and_start_action, delete_state, delete_ruleset.

A case is one session. The primer fires first: deleting a session in which nothing fired frees an uninitialised
pointer (r19). Then literals are asserted and the rules that fire are collected, in turns, until nothing new holds.
Which clause derived a literal is looked up from the name of the rule that fired; nothing is read from messages.

The clock: a step of more than ten seconds drops the remaining rules when `durable.engine` runs the consequents
(r17). That test is in its Python part and is not met here. The C part compares the clock with a lease that is zero
whenever an action is asked for, so only a clock before 1970 could stop it. Should firings be lost all the same, the
certificate names a missing literal.
"""

from __future__ import annotations

import importlib.metadata
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, cast

from txselect.engine.envelope import NO_CLAUSE, PRIMER, SESSION, Layout, lay_out
from txselect.engine.literals import check_given, check_program
from txselect.program.horn import HornProgram, Valuation

_ACCEPTED = 0


class DurableError(Exception):
    """The library answered as it never should inside the envelope, or the engine was used after `close`."""


class _Library(Protocol):
    """The C module `durable_rules_engine`, as far as it is used. Sessions are known by a number it gives back."""

    def create_ruleset(self, name: str, definition: str, /) -> int: ...

    def delete_ruleset(self, handle: int, /) -> None: ...

    def assert_fact(self, handle: int, message: str, /) -> tuple[int, int]: ...

    def start_action_for_state(self, handle: int, session: int, /) -> tuple[str, str] | None: ...

    def complete_and_start_action(self, handle: int, session: int, /) -> str | None: ...

    def delete_state(self, handle: int, session_id: str, /) -> None: ...


def unavailable_because() -> str | None:
    """Why the library cannot be used here, or None if it can. On Python 3.13 it does not import."""
    try:
        _library()
    except Exception as error:  # a broken extension module may raise anything
        return f"durable-rules does not import: {error}"
    return None


def available() -> bool:
    """Whether `DurableEngine` can be made."""
    return unavailable_because() is None


def _library() -> _Library:
    import durable_rules_engine

    return cast(_Library, durable_rules_engine)


class DurableEngine:
    """One rule set of the library, made once for a program; `run` may be called from any thread, one at a time.

    Raises `EnvelopeError` for a program over the limits, `LiteralError` for one that is malformed, and ImportError
    where the library does not import (see `available`). `close` gives the rule set back, as does garbage
    collection: no host knows the rule set (r25), and memory stays flat over many of them (d04).
    """

    name = "durable"

    def __init__(self, program: HornProgram) -> None:
        check_program(program)
        self.program = program
        self.version = importlib.metadata.version("durable_rules")
        self._layout: Layout = lay_out(program)
        self._library = _library()
        self._lock = threading.Lock()
        self._closed = False
        self._handle, self._release = self._make_rule_set()
        self.run(())  # a library that does not work as measured shows itself here and not in the first case

    def _make_rule_set(self) -> tuple[int, Callable[[], object]]:
        """Its handle, and what gives it back: once, when called or when the engine is collected."""
        handle = self._library.create_ruleset("txselect", self._layout.definition)
        return handle, weakref.finalize(self, self._library.delete_ruleset, handle)

    def run(self, given: Sequence[int]) -> Valuation:
        """The least fixpoint over `given`; raises `LiteralError` for a literal that the program does not have.

        Believe it only with a certificate (`certified_run`).
        """
        taken = check_given(given, 2 * self.program.nodes)
        with self._lock:
            session = self._new_session()
            try:
                derived = self._chain(session, taken)
            finally:
                self._library.delete_state(self._handle, SESSION)
        return Valuation(given=taken, derived=tuple(derived))

    def close(self) -> None:
        """Give the rule set back to the library; later runs raise `DurableError`. May be called twice."""
        with self._lock:
            self._closed = True
            self._release()

    def _new_session(self) -> int:
        """The session's number. It may be deleted from here on, because the primer has fired in it."""
        if self._closed:
            raise DurableError("this engine was closed")
        try:
            return self._prime()
        except BaseException:
            # an interrupted primer leaves a session that may neither be used nor deleted: start with a new rule set
            self._release()
            self._handle, self._release = self._make_rule_set()
            raise

    def _prime(self) -> int:
        session = self._assert(self._layout.primer)
        if list(self._fired(session)) != [PRIMER]:
            raise DurableError("the primer did not fire, or not alone: the session is not new")
        return session

    def _chain(self, session: int, taken: tuple[int, ...]) -> list[tuple[int, int]]:
        """The derived (literal, clause) pairs, each premise before its conclusion."""
        messages, outcomes = self._layout.messages, self._layout.outcomes
        holds = bytearray(self._layout.literals)
        derived: list[tuple[int, int]] = []
        turn = list(taken)
        for literal in turn:
            holds[literal] = 1
        while turn:
            for literal in turn:
                for message in messages[literal]:
                    self._assert(message)
            turn = []
            for rule in self._fired(session):
                for outcome in outcomes[rule]:
                    literal, clause = outcome
                    if not holds[literal]:
                        holds[literal] = 1
                        turn.append(literal)
                        if clause != NO_CLAUSE:
                            derived.append(outcome)
        return derived

    def _assert(self, message: str) -> int:
        """Assert one atom; the number of the session it went to."""
        answer, session = self._library.assert_fact(self._handle, message)
        if answer != _ACCEPTED:
            raise DurableError(f"the library answered {answer} to {message}")
        return session

    def _fired(self, session: int) -> Iterator[str]:
        """The names of the rules that wait to fire, each taken off as the next is asked for."""
        started = self._library.start_action_for_state(self._handle, session)
        frame = started[1] if started else None
        while frame is not None:
            yield frame[2 : frame.index('"', 2)]  # {"rule name":{"alias":{message}, ...}}
            frame = self._library.complete_and_start_action(self._handle, session)
