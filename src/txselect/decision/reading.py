"""A certified valuation, read: what holds, what blocks, what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from txselect.decision.record import Pending
from txselect.decision.wording import Wording
from txselect.model.condition import Leaf, MarkerIs, MarkerMeasures, TherapyGiven
from txselect.model.patient import Patient
from txselect.program.horn import Valuation, opposite
from txselect.program.observe import lists_asked, not_listed
from txselect.program.program import Node, Program

_NOTHING: frozenset[str] = frozenset()


class Reading:
    """Answers about references of one program under one valuation. A reference None is known false."""

    def __init__(self, program: Program, patient: Patient, valuation: Valuation, words: Wording) -> None:
        self.pack = words.pack
        self.program = program
        self.patient = patient
        self.valuation = valuation
        self.words = words
        self._holds = bytearray(2 * len(program.nodes))
        for literal in valuation.given:
            self._holds[literal] = 1
        for literal, _ in valuation.derived:
            self._holds[literal] = 1
        self._blockers: dict[int, tuple[int, ...]] = {}
        self._pending: dict[int, Pending] = {}

    def truth(self, reference: int | None) -> bool | None:
        if reference is None:
            return False
        if self._holds[reference]:
            return True
        return False if self._holds[opposite(reference)] else None

    def rule_truth(self, rule: str) -> bool | None:
        return self.truth(self.program.rules[rule])

    def node(self, literal: int) -> Node:
        return self.program.nodes[literal // 2]

    def leaf(self, literal: int) -> Leaf:
        """The leaf condition of a literal's node, which must be a leaf."""
        leaf = self.node(literal).leaf
        assert leaf is not None
        return leaf

    def premises(self, literal: int) -> tuple[int, ...]:
        """What a literal that holds is concluded from; empty for a given one."""
        clause = self.support.get(literal)
        return () if clause is None else self.program.horn.clauses[clause].body

    def blockers(self, reference: int | None) -> tuple[int, ...]:
        """The unknown leaf nodes on which an undecided reference waits, in the order of the condition."""
        if reference is None or self.truth(reference) is not None:
            return ()
        number = reference // 2
        known = self._blockers.get(number)
        if known is None:
            node = self.program.nodes[number]
            known = (number,) if node.kind == "leaf" else self._blockers_of(node)
            self._blockers[number] = known
        return known

    def _blockers_of(self, node: Node) -> tuple[int, ...]:
        return tuple(dict.fromkeys(leaf for child in node.children for leaf in self.blockers(child)))

    def pending(self, node: int) -> Pending:
        """What an unknown leaf node waits for."""
        known = self._pending.get(node)
        if known is None:
            leaf = self.leaf(2 * node)
            markers = (leaf.marker,) if isinstance(leaf, (MarkerIs, MarkerMeasures)) else ()
            no_history = isinstance(leaf, TherapyGiven) and self.patient.profile.prior_therapies is None
            what = self.words.missing(TherapyGiven() if no_history else leaf)
            known = Pending(what, self.words.state_of_missing(leaf, self.patient), markers)
            self._pending[node] = known
        return known

    def rests_on(self, literal: int) -> frozenset[str]:
        """The lists whose assumed completeness the proof of a literal that holds uses."""
        if literal not in self._resting:
            _ = self.support  # settles every derived literal
        return self._resting[literal]

    @cached_property
    def support(self) -> dict[int, int]:
        """For each derived literal the clause that its explanation uses, in an order in which premises come first.

        Engines derive in different orders, and the first derivation of a literal is not always the one that assumes
        least. So among the clauses that hold, the one that rests on the fewest assumptions is taken, then the first:
        the same choice whatever engine ran. Children of a node have lower numbers, so their choices stand already.
        """
        by_head = clauses_by_head(self.program)
        support: dict[int, int] = {}
        for literal in sorted(literal for literal, _ in self.valuation.derived):
            support[literal], self._resting[literal] = self._least(by_head[literal])
        return support

    def _least(self, numbers: Iterable[int]) -> tuple[int, frozenset[str]]:
        """Of the clauses that hold the one with the fewest assumptions, and those."""
        holds, resting, clauses = self._holds, self._resting, self.program.horn.clauses
        best: tuple[int, frozenset[str]] | None = None
        for number in numbers:
            found = _NOTHING
            for premise in clauses[number].body:
                if not holds[premise]:
                    break
                more = resting[premise]
                if more and not more <= found:
                    found = found | more
            else:
                if not found:
                    return number, found
                if best is None or (len(found), sorted(found)) < (len(best[1]), sorted(best[1])):
                    best = (number, found)
        assert best is not None
        return best

    @cached_property
    def _resting(self) -> dict[int, frozenset[str]]:
        """What each given literal rests on; `support` adds the derived ones."""
        resting = dict.fromkeys(self.valuation.given, _NOTHING)
        lists, assumed = lists_asked(self.program), self.patient.assumed_lists
        for literal in self.valuation.given:
            asked = lists[literal // 2]
            if asked in assumed and not_listed(self.leaf(literal), self.patient, not literal & 1):
                resting[literal] = _single(asked)
        return resting

    def found(self, leaf: Leaf) -> str:
        """What the profile says about a leaf's subject."""
        return self.words.found(leaf, self.patient)

    def settled_rests_on(self, reference: int | None) -> frozenset[str]:
        """`rests_on` for whichever literal of the reference holds; empty while it is undecided."""
        truth = self.truth(reference)
        if truth is None or reference is None:
            return frozenset()
        return self.rests_on(reference if truth else opposite(reference))


@lru_cache(maxsize=64)
def clauses_by_head(program: Program) -> tuple[tuple[int, ...], ...]:
    """Clause numbers by the literal that they conclude."""
    numbers: list[list[int]] = [[] for _ in range(2 * len(program.nodes))]
    for number, clause in enumerate(program.horn.clauses):
        numbers[clause.head].append(number)
    return tuple(map(tuple, numbers))


@lru_cache(maxsize=16)
def _single(name: str) -> frozenset[str]:
    return frozenset((name,))
