"""Whether cases notice mutants: a mutant is killed where a case that got what it expects no longer does.

The answer is that of the real pipeline: the changed rules are compiled anew and the cases decided with them, certified,
on the linear engine. What makes it fast is leaving out cases in which the change cannot matter: those in which the
rule (for a rule that derives: its fact) has the same truth as before, and whose expectations ask for no more than that.

What was recorded of a case counts as expected of it. No more than 60 of the cases that only a record could fail are
decided, so that the score can be too low, and never too high.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from types import MappingProxyType
from typing import Literal

from txselect.check.columns import Column, Columns, members, patients_of
from txselect.check.mutants import Mutant
from txselect.errors import Gathering
from txselect.expectations import unmet
from txselect.model.profile import Case, Expectation
from txselect.model.rules import Derive, Rule, RulePack
from txselect.pipeline import Rules, read
from txselect.recorded import Records, record_of

Outcome = Literal["killed", "survived", "equivalent"]
_MOST_BY_RECORD = 60
_ABOUT_WHAT_IS_MISSING = ("test_needed", "insufficient_data")
"""Flags that say what an undecided rule waits for, which may change while the rule stays undecided."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant.

    by: the id of the case that killed it. told_apart: in how many cases the changed rule comes out otherwise; of a
    survivor with none, the cases do not even come near the change.
    """

    mutant: str
    outcome: Outcome
    by: str = ""
    told_apart: int = 0


def holding(pack: RulePack, cases: Sequence[Case], records: Records = MappingProxyType({})) -> list[Case]:
    """The cases that get all they expect, and expect anything: only these can kill a mutant.

    records: what was decided before, by the id of the case. Raises InputError with every problem of every case.
    """
    rules, problems, found = Rules(pack), Gathering(), list[Case]()
    for case in cases:
        with problems.keeping():
            if (case.id in records or _expects_something(case)) and _holds(case, rules, records):
                found.append(case)
    problems.raise_if_any()
    return found


def _expects_something(case: Case) -> bool:
    return case.expect != Expectation()


def _holds(case: Case, rules: Rules, records: Records) -> bool:
    decision = read(rules, case, engine="linear")[1]
    is_as_recorded = case.id not in records or record_of(decision) == records[case.id]
    return is_as_recorded and not unmet(case, decision, rules.pack)


class Trial:
    """A rule pack and cases that hold under it, ready to be tried with any number of mutants."""

    def __init__(self, pack: RulePack, cases: Sequence[Case], records: Records = MappingProxyType({})) -> None:
        self.pack = pack
        self.cases = cases
        self.records = records
        self.columns = Columns(pack, patients_of(pack, cases))

    def result(self, mutant: Mutant) -> Result:
        """Decides the cases that the mutant may concern, those in which its rule comes out otherwise first."""
        otherwise, in_words = self.concerned(mutant)
        rules = Rules(mutant.applied(self.pack))
        for number in self._in_order(mutant, otherwise, in_words):
            if not _holds(self.cases[number], rules, self.records):
                return Result(mutant.id, "killed", self.cases[number].id, otherwise.bit_count())
        return Result(mutant.id, "survived", told_apart=otherwise.bit_count())

    def _in_order(self, mutant: Mutant, otherwise: int, in_words: int) -> Iterator[int]:
        """The cases (numbers) to decide: those made for the rule, those that claim something themselves, others."""
        claiming = list(members(otherwise & self._claiming))
        made = {number: self.cases[number].id for number in members(otherwise & ~self._claiming)}
        for_the_rule = [number for number, name in made.items() if name.startswith(f"{mutant.rule}:")]
        others = [*claiming[_MOST_BY_RECORD:], *members(in_words)]
        return iter(dict.fromkeys((*[*for_the_rule, *claiming, *made][:_MOST_BY_RECORD], *others)))

    @cached_property
    def _claiming(self) -> int:
        """The cases that claim something in particular, and not just that all is decided as it was."""
        return self._those(lambda case: case.expect != Expectation(decided=case.expect.decided))

    def concerned(self, mutant: Mutant) -> tuple[int, int]:
        """Two sets of cases: those in which the rule comes out otherwise, and those of the others in which something
        that the case expects may be said otherwise (what is waited for, what was assumed).
        """
        rule, changed = self.pack.rules[mutant.rule], mutant.changed
        before = self._column(rule, rule)
        asked = self.columns.asked(rule) | (self.columns.asked(changed) if changed else 0)
        if changed is None or changed.head != rule.head:
            otherwise = asked & ~before.false
        else:
            otherwise = before.unlike(self._column(rule, changed))
            if not isinstance(rule.head, Derive):
                otherwise |= self.columns.asked(rule) ^ self.columns.asked(changed)
        undecided = asked & ~(before.true | before.false)
        in_words = (undecided & self._told_what_is_missing) | (asked & self._told_what_was_assumed)
        return otherwise, in_words & ~otherwise

    def _column(self, rule: Rule, changed: Rule) -> Column:
        """The truth of what the rest of the rules sees of a rule: of its fact, if it derives one."""
        if not isinstance(rule.head, Derive):
            return self.columns.of_rule(changed)
        return self.columns.derived_by(
            changed if other is rule else other for other in self.columns.deriving(rule.head.fact)
        )

    @cached_property
    def _told_what_is_missing(self) -> int:
        return self._those(lambda case: any(flag.kind in _ABOUT_WHAT_IS_MISSING for flag in case.expect.flags))

    @cached_property
    def _told_what_was_assumed(self) -> int:
        return self._those(lambda case: bool(case.expect.assumptions))

    def _those(self, wanted: Callable[[Case], bool]) -> int:
        return sum(1 << number for number, case in enumerate(self.cases) if wanted(case))


def judged(mutant: Mutant, result: Result, is_equivalent: Callable[[Mutant], bool]) -> Result:
    """The result, or `equivalent` for a survivor of which it is proved that no patient is decided otherwise."""
    if result.outcome == "survived" and is_equivalent(mutant):
        return replace(result, outcome="equivalent")
    return result


_trial: list[Trial] = []
"""The trial of a worker process, made when it starts."""


def _start(pack: RulePack, cases: Sequence[Case], records: Records) -> None:
    _trial[:] = [Trial(pack, cases, records)]
    gc.freeze()  # the rules stay for good, so there is no need to look through them again and again


def _result(mutant: Mutant) -> Result:
    return _trial[0].result(mutant)


def results(
    pack: RulePack,
    cases: Sequence[Case],
    mutants: Iterable[Mutant],
    records: Records = MappingProxyType({}),
    *,
    jobs: int = 1,
) -> Iterator[Result]:
    """What becomes of each mutant, in their order, each as soon as it is known.

    cases, records: those that hold (see `holding`). jobs: how many processes work at once.
    """
    if jobs == 1:
        yield from map(Trial(pack, cases, records).result, mutants)
        return
    # Spawned, because a process with threads (the progress bar has one) is not forked safely.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start, (pack, cases, dict(records)))
    try:
        yield from pool.map(_result, mutants, chunksize=4)
    finally:
        pool.shutdown(cancel_futures=True)
