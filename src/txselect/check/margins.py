"""Patients at the margins of rules: whoever shows of a rule what no case shows, found by the solver.

What is to be shown: each rule, and each condition in it, seen true, false and unknown; each condition decisive (see
`coverage`); and each rule told from its mutants. Everything that is meant by "a case reaches it" and "a case may notice
it", asked of all possible patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from txselect.check.coverage import TRUTHS
from txselect.check.goals import Goals, Part, differing, does_not_fail, fails, holds, lacks
from txselect.check.mutants import Mutant
from txselect.check.parts import whole, with_occurrence
from txselect.check.said import condition_said
from txselect.check.space import Space
from txselect.check.telling import Telling
from txselect.decision.wording import Wording
from txselect.errors import PYTHON
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.condition import CancerIs, Condition, Not, occurrences_in
from txselect.model.patient import Patient
from txselect.model.profile import Profile
from txselect.model.rules import Rule, RulePack

_AT_ONCE = 4
"""Rules that are searched together."""

_NEVER: Condition = CancerIs(())
_ALWAYS: Condition = Not(_NEVER)


@dataclass(frozen=True, slots=True)
class Aim:
    """Something to be shown of a rule, by an id that begins with that of the rule, and in words."""

    id: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Margin:
    """What no patient showed before, with one who does; None if nobody can."""

    aim: Aim
    profile: Mapping[str, Any] | None


class Margins:
    """A pack with mutants of its rules, and patients who are known."""

    def __init__(self, pack: RulePack, mutants: Iterable[Mutant], patients: Iterable[Patient]) -> None:
        self.pack = pack
        self._words = Wording(pack)
        self._mutants: dict[str, list[Mutant]] = {}
        for mutant in mutants:
            self._mutants.setdefault(mutant.rule, []).append(mutant)
        self._asked = {rule.id: tuple(self._conditions(rule)) for rule in pack.written.values()}
        self._space = Space(pack, (condition for asked in self._asked.values() for condition in asked))
        references = iter(self._space.program.beside)
        self._references = {name: [next(references) for _ in asked] for name, asked in self._asked.items()}
        self._telling = Telling(pack, self._space.program)
        self._space.know(patients)

    @staticmethod
    def batches(rules: Sequence[str]) -> list[Sequence[str]]:
        """Rules as they are best searched together."""
        return [rules[start : start + _AT_ONCE] for start in range(0, len(rules), _AT_ONCE)]

    def found(self, rules: Iterable[str]) -> Iterator[Margin]:
        """What was not yet shown of some rules; what one patient shows is asked of no other."""
        goals, in_force = Goals(), self._space.program.rules
        aims = {goal: aim for name in rules if name in in_force for aim, goal in self._aims(name, goals)}
        search = self._space.looking_for(goals)
        for goal, aim in aims.items():
            if not self._space.is_shown(goals, goal):
                profile = search.patient(goal)
                if profile is not None:
                    self._space.know([self.patient(profile)])
                yield Margin(aim, profile)

    def patient(self, profile: Mapping[str, Any]) -> Patient:
        """A profile that was found, as conditions are asked of it."""
        return patient_of(validated(Profile, profile, PYTHON), self.pack.vocabulary, self.pack.date)

    def _conditions(self, rule: Rule) -> Iterator[Condition]:
        """What is looked at beside a rule: its scope, its mutants, each condition and the rule were that settled."""
        yield CancerIs(rule.applies_to) if rule.applies_to else _ALWAYS
        for mutant in self._mutants.get(rule.id, ()):
            yield whole(mutant.changed) if mutant.changed else _NEVER
        for number, occurrence in enumerate(occurrences_in(rule.condition)):
            yield occurrence
            yield from (with_occurrence(rule, number, settled) for settled in (_ALWAYS, _NEVER))

    def _aims(self, name: str, goals: Goals) -> Iterator[tuple[Aim, int]]:
        """The goals of a rule, those first of which one patient shows several."""
        rule = self.pack.rules[name]
        reference, given = self._space.program.rules[rule.id], iter(self._references[rule.id])
        in_scope, mutants = does_not_fail(next(given)), self._mutants.get(rule.id, ())
        told_apart = [(mutant, self._telling.ways(mutant, next(given), goals)) for mutant in mutants]
        conditions = [
            (f"{rule.id}:{number}", condition_said(occurrence, self._words), next(given), next(given), next(given))
            for number, occurrence in enumerate(occurrences_in(rule.condition))
        ]
        for place, said, _, were_true, were_false in conditions:
            differs = (*differing(reference, were_true), *differing(reference, were_false))
            decides = goals.add(*((*way, in_scope) for way in differs))
            yield Aim(f"{place}:decisive", rule.id, f"{said}: decides"), decides
        for mutant, ways in told_apart:
            yield Aim(mutant.id, rule.id, f"not the same as {mutant.text}"), goals.add(*ways)
        for truth, seen in _seen(reference):
            yield Aim(f"{rule.id}:{truth}", rule.id, f"the rule: {truth}"), goals.add((*seen, in_scope))
        for place, said, condition, *_ in conditions:
            for truth, seen in _seen(condition):
                yield Aim(f"{place}:{truth}", rule.id, f"{said}: {truth}"), goals.add((*seen, in_scope))


def _seen(reference: int) -> Iterable[tuple[str, tuple[Part, ...]]]:
    ways = ((holds(reference),), (fails(reference),), (lacks(reference), does_not_fail(reference)))
    return zip(TRUTHS, ways, strict=True)
