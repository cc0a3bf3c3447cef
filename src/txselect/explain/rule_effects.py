"""Which rules are responsible for a difference between two decisions, and which of their conditions turned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Literal

from txselect.decision.reading import Reading
from txselect.explain.barring import agents_in, barring
from txselect.model.condition import Leaf
from txselect.model.rules import Caution, Contraindicate, Derive, Recommend, Rule, RulePack
from txselect.program.horn import opposite

State = Literal["holds", "fails", "open", "out_of_scope", "not_there"]
Role = Literal["for", "against", "caution", "other"]
Edit = Literal["", "added", "removed", "edited"]

_STATES: dict[bool | None, State] = {True: "holds", False: "fails", None: "open"}
_PART_WORDS = {
    "title": "title",
    "head": "conclusion",
    "when": "conditions",
    "unless": "exceptions",
    "because": "sentence",
    "applies_to": "cancers",
    "jurisdiction": "jurisdiction",
    "valid_from": "validity",
    "valid_until": "validity",
    "evidence": "evidence",
    "experts_differ": "what experts differ about",
    "review_by": "day of review",
}


@dataclass(frozen=True, slots=True)
class Turned:
    """A condition whose truth differs (None: unknown), with what the profile says of it before and after."""

    says: str
    before: bool | None
    after: bool | None
    found_before: str
    found_after: str


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """A rule that speaks otherwise than before, or whose text was edited between two rule sets.

    edit: whether the rule itself was added, removed or edited; `parts` names what of it was edited.
    turned: the conditions of its proof, or of what blocks it, whose truth differs.
    does: for rule sets, whether this edit does it alone, is needed, or does it together with others.
    """

    rule: str
    title: str
    because: str
    role: Role
    before: State
    after: State
    edit: Edit = ""
    parts: tuple[str, ...] = ()
    turned: tuple[Turned, ...] = ()
    does: str = ""

    @property
    def turns(self) -> bool:
        """Whether it contributes otherwise; out of scope or not there, it contributes as little as where it fails."""
        return _contributes(self.before) is not _contributes(self.after)


def parts_edited(old: Rule, new: Rule) -> tuple[str, ...]:
    """What of a rule reads otherwise, wherever it stands."""
    names = (part.name for part in fields(Rule) if part.compare and getattr(old, part.name) != getattr(new, part.name))
    return tuple(dict.fromkeys(_PART_WORDS[name] for name in names))


class RuleEffects:
    """The rules that speak otherwise in one reading than in another."""

    def __init__(self, before: Reading, after: Reading) -> None:
        self.before = before
        self.after = after
        self.packs = (before.pack, after.pack)

    def on_status(self, therapy: str) -> tuple[RuleEffect, ...]:
        """The rules that recommend or exclude a class and speak otherwise, or whose conclusion was edited."""
        names = (name for pack in self.packs for name in _deciding(pack, therapy))
        effects = (effect for effect in self.of(names) if effect.turns or "conclusion" in effect.parts)
        return tuple(self._with_those_behind(effects))

    def on_anything(self, therapy: str) -> tuple[RuleEffect, ...]:
        """The rules that say anything of a class and speak otherwise or were edited."""
        names = (name for pack in self.packs for name in (*_deciding(pack, therapy), *_cautioning(pack, therapy)))
        return tuple(self._with_those_behind(self.of(names)))

    def of(self, names: Iterable[str]) -> Iterator[RuleEffect]:
        """Of these rules those that speak otherwise, or that say something and were edited."""
        for name in dict.fromkeys(names):
            effect = self._effect(name)
            if effect.turns:
                yield replace(effect, turned=tuple(self._turned(name)))
            elif effect.edit == "edited" and effect.after in ("holds", "open"):
                yield effect

    def _effect(self, name: str) -> RuleEffect:
        old, new = (pack.rules.get(name) for pack in self.packs)
        rule = new or old
        assert rule is not None
        parts = parts_edited(old, new) if old and new and old is not new else ()
        return RuleEffect(
            rule=name,
            title=rule.title,
            because=rule.because,
            role=_role(rule),
            before=_state(self.before, name),
            after=_state(self.after, name),
            edit="added" if not old else "removed" if not new else "edited" if parts else "",
            parts=parts,
        )

    def _with_those_behind(self, effects: Iterable[RuleEffect]) -> Iterator[RuleEffect]:
        """These, and the edited rules that derive a fact which one of them uses."""
        found = tuple(effects)
        yield from found
        if self.packs[0] is self.packs[1]:
            return
        readings = (self.before, self.after)
        used = {fact for effect in found for reading in readings for fact in _facts(reading, effect.rule)}
        for name in dict.fromkeys(name for pack in self.packs for name in pack.rules):
            rule = self.packs[1].rules.get(name) or self.packs[0].rules[name]
            if isinstance(rule.head, Derive) and rule.head.fact in used and (effect := self._effect(name)).edit:
                yield effect

    def _turned(self, name: str) -> Iterator[Turned]:
        """The conditions that turned, of those on which the rule's truth rests or waits before or after."""
        leaves = dict.fromkeys((*_decisive(self.before, name), *_decisive(self.after, name)))
        for leaf in leaves:
            if leaf in self._nodes_before and leaf in self._nodes_after:
                before = self.before.truth(self._nodes_before[leaf])
                after = self.after.truth(self._nodes_after[leaf])
                if before is not after:
                    yield self._turn(leaf, before, after)

    def _turn(self, leaf: Leaf, before: bool | None, after: bool | None) -> Turned:
        found = (reading.words.found_for(leaf, reading.patient) for reading in (self.before, self.after))
        return Turned(self.after.words.condition(leaf), before, after, *found)

    @cached_property
    def _nodes_before(self) -> dict[Leaf, int]:
        return _references(self.before)

    @cached_property
    def _nodes_after(self) -> dict[Leaf, int]:
        return _references(self.after)


