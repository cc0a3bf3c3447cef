"""Places where a condition stays unknown although it comes out the same whatever is found out: `x or not x`.

Kleene logic is weaker than "true in every completion". For one condition over few leaves the difference is computed
exactly: for each leaf a variable that it is known true, one that it is known false, and one for what it is in truth.
Leaves are taken to be independent of each other, so that only what holds whatever they are is found. The cancer is
taken to be known as exactly as the rules ask for it: a rule for one kind of it waits for that anyhow.
"""

from __future__ import annotations

from collections.abc import Iterator

from txselect.check.finding import Finding
from txselect.check.goals import Goals, does_not_fail, holds, lacks
from txselect.check.space import Space
from txselect.inquiry.conclusions import Conclusions
from txselect.inquiry.cone import Cone, cone_of
from txselect.inquiry.diagrams import Diagrams, Function
from txselect.model.condition import CancerIs
from txselect.model.rules import Rule
from txselect.program.horn import negative, opposite, positive

_MOST_LEAVES = 14
"""Conditions over more leaves are left out: their diagrams can grow large."""

_MOST_TRIED = 8
"""Ways in which a condition can be so that are tried on patients; some of them nobody can be in."""


def always_settled(space: Space, rule: Rule, reference: int) -> Iterator[Finding]:
    """Findings for one rule: a patient for whom its condition is unknown and must yet hold, or must yet fail."""
    cone = cone_of(space.program, [reference])
    if not cone.leaves or len(cone.leaves) > _MOST_LEAVES:
        return
    logic = _Logic(cone)
    for literal, outcome in ((reference, "hold"), (opposite(reference), "fail")):
        for known in logic.settled_though_unknown(literal):
            goals = Goals()
            parts = [(holds if is_known else lacks)(leaf) for leaf, is_known in known.items()]
            goal = goals.add((*parts, lacks(reference), does_not_fail(reference)))
            witness = space.looking_for(goals).patient(goal)
            if witness is not None:
                message = f"`{rule.id}` stays unknown for a patient for whom it must {outcome} whatever is found out"
                hint = "a condition and its opposite stand in it as alternatives; say it without them"
                yield Finding("TX208", rule.place, message, hint, rule.id, witness)
                break


class _Logic:
    def __init__(self, cone: Cone) -> None:
        self._diagrams = Diagrams()
        self._cone = cone
        variables = iter(self._diagrams.variables(3 * len(cone.leaves)))
        self._of = {leaf: (next(variables), next(variables), next(variables)) for leaf in cone.leaves}
        rules: dict[int, list[tuple[int, ...]]] = {}
        for clause in cone.clauses:
            rules.setdefault(clause.head + 1, []).append(tuple(premise + 1 for premise in clause.body))
        known, true = {}, {}
        for leaf, (yes, no, truth) in self._of.items():
            known[positive(leaf) + 1], known[negative(leaf) + 1] = yes, no
            true[positive(leaf) + 1], true[negative(leaf) + 1] = truth, ~truth
        self._known = Conclusions(rules, known, self._diagrams)
        self._true = Conclusions(rules, true, self._diagrams)

    def settled_though_unknown(self, literal: int) -> Iterator[dict[int, bool]]:
        """Knowledge under which a literal holds in truth, whatever else does, and is not concluded: its literals."""
        agrees, truths, consistent = self._diagrams.true, self._diagrams.true, self._diagrams.true
        for leaf, (yes, no, truth) in self._of.items():
            agrees = agrees & (~yes | truth) & (~no | ~truth)
            truths = truths & truth
            consistent = consistent & ~(yes & no)
            if isinstance(self._cone.leaves[leaf], CancerIs):
                consistent = consistent & (yes | no)
        otherwise = (agrees & ~self._true.of(literal + 1)).exists(truths)
        left = consistent & ~otherwise & ~self._known.of(literal + 1)
        for _ in range(_MOST_TRIED):
            if not left.satisfiable():
                return
            cube = self._diagrams.one_of(left)
            yield {
                number: bool(chosen)
                for leaf, (yes, no, _) in self._of.items()
                for number, variable in ((positive(leaf), yes), (negative(leaf), no))
                for chosen in (self._chosen(cube, variable),)
                if chosen is not None
            }
            left = left & ~cube

    @staticmethod
    def _chosen(cube: Function, variable: Function) -> bool | None:
        """Whether a product asks for a variable or its opposite; None if for neither."""
        if not (cube & ~variable).satisfiable():
            return True
        return None if (cube & variable).satisfiable() else False
