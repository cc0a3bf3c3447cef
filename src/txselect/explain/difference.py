"""What differs between two decisions, and the rules that did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from txselect.decision.options import standings_of
from txselect.decision.reading import Reading
from txselect.decision.record import Assumption, Decision, Flag, Option
from txselect.explain.compare import compare
from txselect.explain.rule_effects import RuleEffect, RuleEffects
from txselect.explain.text import short_citation
from txselect.model.profile import Status
from txselect.model.rules import Intend

Kind = Literal["appeared", "vanished", "status", "moved", "details", "reason"]
Order = Literal["before", "behind", "tied with"]


@dataclass(frozen=True, slots=True)
class Offer:
    """How an option is offered. `rank` None: it is not."""

    status: Status
    rank: int | None
    preference: str | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Options before, behind or level with which an option stands now and did not before, and the ranking's reason."""

    order: Order
    others: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Something said of an option, such as its agents or cautions: what came and what went."""

    name: str
    came: tuple[str, ...]
    went: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OptionChange:
    """One therapy class of which the decisions differ.

    kind: it appeared among the options, vanished from them, is offered with another status, moved among the others,
    is offered as before while something else (`details`) is said of it, or is not offered for another `reason`.
    """

    therapy: str
    label: str
    kind: Kind
    before: Offer
    after: Offer
    passed: tuple[Passed, ...]
    details: tuple[Detail, ...]
    rules: tuple[RuleEffect, ...]


@dataclass(frozen=True, slots=True)
class FlagChange:
    """A flag that came or went with the rules that did it."""

    flag: Flag
    came: bool
    rules: tuple[RuleEffect, ...]


@dataclass(frozen=True, slots=True)
class IntentChange:
    before: str | None
    after: str | None
    rules: tuple[RuleEffect, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two decisions. `same`: how many options are offered as before."""

    options: tuple[OptionChange, ...]
    flags: tuple[FlagChange, ...]
    intent: IntentChange | None
    assumptions_came: tuple[Assumption, ...]
    assumptions_went: tuple[Assumption, ...]
    same: int

    @property
    def is_empty(self) -> bool:
        parts = (self.options, self.flags, self.assumptions_came, self.assumptions_went)
        return self.intent is None and not any(parts)


Made = tuple[Reading, Decision]
"""A decision with the reading that it was made from."""


def difference(before: Made, after: Made) -> Difference:
    """What differs between two decisions about one patient, and for each difference the rules responsible."""
    return _Comparing(before, after).difference()


