"""Rules, evidence, ranking and the rule pack that holds them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from txselect.errors import PYTHON, Place
from txselect.model.condition import All, Condition, Not
from txselect.model.forms import Day, Flag, Form, OneOrMore, Text, Whole
from txselect.model.vocabulary import Hierarchy, Vocabulary

Preference = Literal["preferred", "alternative", "selected", "investigational"]
Intent = Literal["potentially_curative", "disease_control", "supportive"]
Strength = Literal["absolute", "relative"]
Reason = Literal["safety", "resistance", "already_failed", "interaction", "futility"]
Jurisdiction = Literal["FDA", "EMA"]
EvidenceLevel = Literal["phase_3", "phase_2_randomised", "phase_2", "phase_1", "retrospective", "consensus"]


Expected = Literal["an_option", "a_recommendation"]
Claim = Literal["never recommended", "never offered", "always warned", "always excluded"]


class Evidence(Form):
    """A source. An identifier stands here only if it was checked, and `checked` says against what."""

    id: Text
    kind: Literal["trial", "approval", "label", "guideline", "review", "case_report", "definition"]
    name: Text
    year: Whole | None = None
    date: Day | None = None
    agency: Text | None = None
    level: EvidenceLevel | None = None
    nct: Text | None = None
    pmid: Text | None = None
    doi: Text | None = None
    population: Text | None = None
    result: Text | None = None
    checked: Text | None


@dataclass(frozen=True, slots=True)
class Derive:
    fact: str


@dataclass(frozen=True, slots=True)
class Recommend:
    """`regimens` holds the agents given together, one tuple per alternative."""

    therapy: str
    regimens: tuple[tuple[str, ...], ...]
    preference: Preference
    rechallenge: bool = False


@dataclass(frozen=True, slots=True)
class Contraindicate:
    """`therapies` are classes or agents; `exactly` spares kinds of them, and a rule of `lifted_by` that is in
    force and holds lifts it (both written by the loader only).
    """

    therapies: tuple[str, ...]
    strength: Strength
    reason: Reason
    exactly: bool = False
    lifted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caution:
    """`therapies` are classes or agents; none means the case as a whole."""

    therapies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    pass


@dataclass(frozen=True, slots=True)
class Intend:
    intent: Intent


Head = Derive | Recommend | Contraindicate | Caution | Request | Conflict | Intend


@dataclass(frozen=True)
class Rule:
    """`head` follows where `when` holds and nothing of `unless` does, within the scope."""

    id: str
    title: str
    head: Head
    when: Condition
    unless: tuple[Condition, ...]
    because: str
    applies_to: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    evidence: tuple[str, ...] = ()
    experts_differ: str = ""
    review_by: date | None = None
    place: Place = field(default=PYTHON, compare=False)

    @property
    def condition(self) -> All:
        """What is written in it as one condition: `when`, and nothing of `unless`."""
        return All((self.when, *map(Not, self.unless)))

    @property
    def regimens(self) -> tuple[tuple[str, ...], ...]:
        """The agents that a recommend rule names; none for other rules."""
        return self.head.regimens if isinstance(self.head, Recommend) else ()

    def valid_on(self, day: date) -> bool:
        """Whether `day` lies in the validity window; its end is exclusive."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_until is None or day < self.valid_until)


class Criterion(Form):
    """One step of the lexicographic ranking.

    among: the statuses in which the criterion counts; left out: all.
    order: values from first to last; what is not named stands after them.
    last: values that stand after all others, which count as equal.
    lowered_by_contraindications: an option with a relative contraindication counts as one step lower in the order.
    """

    by: Literal["status", "specificity", "preference", "modality", "relative_contraindications", "evidence_level"]
    among: OneOrMore | None = None
    order: OneOrMore | None = None
    last: OneOrMore | None = None
    lowered_by_contraindications: Flag = False
    because: Text


class Ties(Form):
    because: Text


class Ranking(Form):
    criteria: tuple[Criterion, ...]
    ties: Ties
    intents: tuple[Intent, ...]

    @cached_property
    def orders(self) -> dict[str, dict[str, int]]:
        """Positions by criterion and value."""
        return {
            criterion.by: {value: position for position, value in enumerate(criterion.order)}
            for criterion in self.criteria
            if criterion.order
        }

    def position(self, by: str, value: str | None) -> int:
        """Where a value stands in a criterion's order."""
        order = self.orders.get(by, {})
        return order.get(value or "", len(order))


