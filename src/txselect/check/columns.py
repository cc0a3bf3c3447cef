"""The truth of conditions over many cases at once: whole numbers as sets of cases, one bit for each case.

It says what the compiled program says of each case (a law that is tested), and in one step for all of them:

    all(a,b):   true = a.true & b.true    false = a.false | b.false
    any(a,b):   true = a.true | b.true    false = a.false & b.false
    not(a):     true = a.false            false = a.true
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce

from txselect.errors import Gathering, InputError
from txselect.language.patient import patient_of
from txselect.model.condition import (
    All,
    AnyOf,
    AtLeast,
    CancerIs,
    Condition,
    FactHolds,
    Leaf,
    Not,
    Occurrence,
    occurrences_in,
)
from txselect.model.patient import Patient
from txselect.model.profile import Case
from txselect.model.rules import Rule, RulePack
from txselect.program.observe import leaf_test, subject_of


@dataclass(frozen=True, slots=True)
class Column:
    """The cases in which something is known true and those in which it is known false.

    >>> Column(true=0b0011, false=0b0100) & Column(true=0b0101, false=0b1010)
    Column(true=1, false=14)
    >>> ~Column(true=1, false=14)
    Column(true=14, false=1)
    """

    true: int
    false: int

    def __and__(self, other: Column) -> Column:
        return Column(self.true & other.true, self.false | other.false)

    def __or__(self, other: Column) -> Column:
        return Column(self.true | other.true, self.false & other.false)

    def __invert__(self) -> Column:
        return Column(self.false, self.true)

    def unlike(self, other: Column) -> int:
        """The cases in which the two are not the same: true, false or unknown."""
        return (self.true ^ other.true) | (self.false ^ other.false)


UNKNOWN = Column(0, 0)


def joined(condition: Condition, columns: Iterator[Column]) -> Column:
    """The column of a condition whose occurrences have these columns, in the order of `occurrences_in`."""
    match condition:
        case All(parts):
            return reduce(Column.__and__, [joined(part, columns) for part in parts])
        case AnyOf(parts):
            return reduce(Column.__or__, [joined(part, columns) for part in parts])
        case AtLeast(count, parts):
            found = [joined(part, columns) for part in parts]
            true = _so_many(count, [column.true for column in found])
            return Column(true, _so_many(len(found) - count + 1, [column.false for column in found]))
        case Not(part):
            return ~joined(part, columns)
        case _:
            return next(columns)


def _so_many(count: int, cases: Iterable[int]) -> int:
    """The cases that are in at least `count` of the sets."""
    reached = [0] * count
    for members in cases:
        for position in reversed(range(1, count)):
            reached[position] |= reached[position - 1] & members
        reached[0] |= members
    return reached[-1]


def members(cases: int) -> Iterator[int]:
    """The numbers of the cases in a set, in ascending order.

    >>> list(members(0b1101))
    [0, 2, 3]
    """
    while cases:
        lowest = cases & -cases
        yield lowest.bit_length() - 1
        cases ^= lowest


def patients_of(pack: RulePack, cases: Sequence[Case]) -> list[Patient]:
    """Each case as conditions are asked of it, on its own day or else the day of the rules.

    Raises InputError with every problem of every case.
    """
    problems, found = Gathering(), list[Patient]()
    for case in cases:
        with problems.keeping():
            found.append(_patient_in(pack, case))
    problems.raise_if_any()
    return found


def readable_patients_of(pack: RulePack, cases: Iterable[Case]) -> Iterator[Patient]:
    """The same without those that cannot be read, which `txselect test` tells of."""
    for case in cases:
        with suppress(InputError):
            yield _patient_in(pack, case)


def _patient_in(pack: RulePack, case: Case) -> Patient:
    return patient_of(case.profile, pack.vocabulary, case.profile.as_of or pack.date)


class Columns:
    """The columns of everything in a rule pack, for one list of patients. Each is made when it is first asked for."""

    def __init__(self, pack: RulePack, patients: Sequence[Patient]) -> None:
        self.pack = pack
        self.patients = patients
        self.everyone = (1 << len(patients)) - 1
        self._leaves: dict[Leaf, Column] = {}
        self._facts: dict[str, Column] = {}
        self._about: dict[str, list[int]] = {}
        for number, patient in enumerate(patients):
            for subject in patient.subjects:
                self._about.setdefault(subject, []).append(number)

    def of(self, condition: Condition) -> Column:
        """The column of any condition, whether a rule has it or not."""
        return joined(condition, map(self.of_occurrence, occurrences_in(condition)))

    def of_occurrence(self, occurrence: Occurrence) -> Column:
        """The column of a leaf or a fact."""
        return self.of_fact(occurrence.fact) if isinstance(occurrence, FactHolds) else self._leaf(occurrence)

    def _leaf(self, leaf: Leaf) -> Column:
        if leaf not in self._leaves:
            test = leaf_test(leaf, self.pack.vocabulary)
            self._leaves[leaf] = self._where(test, self._about.get(subject_of(leaf), ()))
        return self._leaves[leaf]

    def _where(self, test: Callable[[Patient], bool | None], numbers: Iterable[int]) -> Column:
        true = false = 0
        for number in numbers:
            truth = test(self.patients[number])
            if truth is not None:
                true, false = (true | 1 << number, false) if truth else (true, false | 1 << number)
        return Column(true, false)

    def of_fact(self, fact: str) -> Column:
        """The column of a derived fact: one of its rules."""
        if fact not in self._facts:
            self._facts[fact] = self.derived_by(self.deriving(fact))
        return self._facts[fact]

    def deriving(self, fact: str) -> Sequence[Rule]:
        """The rules that derive a fact."""
        return self.pack.deriving.get(fact, ())

    def derived_by(self, rules: Iterable[Rule]) -> Column:
        """The column of a fact that these rules derive."""
        return reduce(Column.__or__, map(self.of_rule, rules), Column(0, self.everyone))

    def of_rule(self, rule: Rule) -> Column:
        """The column of a rule as it is compiled: known false in cases outside its scope."""
        return self.scoped(rule, self.of(rule.condition))

    def scoped(self, rule: Rule, written: Column) -> Column:
        """What is `written` in a rule, within the scope of the rule."""
        in_force = self._in_force(rule)
        return self._scope(rule) & Column(in_force, self.everyone & ~in_force) & written

    def asked(self, rule: Rule) -> int:
        """The cases in whose programs the rule is: valid on the day, and for a type of cancer that may be theirs."""
        return self._in_force(rule) & ~self._scope(rule).false

    def _in_force(self, rule: Rule) -> int:
        if not (rule.valid_from or rule.valid_until):
            return self.everyone
        return self._where(lambda patient: rule.valid_on(patient.as_of), range(len(self.patients))).true

    def _scope(self, rule: Rule) -> Column:
        return self._leaf(CancerIs(rule.applies_to)) if rule.applies_to else Column(self.everyone, 0)
