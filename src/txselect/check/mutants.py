"""Mutants of a rule set: the rules with one small change, each a mistake that somebody could have made.

A good set of cases notices each of them. Ids hold what was changed and where in the rule, not in which line, so they
stay when a file grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

from txselect.check.mutant_leaves import leaf_changes, widened
from txselect.check.said import condition_said
from txselect.decision.wording import Wording, joined
from txselect.errors import Place
from txselect.language.generated import generated_rules
from txselect.model.condition import All, AnyOf, AtLeast, Condition, Not
from txselect.model.rules import Caution, Contraindicate, Head, Preference, Recommend, Rule, RulePack, Strength

KINDS = {
    "drop": "a condition left out",
    "exception": "an exception left out",
    "negate": "a condition denied",
    "state": "a marker's state turned round",
    "threshold": "a number moved",
    "count": "one more or one less of a list",
    "swap": "`all` for `any`, or the other way",
    "widen": "a name widened to what it is a kind of",
    "scope": "the cancers of a rule widened",
    "strength": "`absolute` for `relative`, or the other way",
    "preference": "a preference one step up or down",
    "rechallenge": "an offer in spite of failure taken back",
    "rule": "a contraindication or caution left out",
}
"""Every kind of change, with what it does."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one rule. `changed` is the rule after it, None where the rule is left out."""

    id: str
    rule: str
    kind: str
    place: Place
    text: str
    changed: Rule | None

    def applied(self, pack: RulePack) -> RulePack:
        """The rule pack with this change and no other; what the loader adds is made anew where it depends on it."""
        rules = dict(pack.rules)
        if self.changed is None:
            del rules[self.rule]
        else:
            rules[self.rule] = self.changed
        if self.kind == "rechallenge":
            rules |= generated_rules(pack.vocabulary, rules)
        return replace(pack, rules=rules)


def mutants(pack: RulePack, only: str = "") -> Iterator[Mutant]:
    """Every mutant of the written rules, or of those whose id begins with `only`, in the order of the pack."""
    changes = _Changes(pack)
    for rule in pack.written.values():
        if rule.id.startswith(only):
            yield from changes.of(rule)


@dataclass(frozen=True, slots=True)
class _Edit:
    """A condition after one change of it or of something in it."""

    path: str
    kind: str
    variant: str
    place: Place
    text: str
    condition: Condition


