"""How a patient tells a rule from its mutant: by a decision that may come out otherwise.

A rule against therapies is only looked at where one of them is or may be indicated; elsewhere nobody sees what it says.
A rule that derives a fact is seen where no other rule derives it, and one that raises a flag where it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from txselect.check.goals import (
    Goals,
    Part,
    differing,
    does_not_fail,
    fails,
    holds,
    known_to_fail_in_one,
    known_to_hold_in_one,
    lacks,
)
from txselect.check.mutants import Mutant
from txselect.model.rules import (
    Caution,
    ConcerningRules,
    Conflict,
    Derive,
    Head,
    Intend,
    Recommend,
    Request,
    Rule,
    RulePack,
)
from txselect.program.program import OptionNodes, Program

Ways = Sequence[tuple[Part, ...]]


class Telling:
    """A pack and its program, in which mutants are asked about."""

    def __init__(self, pack: RulePack, program: Program) -> None:
        self._pack = pack
        self._program = program
        self._known: dict[Head, dict[str, frozenset[tuple[str, str]]]] = {}

    def ways(self, mutant: Mutant, changed: int, goals: Goals) -> Ways:
        """Ways in which a rule in force and its mutant differ; `changed`: the reference of the mutant's condition."""
        rule = self._pack.rules[mutant.rule]
        reference = self._program.rules[rule.id]
        if isinstance(rule.head, Derive):
            return self._in_the_fact(rule, rule.head.fact, changed)
        if _raises_a_flag(rule.head):
            return known_to_hold_in_one(reference, changed) if mutant.changed else [(holds(reference),)]
        is_other = mutant.changed is None or mutant.changed.head != rule.head
        differ = [(does_not_fail(reference),)] if is_other else differing(reference, changed)
        if isinstance(rule.head, Recommend):
            return differ
        looked_at = goals.one_of(does_not_fail(option.indicated) for option in self._affected(rule, mutant.changed))
        return [(*way, looked_at) for way in differ]

    def _in_the_fact(self, rule: Rule, fact: str, changed: int) -> Ways:
        """Ways in which what a rule derives differs: no other rule derives it, or each is known not to."""
        references = self._program.rules
        deriving = (other.id for other in self._pack.deriving[fact] if other.id != rule.id)
        others = [references[name] for name in deriving if name in references]
        none_holds, each_fails = tuple(map(lacks, others)), tuple(map(fails, others))
        reference = references[rule.id]
        in_truth = [(*way, *none_holds) for way in known_to_hold_in_one(reference, changed)]
        return [*in_truth, *((*way, *each_fails) for way in known_to_fail_in_one(reference, changed))]

    def _affected(self, rule: Rule, changed: Rule | None) -> Iterator[OptionNodes]:
        """The options against which a rule speaks; if its mutant speaks against others, those where the two differ."""
        before, after = self._against(rule), self._against(changed) if changed else {}
        for name, option in self._program.options.items():
            if before[name] if before == after else before[name] != after.get(name, frozenset()):
                yield option

    def _against(self, rule: Rule) -> dict[str, frozenset[tuple[str, str]]]:
        """For each option the strengths in which a rule speaks against its class or an agent of it."""
        if rule.head not in self._known:
            concerning = ConcerningRules([rule], self._pack.vocabulary.therapy_kinds)
            self._known[rule.head] = {
                option.therapy: frozenset(
                    (strength, name)
                    for strength in ("absolute", "relative", "caution")
                    for name in (option.therapy, *(agent for regimen in option.regimens for agent in regimen.agents))
                    if concerning.of(strength, name)
                )
                for option in self._program.options.values()
            }
        return self._known[rule.head]


def _raises_a_flag(head: Head) -> bool:
    """Whether a rule is seen by what it raises, or gives, where it holds: a caution about no therapy as well."""
    return isinstance(head, (Conflict, Request, Intend)) or (isinstance(head, Caution) and not head.therapies)
