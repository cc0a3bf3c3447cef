"""Explanations as trees of plain lines, read off the derivation."""

from __future__ import annotations

from collections.abc import Sequence

from txselect.decision.reading import Reading
from txselect.decision.testing import TestsAtHand
from txselect.decision.wording import denied, joined
from txselect.explain.lines import SHOWN_ABOVE, Line, Mark
from txselect.model.condition import Leaf, MarkerIs, MarkerMeasures
from txselect.program.horn import opposite
from txselect.program.program import Node

_JOINING = {"all": "all of these", "any": "one of these"}


class Tree:
    """Builds lines for one reading. A derived fact is shown in full once and named afterwards."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._shown: set[int] = set()
        self._tests = TestsAtHand(reading)

    def mark(self, reference: int) -> Mark:
        truth = self.reading.truth(reference)
        return "unknown" if truth is None else "met" if truth else "failed"

    def proof(self, literal: int) -> tuple[Line, ...]:
        """The lines that prove a literal that holds: an `all` shows its parts, everything else is one line."""
        node = self.reading.node(literal)
        if node.kind == _conjunction(literal):
            return tuple(line for premise in self.reading.premises(literal) for line in self.proof(premise))
        return (self._proved(literal, node),)

    def _proved(self, literal: int, node: Node) -> Line:
        negated = bool(literal & 1)
        match node.kind:
            case "leaf":
                return self._leaf(literal, "met")
            case "fact":
                return self._once(literal, "met", self._fact(literal, node), self._premises(literal))
            case kind:
                parts = self._premises(literal)
                return parts[0] if len(parts) == 1 else Line("met", _heading(kind, node, negated), parts=parts)

    def _premises(self, literal: int) -> tuple[Line, ...]:
        return tuple(line for premise in self.reading.premises(literal) for line in self.proof(premise))

    def _fact(self, literal: int, node: Node) -> str:
        label = self.reading.words.vocabulary.facts[node.fact].label
        return denied(label) if literal & 1 else label

    def _once(self, literal: int, mark: Mark, text: str, parts: tuple[Line, ...]) -> Line:
        if literal in self._shown:
            return Line(mark, text, found=SHOWN_ABOVE)
        if parts:  # of a bare line there is nothing to be seen above
            self._shown.add(literal)
        # A fact that only gives a condition its name needs no line of its own.
        return parts[0] if len(parts) == 1 and parts[0].text == text else Line(mark, text, parts=parts)

    def _leaf(self, literal: int, mark: Mark) -> Line:
        leaf = self.reading.leaf(literal)
        words, patient = self.reading.words, self.reading.patient
        text = words.opposite(leaf) if literal & 1 else words.condition(leaf)
        if mark == "unknown":
            return Line(mark, text, words.state_of_missing(leaf, patient), told_by=self._told_by(leaf))
        assumes = ", ".join(sorted(self.reading.settled_rests_on(literal)))
        return Line(mark, text, words.found_for(leaf, patient), assumes)

    def _told_by(self, leaf: Leaf) -> str:
        """The tests that would tell a marker; a new one where there is a result that does not tell."""
        if not isinstance(leaf, (MarkerIs, MarkerMeasures)):
            return ""
        tests = joined(self._tests.telling(leaf), none="")
        knowledge = self.reading.patient.markers.get(leaf.marker)
        tested = knowledge is not None and (
            knowledge.unsettled or knowledge.contradictory or knowledge.disputed or knowledge.measured
        )
        return f"a new {tests}" if tests and tested else tests

    def examined(self, reference: int, only: Mark | None = None) -> tuple[Line, ...]:
        """Every condition below a reference with its mark (or those of one mark); what is not met is opened further."""
        node = self.reading.node(reference)
        if node.kind == _conjunction(reference):
            return tuple(line for child in _children(reference, node) for line in self.examined(child, only))
        return (self._examined(reference, node),) if only in (None, self.mark(reference)) else ()

    def _examined(self, reference: int, node: Node) -> Line:
        mark = self.mark(reference)
        negated = bool(reference & 1)
        if node.kind == "leaf":
            return self._leaf(reference, mark)
        if node.kind == "fact":
            parts = () if mark == "met" else self._open(reference, node)
            return self._once(reference, mark, self._fact(reference, node), parts)
        return Line(mark, _heading(node.kind, node, negated), parts=self._open(reference, node))

    def _open(self, reference: int, node: Node) -> tuple[Line, ...]:
        """What decides: the children with the mark of the node; where it is unknown, all that are not met."""
        children = _children(reference, node)
        mark = self.mark(reference)
        decisive = [
            child
            for child in children
            if (self.mark(child) != "met" if mark == "unknown" else self.mark(child) == mark)
        ]
        return tuple(line for child in decisive for line in self._branch(child))

    def _branch(self, reference: int) -> Sequence[Line]:
        """Under an `or`, an `all` must stay together to be read right."""
        # Only what is shown is asked for: a fact that were left out here would later be said to be shown above.
        mark = self.mark(reference)
        blocking = self.examined(reference, mark)
        return blocking if len(blocking) == 1 else (Line(mark, _JOINING["all"], parts=blocking),)


def _conjunction(reference: int) -> str:
    """The kind of node that a reference reads as `all`: `not any` says that all are not."""
    return "any" if reference & 1 else "all"


def _children(reference: int, node: Node) -> tuple[int, ...]:
    return tuple(map(opposite, node.children)) if reference & 1 else node.children


def _heading(kind: str, node: Node, negated: bool) -> str:
    if kind == "at_least":
        return f"{'fewer than' if negated else 'at least'} {node.count} of {len(node.children)}"
    joining = {"all": "any", "any": "all"}[kind] if negated else kind
    return _JOINING[joining]
