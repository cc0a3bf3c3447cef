"""What is proved of each rule: that it can fire, that it is needed, that each of its parts matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from txselect.check.agreement import always_settled
from txselect.check.finding import Finding
from txselect.check.goals import Goals, differing, does_not_fail, fails, holds, lacks
from txselect.check.parts import Part, parts_of
from txselect.check.said import condition_said
from txselect.check.space import Search, Space
from txselect.decision.wording import first_few, joined
from txselect.language.rules import facts_in
from txselect.model.condition import Condition
from txselect.model.rules import Contraindicate, Derive, Head, Recommend, Rule, RulePack


@dataclass(frozen=True)
class _Asked:
    """The goals of one rule: somebody for whom it fires, one for whom each part matters, one for whom it is needed
    beside others, and one who is not excluded from what it recommends; None where that is not asked.
    """

    rule: Rule
    fires: int
    matters: Sequence[int]
    needed: int | None
    offered: int | None


class RuleProofs:
    """Proofs about the rules of a pack that somebody wrote, whatever the cancer.

    parts: of each rule the parts that could be left out, with the reference of what is left without it.
    beside: the references of the further conditions.
    """

    def __init__(self, pack: RulePack, beside: Iterable[Condition] = ()) -> None:
        """`beside`: further conditions that are to be looked at in the same space."""
        self.pack = pack
        self.rules = pack.written
        parts = {rule.id: tuple(parts_of(rule)) for rule in self.rules.values()}
        self.space = Space(pack, (*(part.rest for each in parts.values() for part in each), *beside))
        references = iter(self.space.program.beside)
        self.parts = {rule: [(part, next(references)) for part in each] for rule, each in parts.items()}
        self.beside = tuple(references)

    def of(self, rule_id: str) -> list[Finding]:
        """Everything that is found of one rule; one that can never fire has nothing else said of it."""
        return dict(self.of_several([rule_id]))[rule_id]

    def are_shown(self, rule_id: str) -> bool:
        """Whether patients who are known show all that is asked about a rule, so that nothing is searched for."""
        goals = Goals()
        if rule_id in self.space.program.rules:
            self._asked(self.rules[rule_id], goals)
        return all(self.space.is_shown(goals, goal) for goal in goals.asked)

    def of_several(self, rule_ids: Iterable[str]) -> Iterator[tuple[str, list[Finding]]]:
        """The same for several rules, which is faster: what they rest on is set up once."""
        goals = Goals()
        asked = {name: self._asked(self.rules[name], goals) for name in rule_ids if name in self.space.program.rules}
        search = self.space.looking_for(goals)
        for name in rule_ids:
            # a rule that is not valid on the day of the pack is nothing that a patient could show
            yield name, list(self._found(asked[name], search)) if name in asked else []

    def _asked(self, rule: Rule, goals: Goals) -> _Asked:
        reference = self.space.program.rules[rule.id]
        return _Asked(
            rule=rule,
            fires=goals.add((holds(reference),)),
            matters=[goals.add(*differing(reference, rest)) for _, rest in self.parts[rule.id]],
            needed=self._needed(rule, goals),
            offered=self._not_excluded(rule, goals),
        )

    def _found(self, asked: _Asked, search: Search) -> Iterator[Finding]:
        rule = asked.rule
        if not search.is_possible(asked.fires):
            yield self._never_fires(rule)
            return
        yield from self._idle_parts(rule, search, asked.matters)
        if asked.needed is not None and not search.is_possible(asked.needed):
            yield self._redundant(rule, search.patient(asked.fires))
        if asked.offered is not None and not search.is_possible(asked.offered):
            yield self._always_excluded(rule, search.patient(asked.fires))
        yield from always_settled(self.space, rule, self.space.program.rules[rule.id])

    def rests_on(self, rule_id: str) -> set[str]:
        """The rules (by id) on which the proofs about one rest: where none of them changes, they stay as they are."""
        reached: set[str] = set()
        waiting = [rule_id, *(other.id for other in self._as_much(self.rules[rule_id]))]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self._uses(self.pack.rules[name])
        return reached

    def _uses(self, rule: Rule) -> Iterator[str]:
        """The rules that derive its facts, and those that bar what it recommends."""
        for condition in (rule.when, *rule.unless):
            for use in facts_in(condition):
                yield from (rule.id for rule in self.pack.deriving.get(use.fact, ()))
        if isinstance(rule.head, Contraindicate):
            yield from rule.head.lifted_by
        if isinstance(rule.head, Recommend) and rule.id in self.space.program.rules:
            option = self.space.program.options[rule.head.therapy]
            yield from option.absolute
            for regimen in option.regimens:
                yield from (*regimen.rules, *regimen.contraindications)

    # that it can fire

    def _never_fires(self, rule: Rule) -> Finding:
        hint = "no patient can meet all of its conditions; `unless` and the facts that it uses count as well"
        return Finding("TX201", rule.place, f"`{rule.id}` can never fire", hint, rule.id)

    # that it is needed

    def _needed(self, rule: Rule, goals: Goals) -> int | None:
        """A patient for whom it makes a difference beside the rules that say as much; None if there are none."""
        others = list(self._as_much(rule))
        return self._beside(rule, others, goals) if others else None

    def _beside(self, rule: Rule, others: Iterable[Rule], goals: Goals) -> int:
        """A patient for whom a rule holds and no other does, or for whom the others fail and it does not."""
        reference, *rest = (self.space.program.rules[each.id] for each in (rule, *others))
        return goals.add((holds(reference), *map(lacks, rest)), (does_not_fail(reference), *map(fails, rest)))

    def _as_much(self, rule: Rule) -> Iterator[Rule]:
        """Other rules in force that say at least as much wherever they hold."""
        for other in self._with_such_heads.get(_kind(rule.head), ()):
            if other.id != rule.id and other.id in self.space.program.rules and _covers(other, rule):
                yield other

    @cached_property
    def _with_such_heads(self) -> Mapping[object, Sequence[Rule]]:
        found: dict[object, list[Rule]] = {}
        for rule in self.rules.values():
            if isinstance(rule.head, (Derive, Recommend, Contraindicate)):
                found.setdefault(_kind(rule.head), []).append(rule)
        return found

    def _redundant(self, rule: Rule, witness: dict[str, Any] | None) -> Finding:
        others = self._enough(rule)
        said = f"{others[0]} says" if len(others) == 1 else f"{joined(first_few(others, 3), 'and')} together say"
        message = f"`{rule.id}` changes nothing: {said} as much for every patient"
        return Finding("TX202", rule.place, message, "remove it, or say what it adds", rule.id, witness)

    def _enough(self, rule: Rule) -> list[str]:
        """One rule that says as much, or else all of which some say as much together."""
        others = list(self._as_much(rule))
        goals = Goals()
        beside = {other.id: self._beside(rule, (other,), goals) for other in others}
        search = self.space.looking_for(goals)
        alone = [name for name, goal in beside.items() if not search.is_possible(goal)]
        return [f"`{name}`" for name in alone[:1] or beside]

    # that somebody can be offered what it recommends

    def _not_excluded(self, rule: Rule, goals: Goals) -> int | None:
        if not isinstance(rule.head, Recommend):
            return None
        barred = self.space.program.options[rule.head.therapy].contraindicated
        return None if barred is None else goals.add((holds(self.space.program.rules[rule.id]), lacks(barred)))

    def _always_excluded(self, rule: Rule, witness: dict[str, Any] | None) -> Finding:
        message = f"`{rule.id}` recommends what an absolute contraindication excludes in every patient it holds for"
        hint = "`txselect why-not` on the case below names the contraindication"
        return Finding("TX203", rule.place, message, hint, rule.id, witness)

    # that each part matters

    def _idle_parts(self, rule: Rule, search: Search, matters: Sequence[int]) -> Iterator[Finding]:
        for (part, _), goal in zip(self.parts[rule.id], matters, strict=True):
            if not search.is_possible(goal):
                yield Finding("TX206", part.place, self._idle(rule, part), "leave it out", rule.id)

    def _idle(self, rule: Rule, part: Part) -> str:
        return f"in `{rule.id}` it never matters: {condition_said(part.part, self.space.words)}"


def _covers(other: Rule, rule: Rule) -> bool:
    """Whether a rule with a head of the same kind says at least as much, in the same places and at the same times."""
    anywhere = not other.jurisdiction or (rule.jurisdiction and set(rule.jurisdiction) <= set(other.jurisdiction))
    at_all_times = (other.valid_from, other.valid_until) in ((None, None), (rule.valid_from, rule.valid_until))
    named, wanted = _named(other.head), _named(rule.head)
    says_it = (not wanted and not named) or (bool(wanted) and wanted <= named)
    return bool(anywhere) and at_all_times and says_it


def _kind(head: Head) -> object:
    """A head without the names that another may have more of."""
    match head:
        case Recommend():
            return replace(head, regimens=())
        case Contraindicate():
            return replace(head, therapies=())
        case _:
            return head


def _named(head: Head) -> set[object]:
    match head:
        case Recommend(_, regimens):
            return set(regimens)
        case Contraindicate(therapies):
            return set(therapies)
        case Derive(fact):
            return {fact}
        case _:
            return set()
