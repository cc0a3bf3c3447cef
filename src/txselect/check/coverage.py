"""What a set of cases shows of the rules: where each condition was true, false and unknown, and where it decided.

A condition *decides* a case if the rule would come out otherwise (true, false or unknown) were this one occurrence
taken as true, false or unknown instead, all others as they are. A condition that never decides could be taken out of
the rule, or turned round, and no case would show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from txselect.check.columns import UNKNOWN, Column, Columns, joined, patients_of
from txselect.errors import Place
from txselect.model.condition import Occurrence, occurrences_in
from txselect.model.profile import Case
from txselect.model.rules import Rule, RulePack

TRUTHS = ("true", "false", "unknown")
GOALS = (*TRUTHS, "decisive")
"""What each occurrence of a condition is to be seen as; a rule as a whole is to be seen as the first three."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one thing, as sets of cases (bits). `decisive` is None for a rule as a whole."""

    true: int
    false: int
    unknown: int
    decisive: int | None = None

    def cases(self, goal: str) -> int:
        """The set of cases that show a goal of `GOALS`."""
        found: int | None = getattr(self, goal)
        return found or 0

    @property
    def goals(self) -> tuple[str, ...]:
        return TRUTHS if self.decisive is None else GOALS

    @property
    def missed(self) -> tuple[str, ...]:
        """The goals that no case shows.

        >>> Seen(true=1, false=6, unknown=0, decisive=0).missed
        ('unknown', 'decisive')
        """
        return tuple(goal for goal in self.goals if not self.cases(goal))


@dataclass(frozen=True, slots=True)
class SeenCondition:
    """One occurrence of a leaf or a fact, at its own place in a rule."""

    rule: str
    place: Place
    condition: Occurrence
    seen: Seen


@dataclass(frozen=True, slots=True)
class SeenRule:
    """A rule as a whole, then each condition in it in the order in which they are written."""

    rule: Rule
    seen: Seen
    conditions: tuple[SeenCondition, ...]

    @property
    def everything(self) -> Iterator[Seen]:
        yield self.seen
        yield from (condition.seen for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many goals were to be met, and how many were."""

    met: int
    goals: int

    @property
    def percent(self) -> float:
        """Per cent, rounded down to tenths so that only 100 is all of them.

        >>> Tally(1999, 2000).percent
        99.9
        """
        return self.met * 1000 // self.goals / 10 if self.goals else 100.0


def tally(seen: Iterable[Seen], goal: str = "") -> Tally:
    """How much of what is to be seen was seen; with `goal`, of that one alone."""
    wanted = [(one.cases(name) > 0) for one in seen for name in one.goals if goal in ("", name)]
    return Tally(sum(wanted), len(wanted))


@dataclass(frozen=True)
class Coverage:
    """What `cases` (their ids, numbered as the bits of each set) show of the rules, in the order of the pack."""

    cases: tuple[str, ...]
    rules: tuple[SeenRule, ...]

    @property
    def everything(self) -> list[Seen]:
        return [seen for rule in self.rules for seen in rule.everything]

    @property
    def percent(self) -> float:
        """Of all goals of all rules and conditions, those that some case shows."""
        return tally(self.everything).percent

    def by_file(self) -> dict[str, list[SeenRule]]:
        """The rules of each file in which they are written."""
        files: dict[str, list[SeenRule]] = {}
        for rule in self.rules:
            files.setdefault(rule.rule.place.file, []).append(rule)
        return files


def coverage(pack: RulePack, cases: Sequence[Case], only: str = "") -> Coverage:
    """What the cases show of the written rules, or of those alone whose id begins with `only`.

    Raises InputError for a case whose profile cannot be used.
    """
    columns = Columns(pack, patients_of(pack, cases))
    rules = (rule for rule in pack.written.values() if rule.id.startswith(only))
    return Coverage(tuple(case.id for case in cases), tuple(_seen_rule(rule, columns) for rule in rules))


def _seen_rule(rule: Rule, columns: Columns) -> SeenRule:
    asked = columns.asked(rule)
    found = [(occurrence, columns.of_occurrence(occurrence)) for occurrence in occurrences_in(rule.condition)]
    deciding = _deciding(rule, [column for _, column in found], columns)
    conditions = tuple(
        SeenCondition(rule.id, occurrence.place, occurrence, _seen(column, asked, decisive & asked))
        for (occurrence, column), decisive in zip(found, deciding, strict=True)
    )
    return SeenRule(rule, _seen(columns.of_rule(rule), asked), conditions)


def _seen(column: Column, asked: int, decisive: int | None = None) -> Seen:
    return Seen(column.true & asked, column.false & asked, asked & ~(column.true | column.false), decisive)


def _deciding(rule: Rule, found: Sequence[Column], columns: Columns) -> Iterator[int]:
    """For each occurrence the cases in which the rule's truth hangs on it."""
    condition = rule.condition

    def outcome(taken: Sequence[Column]) -> Column:
        return columns.scoped(rule, joined(condition, iter(taken)))

    actual = outcome(found)
    for index in range(len(found)):
        decisive = 0
        for other in (Column(columns.everyone, 0), Column(0, columns.everyone), UNKNOWN):
            decisive |= outcome([*found[:index], other, *found[index + 1 :]]).unlike(actual)
        yield decisive
