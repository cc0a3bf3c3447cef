"""Engines that run a Horn program, and the certificate without which none is believed.

    >>> from txselect.program.horn import Clause, HornProgram
    >>> program = HornProgram(nodes=2, clauses=(Clause(head=2, body=(0,)),))
    >>> certified_run(engine_named("linear", program), [0])
    Valuation(given=(0,), derived=((2, 0),))

`durable` runs on durable-rules and is imported only when asked for, because the library is not everywhere;
`txselect.engine.durable.unavailable_because()` says why it is not here. `linear` is plain Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from txselect.engine.certificate import CertificateError, certify
from txselect.engine.linear import LinearEngine
from txselect.engine.literals import LiteralError
from txselect.program.horn import HornProgram, Valuation

__all__ = [
    "ENGINE_NAMES",
    "CertificateError",
    "Engine",
    "LiteralError",
    "certified_run",
    "certify",
    "engine_named",
]

ENGINE_NAMES = ("durable", "linear")


class Engine(Protocol):
    """Made once for a program, then run for any number of cases."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def program(self) -> HornProgram: ...

    def run(self, given: Sequence[int]) -> Valuation:
        """The least fixpoint over `given`, repetitions dropped; raises `LiteralError`. To be certified."""
        ...

    def close(self) -> None:
        """Give back what the engine holds outside Python; it cannot run afterwards."""
        ...


def engine_named(name: str, program: HornProgram, *, version: str = "1") -> Engine:
    """The engine of that name for `program`; `version` is txselect's own, which `linear` reports.

    Raises ValueError for any other name, `LiteralError` for a malformed program, and for `durable` its
    `EnvelopeError` and ImportError.
    """
    if name == "linear":
        return LinearEngine(program, version)
    if name == "durable":
        from txselect.engine.durable import DurableEngine

        return DurableEngine(program)
    raise ValueError(f"no engine is named `{name}`; there are {', '.join(ENGINE_NAMES)}")


def certified_run(engine: Engine, given: Sequence[int]) -> Valuation:
    """The one way to a valuation that a decision may rest on: run, certify, return, or raise `CertificateError`."""
    valuation = engine.run(given)
    certify(engine.program, given, valuation)
    return valuation
