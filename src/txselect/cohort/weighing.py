"""Rules and rank of an option for all patients alike in what matters to it: weighed once, as for a single patient."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from txselect.decision.options import Weighed
from txselect.decision.record import Pending
from txselect.model.profile import Status
from txselect.model.rules import RulePack
from txselect.program.program import OptionNodes, Program


@dataclass(frozen=True, slots=True)
class Weight:
    """The key by which options are ranked (smaller first) and the rules that decide, as a decision gives them.

    An option that is excluded has no rank, and no key.
    """

    key: tuple[int, ...] | None
    rules: tuple[str, ...]


def weight_of(
    pack: RulePack, program: Program, nodes: OptionNodes, status: Status, marks: Collection[str | int]
) -> Weight:
    """The weight of an option with that status and those marks (`txselect.cohort.plan.OptionPlan`)."""
    weighed = Weighed(_Marked(pack, program, nodes, marks), nodes, status)
    return Weight(None if status == "excluded" else weighed.key, tuple(rule.id for rule in weighed.rules))


class _Marked:
    """The truths that marks stand for: a rule that is marked speaks, and one that is not says nothing."""

    def __init__(self, pack: RulePack, program: Program, nodes: OptionNodes, marks: Collection[str | int]) -> None:
        self.pack = pack
        self.program = program
        self._rules = frozenset(mark for mark in marks if isinstance(mark, str))
        barred = (regimen.contraindicated for number, regimen in enumerate(nodes.regimens) if number in marks)
        self._true = frozenset((nodes.indicated, *barred))

    def truth(self, reference: int | None) -> bool | None:
        return reference in self._true

    def rule_truth(self, rule: str) -> bool | None:
        return rule in self._rules

    def blockers(self, reference: int | None) -> tuple[int, ...]:
        return ()

    def pending(self, node: int) -> Pending:
        raise NotImplementedError("nothing is pending of marks")