def _deciding(pack: RulePack, therapy: str) -> list[str]:
    if therapy not in pack.vocabulary.therapies:
        return []
    return [rule.id for rule in (*pack.rules_for.get(therapy, ()), *barring(pack, therapy))]


def _cautioning(pack: RulePack, therapy: str) -> list[str]:
    if therapy not in pack.vocabulary.therapies:
        return []
    named = (therapy, *sorted(agents_in(pack, therapy)))
    return [rule for kind in ("relative", "caution") for name in named for rule in pack.concerning.of(kind, name)]


def _role(rule: Rule) -> Role:
    match rule.head:
        case Contraindicate(strength="absolute"):
            return "against"
        case Contraindicate() | Caution():
            return "caution"
        case Recommend():
            return "for"
        case _:
            return "other"


def _state(reading: Reading, name: str) -> State:
    if name not in reading.pack.rules:
        return "not_there"
    if name not in reading.program.rules:
        return "out_of_scope"
    return _STATES[reading.rule_truth(name)]


def _contributes(state: State) -> bool | None:
    return None if state == "open" else state == "holds"


def _references(reading: Reading) -> dict[Leaf, int]:
    return {leaf: 2 * number for number in reading.program.leaves if (leaf := reading.program.nodes[number].leaf)}


def _decisive(reading: Reading, name: str) -> Iterator[Leaf]:
    """The leaves on which a rule's truth rests, or for which it waits."""
    reference = reading.program.rules.get(name)
    if reference is None:
        return
    if reading.truth(reference) is None:
        yield from (reading.leaf(2 * number) for number in reading.blockers(reference))
    else:
        yield from _resting_on(reading, reference if reading.truth(reference) else opposite(reference))


def _resting_on(reading: Reading, literal: int) -> Iterator[Leaf]:
    seen: set[int] = set()
    waiting = [literal]
    while waiting:
        literal = waiting.pop()
        if literal not in seen:
            seen.add(literal)
            if reading.node(literal).kind == "leaf":
                yield reading.leaf(literal)
            waiting += reversed(reading.premises(literal))


def _facts(reading: Reading, name: str) -> Iterator[str]:
    """The facts that a rule uses, directly or through others."""
    reference = reading.program.rules.get(name)
    waiting = [] if reference is None else [reference]
    seen: set[int] = set()
    while waiting:
        number = waiting.pop() // 2
        if number not in seen:
            seen.add(number)
            node = reading.program.nodes[number]
            if node.kind == "fact":
                yield node.fact
            waiting += node.children
