"""The check that stands behind every decision, and the executable specification of what an engine must return.

It knows no engine. What passes is the least fixpoint of the program over the given literals: each step is sound
(its premises came earlier), nothing that follows is missing, and no literal holds with its opposite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from txselect.program.horn import HornProgram, Valuation, opposite


class CertificateError(Exception):
    """A valuation that is not the least fixpoint; `literals` are those it is wrong about."""

    def __init__(self, message: str, *literals: int) -> None:
        super().__init__(message)
        self.literals = literals


def certify(program: HornProgram, given: Collection[int], valuation: Valuation) -> None:
    """Return if `valuation` is the least fixpoint of `program` over `given`, else raise `CertificateError`.

    >>> from txselect.program.horn import Clause
    >>> program = HornProgram(nodes=2, clauses=(Clause(head=2, body=(0,)),))
    >>> certify(program, [0], Valuation(given=(0,), derived=((2, 0),)))
    >>> certify(program, [0], Valuation(given=(0,), derived=()))
    Traceback (most recent call last):
        ...
    txselect.engine.certificate.CertificateError: literal 2 is missing: every premise of clause 0 holds
    """
    holds = _check_given(program, given, valuation.given)
    _check_steps(program, valuation.derived, holds)
    _check_nothing_is_missing(program, holds)
    _check_no_opposites(holds)


def _check_given(program: HornProgram, given: Iterable[int], taken: tuple[int, ...]) -> set[int]:
    holds: set[int] = set()
    for literal in taken:
        if not 0 <= literal < 2 * program.nodes:
            raise CertificateError(f"given literal {literal} is not one of the program's", literal)
        if literal in holds:
            raise CertificateError(f"literal {literal} is given twice", literal)
        holds.add(literal)
    if altered := sorted(holds.symmetric_difference(given)):
        raise CertificateError(f"the given literals were altered: {altered}", *altered)
    return holds


def _check_steps(program: HornProgram, derived: Iterable[tuple[int, int]], holds: set[int]) -> None:
    """Each step stands on what came before it; `holds` grows by the derived literals."""
    clauses = program.clauses
    for literal, number in derived:
        if not 0 <= number < len(clauses):
            raise CertificateError(f"literal {literal} is derived by clause {number}, which does not exist", literal)
        if clauses[number].head != literal:
            raise CertificateError(f"literal {literal} is not the head of clause {number}", literal)
        if literal in holds:
            raise CertificateError(f"literal {literal} is derived though it held already", literal)
        if not holds.issuperset(clauses[number].body):
            raise CertificateError(f"literal {literal} is derived before the premises of clause {number}", literal)
        holds.add(literal)


def _check_nothing_is_missing(program: HornProgram, holds: set[int]) -> None:
    for number, clause in enumerate(program.clauses):
        if clause.head not in holds and holds.issuperset(clause.body):
            raise CertificateError(
                f"literal {clause.head} is missing: every premise of clause {number} holds", clause.head
            )


def _check_no_opposites(holds: set[int]) -> None:
    for literal in holds:
        if opposite(literal) in holds:
            pair = sorted((literal, opposite(literal)))
            raise CertificateError(f"literals {pair[0]} and {pair[1]} are opposites and both hold", *pair)