class About(Form):
    title: Text
    version: Text
    disclaimer: Text


@dataclass(frozen=True)
class Scope:
    """Patients of whom a pack says that there is something for each: an option, or a recommendation."""

    id: str
    when: Condition
    expects: Expected
    because: str
    place: Place = field(default=PYTHON, compare=False)


@dataclass(frozen=True)
class Invariant:
    """What a pack says is always or never so of a therapy class, and of its kinds, where a condition holds."""

    id: str
    when: Condition
    claim: Claim
    therapy: str
    because: str
    place: Place = field(default=PYTHON, compare=False)


class Reviewed(Form):
    """A finding of `txselect check` that somebody has looked at and keeps, with the reason."""

    code: Text
    of: Text
    because: Text


@dataclass(frozen=True)
class Declared:
    """What a pack claims of all patients, to be proved by `txselect check`, and the findings that it keeps."""

    scopes: tuple[Scope, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()

    @property
    def claims(self) -> tuple[Scope | Invariant, ...]:
        """Everything that is to be proved."""
        return (*self.scopes, *self.invariants)


def by_therapy(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    """The rules that recommend, by therapy class, in their order."""
    result: dict[str, list[Rule]] = {}
    for rule in rules:
        if isinstance(rule.head, Recommend):
            result.setdefault(rule.head.therapy, []).append(rule)
    return {therapy: tuple(recommending) for therapy, recommending in result.items()}


class ConcerningRules:
    """Contraindications (by strength) and cautions, found by a class or agent that they concern."""

    def __init__(self, rules: Iterable[Rule], kinds: Hierarchy) -> None:
        self._kinds = kinds
        self._order: dict[str, int] = {}
        self._naming: dict[str, dict[str, list[tuple[str, bool]]]] = {"absolute": {}, "relative": {}, "caution": {}}
        for rule in rules:
            self._order[rule.id] = len(self._order)
            match rule.head:
                case Contraindicate(therapies, strength, _, exactly):
                    self._add(rule, strength, therapies, exactly)
                case Caution(therapies):
                    self._add(rule, "caution", therapies, exactly=False)
                case _:
                    pass

    def _add(self, rule: Rule, kind: str, therapies: Iterable[str], exactly: bool) -> None:
        for named in therapies:
            self._naming[kind].setdefault(named, []).append((rule.id, exactly))

    def of(self, kind: str, name: str) -> list[str]:
        """Rules that name the class or agent, or something that it is a kind of, in the order of the pack.

        kind: absolute, relative or caution.
        """
        naming = ((named, self._naming[kind].get(named, ())) for named in self._kinds.above(name))
        found = {rule for named, rules in naming for rule, exactly in rules if not exactly or named == name}
        return sorted(found, key=self._order.__getitem__)


@dataclass(frozen=True)
class RulePack:
    """Everything that a folder of rules says, checked and resolved."""

    name: str
    version: str
    title: str
    disclaimer: str
    date: date
    sha256: str
    vocabulary: Vocabulary
    rules: Mapping[str, Rule]
    evidence: Mapping[str, Evidence]
    ranking: Ranking
    declared: Declared = Declared()

    @cached_property
    def dated_rules(self) -> tuple[Rule, ...]:
        """Rules whose validity depends on the day."""
        return tuple(rule for rule in self.rules.values() if rule.valid_from or rule.valid_until)

    @cached_property
    def deriving(self) -> dict[str, tuple[Rule, ...]]:
        """The rules that derive each fact."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            if isinstance(rule.head, Derive):
                found.setdefault(rule.head.fact, []).append(rule)
        return {fact: tuple(rules) for fact, rules in found.items()}

    @cached_property
    def written(self) -> dict[str, Rule]:
        """The rules that somebody wrote, without those that the loader adds for each therapy class."""
        return {name: rule for name, rule in self.rules.items() if not getattr(rule.head, "exactly", False)}

    @cached_property
    def concerning(self) -> ConcerningRules:
        """Contraindications and cautions by what they concern, whatever their scope."""
        return ConcerningRules(self.rules.values(), self.vocabulary.therapy_kinds)

    @cached_property
    def rules_for(self) -> dict[str, tuple[Rule, ...]]:
        """Recommend rules by therapy class."""
        return by_therapy(self.rules.values())