class _Comparing:
    def __init__(self, before: Made, after: Made) -> None:
        self.before, self.old = before
        self.after, self.new = after
        self.effects = RuleEffects(self.before, self.after)
        self.ranks_before, self.ranks_now = (
            {option.therapy: option.rank or 0 for option in decision.offered} for decision in (self.old, self.new)
        )
        self.offered = {option.therapy: option for option in self.new.offered if option.therapy in self.ranks_before}

    def difference(self) -> Difference:
        options = tuple(self._options())
        return Difference(
            options=options,
            flags=tuple(self._flags()),
            intent=self._intent(),
            assumptions_came=_missing_in(self.old.assumptions, self.new.assumptions),
            assumptions_went=_missing_in(self.new.assumptions, self.old.assumptions),
            same=len(self.offered.keys() - {change.therapy for change in options}),
        )

    def _options(self) -> Iterator[OptionChange]:
        """What is offered in the order of the new decision, then what is no longer offered in that of the old one."""
        passed = dict(self._passed())
        decisions = (self.new.offered, self.old.offered, self.new.options, self.old.options)
        for name in dict.fromkeys(option.therapy for options in decisions for option in options):
            old, new = self.old.option(name), self.new.option(name)
            before, after, details = _offer(old), _offer(new), tuple(_details(old, new))
            kind = _kind(before, after) or ("moved" if name in passed else "details" if details else None)
            if kind:
                status_alone = kind in ("appeared", "vanished", "reason")
                rules = self.effects.on_status(name) if status_alone else self.effects.on_anything(name)
                label = self._label(name)
                yield OptionChange(name, label, kind, before, after, passed.get(name, ()), details, rules)

    def _label(self, therapy: str) -> str:
        packs = (self.after.pack, self.before.pack)
        return next(entry.label for pack in packs if (entry := pack.vocabulary.therapies.get(therapy)))

    # order

    def _passed(self) -> Iterator[tuple[str, tuple[Passed, ...]]]:
        """The fewest options of which it can be said that they moved, so that every pair in another order is told."""
        pairs = [pair for pair in combinations(self.offered, 2) if self._turned(pair)]
        while pairs:
            counts = Counter(name for pair in pairs for name in pair)
            mover = max(counts, key=lambda name: (self._weighs_otherwise(name), counts[name]))
            yield mover, tuple(self._passing(mover, [one for pair in pairs if mover in pair for one in pair]))
            pairs = [pair for pair in pairs if mover not in pair]

    def _turned(self, pair: tuple[str, str]) -> bool:
        return _order(self.ranks_before, *pair) != _order(self.ranks_now, *pair)

    def _weighs_otherwise(self, therapy: str) -> bool:
        """Whether the option itself stands otherwise by some criterion."""
        before, after = (standings_of(reading, therapy) for reading in (self.before, self.after))
        return [each.position for each in before] != [each.position for each in after]

    def _passing(self, mover: str, concerned: Sequence[str]) -> Iterator[Passed]:
        grouped: dict[tuple[Order, str], list[str]] = {}
        for other in concerned:
            if other != mover:
                order = _order(self.ranks_now, mover, other)
                grouped.setdefault((order, self._deciding(mover, other)), []).append(self.offered[other].label)
        return (Passed(order, tuple(labels), because) for (order, because), labels in grouped.items())

    def _deciding(self, one: str, other: str) -> str:
        """What the ranking says of the order of two options now."""
        criteria = compare(self.after, self.new, one, other).criteria
        decides = (criterion.because for criterion in criteria if criterion.outcome == "decides")
        return next(decides, self.after.pack.ranking.ties.because)

    # the case as a whole

    def _flags(self) -> Iterator[FlagChange]:
        old, new = ([flag for flag in decision.flags if _is_of_the_case(flag)] for decision in (self.old, self.new))
        for flags, others, came in ((new, old, True), (old, new, False)):
            told = {(flag.kind, flag.text) for flag in others}
            for flag in flags:
                if (flag.kind, flag.text) not in told:
                    yield FlagChange(flag, came, tuple(self.effects.of(flag.rules)))

    def _intent(self) -> IntentChange | None:
        if self.old.intent == self.new.intent:
            return None
        rules = [
            name for pack in self.effects.packs for name, rule in pack.rules.items() if isinstance(rule.head, Intend)
        ]
        return IntentChange(self.old.intent, self.new.intent, tuple(self.effects.of(rules)))


def _order(ranks: Mapping[str, int], one: str, other: str) -> Order:
    """How one option stands to another; both are offered."""
    return "before" if ranks[one] < ranks[other] else "behind" if ranks[one] > ranks[other] else "tied with"


def _offer(option: Option | None) -> Offer:
    """A class that no rule in scope speaks of is not indicated."""
    return Offer(option.status, option.rank, option.preference) if option else Offer("not_indicated", None, None)


def _kind(before: Offer, after: Offer) -> Kind | None:
    match before.rank, after.rank:
        case None, None:
            return "reason" if before.status != after.status else None
        case None, _:
            return "appeared"
        case _, None:
            return "vanished"
        case _:
            return "status" if before.status != after.status else None


def _details(old: Option | None, new: Option | None) -> Iterator[Detail]:
    """What else is said of an option otherwise than before."""
    before, after = (dict(_said_of(option)) if option else {} for option in (old, new))
    for name in dict.fromkeys((*after, *before)):
        came = tuple(text for text in after.get(name, ()) if text not in before.get(name, ()))
        went = tuple(text for text in before.get(name, ()) if text not in after.get(name, ()))
        if came or went:
            yield Detail(name, came, went)


def _said_of(option: Option) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "preference", (option.preference,) if option.preference else ()
    yield "agents", option.agents
    yield "why", tuple(dict.fromkeys(reason.because for reason in option.reasons))
    yield "experts differ", tuple(reason.experts_differ for reason in option.reasons if reason.experts_differ)
    yield "pending", tuple(f"{pending.what} ({pending.state})" for pending in option.pending)
    yield "caution", tuple(note.text for note in option.cautions if note.certain)
    unchecked = (pending for note in option.cautions for pending in note.waits_for)
    yield "to check for cautions", tuple(dict.fromkeys(f"{pending.what} ({pending.state})" for pending in unchecked))
    yield "evidence", tuple(map(short_citation, option.evidence))


def _is_of_the_case(flag: Flag) -> bool:
    """Whether a flag is about the case: what options wait for and their cautions is told with the options."""
    if flag.kind == "insufficient_data" or (flag.kind == "test_needed" and not flag.rules):
        return False
    return not (flag.kind == "caution" and flag.rules and flag.about)


def _missing_in(others: Sequence[Assumption], these: Iterable[Assumption]) -> tuple[Assumption, ...]:
    known = {(other.id, other.text) for other in others}
    return tuple(each for each in these if (each.id, each.text) not in known)
