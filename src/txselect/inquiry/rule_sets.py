"""Two rule sets on one case: what differs, which edited rules did it, and whether one of them alone does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from txselect.decision.record import Decision, RuleSet
from txselect.decision.wording import counted, joined
from txselect.explain.difference import Difference, OptionChange, difference
from txselect.explain.difference_text import difference_lines, short_line, summary
from txselect.explain.lines import Explanation, Line
from txselect.explain.rule_effects import RuleEffect
from txselect.language.generated import generated_rules
from txselect.language.rules import circle_of_facts
from txselect.model.profile import Case, Profile
from txselect.model.rules import Rule
from txselect.model.vocabulary import Vocabulary
from txselect.pipeline import Rules, checked_profile, read

_MOST_TRIED = 12
"""Edited rules of one case that are tried one by one; where more were edited, nobody asks which one it was."""

_STATUS_KINDS = ("appeared", "vanished", "status", "reason")


@dataclass(frozen=True, slots=True)
class RuleSetDifference:
    """What differs between the decisions that two rule sets give on one case.

    otherwise: what besides its rules differs between the rule sets, where no edited rule explains a difference.
    """

    old: RuleSet
    new: RuleSet
    difference: Difference
    otherwise: tuple[str, ...]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class DifferenceOnCases:
    """What two rule sets decide differently on several cases: those that differ, by id, and how many do not."""

    cases: Mapping[str, RuleSetDifference]
    unchanged: int
    explanation: Explanation


class RuleSets:
    """Two rule sets to be compared on any number of cases."""

    def __init__(self, old: Rules, new: Rules) -> None:
        self.old = old
        self.new = new
        self._written_old, self._written_new = old.pack.written, new.pack.written
        self._mixed: dict[tuple[str, bool], Rules | None] = {}

    def diff(self, profile: Profile | Case | dict[str, Any], **how: Any) -> RuleSetDifference:
        """What differs on one case. `how` as for `decide`; without a date both are of that of the newer rules.

        Raises InputError for a profile that one of the rule sets cannot read.
        """
        profile = checked_profile(profile)
        how["as_of"] = how.get("as_of") or profile.as_of or max(self.old.pack.date, self.new.pack.date)
        (reading, before), (reading_after, after) = (read(rules, profile, **how) for rules in (self.old, self.new))
        found = difference((reading, before), (reading_after, after))

        def decided(rules: Rules) -> Decision:
            return read(rules, profile, **how)[1]

        found = replace(found, options=tuple(self._tried(found, decided)))
        otherwise = () if all(self._explained(change, decided) for change in found.options) else self.otherwise
        explanation = _explanation(before.rule_set, after.rule_set, found, otherwise)
        return RuleSetDifference(before.rule_set, after.rule_set, found, otherwise, explanation)

    # which of the edits does it

    def _tried(self, found: Difference, decided: Callable[[Rules], Decision]) -> Iterator[OptionChange]:
        edited = {effect.rule for change in found.options for effect in change.rules if effect.edit}
        for change in found.options:
            if change.kind in _STATUS_KINDS and len(edited) <= _MOST_TRIED:
                rules = tuple(self._with_what_it_does(effect, change, decided) for effect in change.rules)
                yield replace(change, rules=rules)
            else:
                yield change

    def _with_what_it_does(
        self, effect: RuleEffect, change: OptionChange, decided: Callable[[Rules], Decision]
    ) -> RuleEffect:
        """The effect with a word on whether its edit alone makes the difference, tried by deciding again."""
        if effect.rule not in self._edited or self._other_words_do_it(change, decided):
            return effect
        alone, without = (self._mixture(effect.rule, alone=alone) for alone in (True, False))
        if alone is None or without is None:
            return effect
        if _status(decided(alone), change.therapy) == change.after.status:
            return replace(effect, does="this alone does it")
        if _status(decided(without), change.therapy) != change.after.status:
            return replace(effect, does="does it together with other edits")
        return effect

    def _explained(self, change: OptionChange, decided: Callable[[Rules], Decision]) -> bool:
        """Whether the rules that somebody edited account for a change."""
        edited = any(effect.rule in self._edited for effect in change.rules)
        return edited and not (change.kind in _STATUS_KINDS and self._other_words_do_it(change, decided))

    def _other_words_do_it(self, change: OptionChange, decided: Callable[[Rules], Decision]) -> bool:
        """Whether the old rules, read with the new vocabulary, already give another status."""
        return self._reworded is not None and _status(decided(self._reworded), change.therapy) != change.before.status

    @cached_property
    def _reworded(self) -> Rules | None:
        same = self.old.pack.vocabulary == self.new.pack.vocabulary
        return self.old if same else self._pack_with(self._written_old)

    @cached_property
    def _edited(self) -> frozenset[str]:
        """The rules that somebody added, removed or edited."""
        old, new = self._written_old, self._written_new
        return frozenset(name for name in {**old, **new} if old.get(name) != new.get(name))

    def _mixture(self, rule: str, *, alone: bool) -> Rules | None:
        """The old rules with one edit of the new, or the new rules without it; None where they do not go together."""
        key = (rule, alone)
        if key not in self._mixed:
            base, other = (self._written_old, self._written_new) if alone else (self._written_new, self._written_old)
            mixed = {name: each for name, each in base.items() if name != rule}
            mixed |= {rule: other[rule]} if rule in other else {}
            self._mixed[key] = self._pack_with(mixed)
        return self._mixed[key]

    def _pack_with(self, written: Mapping[str, Rule]) -> Rules | None:
        old, new = self.old.pack, self.new.pack
        if new.vocabulary.lacking(old.vocabulary) or circle_of_facts(written.values()):
            return None
        rules = {**written, **generated_rules(new.vocabulary, written)}
        return Rules(replace(new, rules=rules, evidence={**old.evidence, **new.evidence}))

    @cached_property
    def otherwise(self) -> tuple[str, ...]:
        """What differs between the rule sets besides their rules."""
        old, new = self.old.pack, self.new.pack
        words = [
            part.name
            for part in fields(Vocabulary)
            if getattr(old.vocabulary, part.name) != getattr(new.vocabulary, part.name)
        ]
        found = [f"the vocabulary ({joined(words, 'and')})"] if words else []
        found += ["the ranking"] if old.ranking != new.ranking else []
        found += ["the evidence"] if old.evidence != new.evidence else []
        return tuple(found) or ("the order in which rules stand",)


def diff(old: Rules, new: Rules, profile: Profile | Case | dict[str, Any], **how: Any) -> RuleSetDifference:
    """What differs between the decisions of two rule sets on one case, and which edited rules did it.

    `how` takes what `decide` takes: as_of, engine, jurisdiction.
    """
    return RuleSets(old, new).diff(profile, **how)


def on_cases(found: Sequence[tuple[str, RuleSetDifference]]) -> DifferenceOnCases:
    """The differences on several cases as one answer. `found`: case ids with what was found; at least one."""
    differing = {case: each for case, each in found if not each.difference.is_empty}
    unchanged = len(found) - len(differing)
    answer = f"{counted(len(differing), 'case')} decided otherwise, {unchanged} unchanged."
    lines = tuple(short_line(case, each.difference) for case, each in differing.items())
    first = found[0][1]
    return DifferenceOnCases(differing, unchanged, Explanation("", _title(first.old, first.new), answer, lines))


def _status(decision: Decision, therapy: str) -> str:
    option = decision.option(therapy)
    return option.status if option else "not_indicated"


def _explanation(old: RuleSet, new: RuleSet, found: Difference, otherwise: tuple[str, ...]) -> Explanation:
    besides = [Line("note", f"no edited rule explains all of it; besides, {joined(otherwise, 'and')} differs")]
    lines = (*difference_lines(found), *(besides if otherwise else ()))
    return Explanation("", _title(old, new), summary(found), lines)


def _title(old: RuleSet, new: RuleSet) -> str:
    return f"What differs between {_named(old)} and {_named(new)}?"


def _named(rules: RuleSet) -> str:
    return f"{rules.name} {rules.version} ({rules.sha256[:8]})"
