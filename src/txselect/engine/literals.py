"""What every engine asks of its input: a program it can number, and given literals that lie within it."""

from __future__ import annotations

from collections.abc import Sequence

from txselect.program.horn import HornProgram


class LiteralError(ValueError):
    """A literal that is not one of the program's, in its clauses or among the given; `literals` are the offenders."""

    def __init__(self, message: str, literals: Sequence[object]) -> None:
        super().__init__(message)
        self.literals = tuple(literals)


def check_program(program: HornProgram) -> None:
    """Refuse a clause without premises, or one that names a literal outside `0 .. 2 * nodes - 1`."""
    limit = 2 * program.nodes
    for number, clause in enumerate(program.clauses):
        if not clause.body:
            raise LiteralError(f"clause {number} has no premises", (clause.head,))
        if clause.head < 0 or clause.head >= limit or min(clause.body) < 0 or max(clause.body) >= limit:
            outside = [literal for literal in (clause.head, *clause.body) if not 0 <= literal < limit]
            raise LiteralError(f"clause {number} names literals {outside}, outside 0 .. {limit - 1}", outside)


def check_given(given: Sequence[int], limit: int) -> tuple[int, ...]:
    """The given literals without repetition, in their first order.

    >>> check_given([4, 1, 4], limit=6)
    (4, 1)
    >>> check_given([6], limit=6)
    Traceback (most recent call last):
        ...
    txselect.engine.literals.LiteralError: given [6]: not literals of this program, which has 0 .. 5
    """
    for literal in given:
        if type(literal) is not int or not 0 <= literal < limit:
            raise LiteralError(_outside_message(given, limit), _outside(given, limit))
    return tuple(dict.fromkeys(given))


def _outside(given: Sequence[int], limit: int) -> list[int]:
    # `True == 1` in Python, so the type is compared too
    return [literal for literal in given if type(literal) is not int or not 0 <= literal < limit]


def _outside_message(given: Sequence[int], limit: int) -> str:
    return f"given {_outside(given, limit)}: not literals of this program, which has 0 .. {limit - 1}"
