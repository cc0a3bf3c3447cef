"""How far a condition is from holding."""

from __future__ import annotations

from txselect.decision.reading import Reading
from txselect.decision.wording import joined
from txselect.model.condition import CancerIs
from txselect.program.horn import opposite
from txselect.program.program import Node

Leaves = frozenset[int]
"""Literals of leaves."""
_NOTHING: Leaves = frozenset()


class Distances:
    """For references of one reading, the fewest leaves that would have to come true; failed ones weigh first.

    A leaf that stands in several parts of a condition counts once. Each part is met in its own cheapest way: where
    parts share leaves, another way may need fewer, so the number is exact for a condition that uses each leaf once.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: dict[int, Leaves | None] = {}

    def needed(self, reference: int) -> Leaves | None:
        """The literals that would have to hold; None where nothing could make the reference true."""
        if reference not in self._known:
            self._known[reference] = _NOTHING if self._reading.truth(reference) else self._needed(reference)
        return self._known[reference]

    def _needed(self, reference: int) -> Leaves | None:
        node = self._reading.node(reference)
        if node.kind == "leaf":
            impossible = node.leaf == CancerIs(()) and not reference & 1
            return None if impossible else frozenset((reference,))
        children = map(opposite, node.children) if reference & 1 else node.children
        ways = [self.needed(child) for child in children]
        possible = sorted((way for way in ways if way is not None), key=self.cost)
        count = _how_many(node, negated=bool(reference & 1))
        return None if len(possible) < count or not ways else _NOTHING.union(*possible[:count])

    def cost(self, leaves: Leaves) -> tuple[int, int]:
        """How many of them are failed now, and how many unknown."""
        failed = sum(self._reading.truth(leaf) is False for leaf in leaves)
        return failed, len(leaves) - failed

    def of(self, reference: int) -> tuple[float, float]:
        """The cost of what is needed; infinite where nothing could make the reference true."""
        leaves = self.needed(reference)
        return (float("inf"), float("inf")) if leaves is None else self.cost(leaves)


def _how_many(node: Node, negated: bool) -> int:
    """Of how many of its children the node needs that they hold (of their opposites, where it is negated)."""
    count = {"all": len(node.children), "at_least": node.count}.get(node.kind, 1)
    return len(node.children) - count + 1 if negated else count


def distance_text(distance: tuple[float, float]) -> str:
    """A distance in words; empty for none.

    >>> distance_text((1, 2)), distance_text((0, 1)), distance_text((0, 0))
    ('1 failed and 2 unknown conditions away', '1 unknown condition away', '')
    """
    if float("inf") in distance:
        return "out of reach: no rule in scope gives what it needs"
    if not any(distance):
        return ""
    numbers = {"failed": distance[0], "unknown": distance[1]}
    kinds = joined((f"{number:.0f} {kind}" for kind, number in numbers.items() if number), "and")
    return f"{kinds} {'condition' if (distance[1] or distance[0]) == 1 else 'conditions'} away"
