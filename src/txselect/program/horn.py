"""Ground Horn programs over numbered literals: the one thing that every engine runs.

A node of a condition has two literals, `x+` (known true) and `x-` (known false), numbered `2 * node` and
`2 * node + 1`. Unknown is neither. There is no negation in a program, so it is monotone and has one least
fixpoint, whatever the firing order (design, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass


def positive(node: int) -> int:
    """The literal that says node is known true.

    >>> positive(3)
    6
    """
    return 2 * node


def negative(node: int) -> int:
    """The literal that says node is known false."""
    return 2 * node + 1


def opposite(literal: int) -> int:
    """The other rail of the same node.

    >>> opposite(6), opposite(7)
    (7, 6)
    """
    return literal ^ 1


@dataclass(frozen=True, slots=True)
class Clause:
    """`head` holds when every literal of `body` does. A body is never empty."""

    head: int
    body: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HornProgram:
    """Clauses over the literals `0 .. 2 * nodes - 1`."""

    nodes: int
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Valuation:
    """What an engine returns: the given literals, then each derived literal with the clause that first derived it.

    given: literals taken as input, without repetition.
    derived: (literal, clause number) in an order in which every premise comes before its conclusion.
    """

    given: tuple[int, ...]
    derived: tuple[tuple[int, int], ...]