class _Changes:
    def __init__(self, pack: RulePack) -> None:
        self.vocabulary = pack.vocabulary
        self.words = Wording(pack)

    def of(self, rule: Rule) -> Iterator[Mutant]:
        for edit in self._edits(rule.when, "when"):
            yield _mutant(rule, edit, replace(rule, when=edit.condition))
        for index, part in enumerate(rule.unless):
            path, before, after = f"unless.{index}", rule.unless[:index], rule.unless[index + 1 :]
            text = f"without the exception: {condition_said(part, self.words)}"
            dropped = replace(rule, unless=(*before, *after))
            yield Mutant(f"{rule.id}:{path}:exception", rule.id, "exception", part.place, text, dropped)
            for edit in self._edits(part, path):
                yield _mutant(rule, edit, replace(rule, unless=(*before, edit.condition, *after)))
        yield from self._scope(rule)
        yield from self._head(rule)

    # conditions

    def _edits(self, condition: Condition, path: str) -> Iterator[_Edit]:
        match condition:
            case All() | AnyOf():
                yield from self._swapped(condition, path)
                yield from self._within(condition, path)
            case AtLeast():
                yield from _counted(condition, path)
                yield from self._within(condition, path)
            case Not(part):
                for edit in self._edits(part, f"{path}.not"):
                    yield replace(edit, condition=replace(condition, part=edit.condition))
            case _:
                for change in leaf_changes(condition, self.vocabulary):
                    before, after = condition_said(condition, self.words), condition_said(change.condition, self.words)
                    text = f"{after}, instead of {before}"
                    yield _Edit(path, change.kind, change.variant, condition.place, text, change.condition)

    def _within(self, group: All | AnyOf | AtLeast, path: str) -> Iterator[_Edit]:
        """A part left out, and every change of a part."""
        enough = group.count + 1 if isinstance(group, AtLeast) else 2
        for index, part in enumerate(group.parts):
            before, after, below = group.parts[:index], group.parts[index + 1 :], f"{path}.{index}"
            if len(group.parts) >= enough:
                text = f"without: {condition_said(part, self.words)}"
                yield _Edit(below, "drop", "", part.place, text, replace(group, parts=(*before, *after)))
            for edit in self._edits(part, below):
                yield replace(edit, condition=replace(group, parts=(*before, edit.condition, *after)))

    def _swapped(self, group: All | AnyOf, path: str) -> Iterator[_Edit]:
        if len(group.parts) > 1:
            other = AnyOf(group.parts, group.place) if isinstance(group, All) else All(group.parts, group.place)
            yield _Edit(path, "swap", "", group.place, condition_said(other, self.words), other)

    # what a rule is about

    def _scope(self, rule: Rule) -> Iterator[Mutant]:
        """All cancers of the scope widened together: most scopes are those of a whole file."""
        parents = self.vocabulary.cancer_kinds.parents
        wider = tuple(dict.fromkeys(parent for code in rule.applies_to for parent in parents[code] or (code,)))
        if wider != rule.applies_to:
            text = f"the scope widened from {joined(rule.applies_to, 'and')} to {joined(wider, 'and')}"
            yield _of_rule(rule, "scope", "", text, replace(rule, applies_to=wider))

    def _head(self, rule: Rule) -> Iterator[Mutant]:
        match rule.head:
            case Contraindicate(therapies, strength):
                other: Strength = "relative" if strength == "absolute" else "absolute"
                yield _with_head(
                    rule, "strength", "", f"{other} instead of {strength}", replace(rule.head, strength=other)
                )
                yield from self._about_more(rule, rule.head, therapies)
            case Caution(therapies):
                yield from self._about_more(rule, rule.head, therapies)
            case Recommend():
                yield from _preferences(rule, rule.head)
            case _:
                pass

    def _about_more(self, rule: Rule, head: Contraindicate | Caution, therapies: tuple[str, ...]) -> Iterator[Mutant]:
        yield _of_rule(rule, "rule", "", f"without the rule: {rule.title}", None)
        for variant, wider in widened(therapies, self.vocabulary.therapy_kinds):
            text = f"what it speaks against widened from {variant}"
            yield _with_head(rule, "widen", variant, text, replace(head, therapies=wider))


def _counted(group: AtLeast, path: str) -> Iterator[_Edit]:
    for count in (group.count - 1, group.count + 1):
        if 1 <= count <= len(group.parts):
            text = f"at least {count} of {len(group.parts)}, instead of {group.count}"
            yield _Edit(path, "count", str(count), group.place, text, replace(group, count=count))


def _preferences(rule: Rule, head: Recommend) -> Iterator[Mutant]:
    order: tuple[Preference, ...] = get_args(Preference)
    position = order.index(head.preference)
    for other in (*order[max(0, position - 1) : position], *order[position + 1 : position + 2]):
        text = f"{other} instead of {head.preference}"
        yield _with_head(rule, "preference", other, text, replace(head, preference=other))
    if head.rechallenge:
        text = "no longer offered where it failed before"
        yield _with_head(rule, "rechallenge", "", text, replace(head, rechallenge=False))


def _with_head(rule: Rule, kind: str, variant: str, text: str, head: Head) -> Mutant:
    return _of_rule(rule, kind, variant, text, replace(rule, head=head))


def _of_rule(rule: Rule, kind: str, variant: str, text: str, changed: Rule | None) -> Mutant:
    name = f"{rule.id}:{kind}{':' if variant else ''}{variant}"
    return Mutant(name, rule.id, kind, rule.place, text, changed)


def _mutant(rule: Rule, edit: _Edit, changed: Rule) -> Mutant:
    name = f"{rule.id}:{edit.path}:{edit.kind}{':' if edit.variant else ''}{edit.variant}"
    return Mutant(name, rule.id, edit.kind, edit.place, edit.text, changed)
