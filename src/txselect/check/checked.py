"""Everything that is proved of a pack: rules and claims, on every core, and only what changed since last time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice

from txselect.check.columns import readable_patients_of
from txselect.check.declared_proofs import DeclaredProofs
from txselect.check.finding import Finding
from txselect.check.remembered import Remembered
from txselect.check.rule_proofs import RuleProofs
from txselect.model.profile import Case
from txselect.model.rules import Reviewed, RulePack

_AT_ONCE = 6
"""Rules that are proved together; those of one file rest on much the same."""

_SHOWN_AT_ONCE = 60
"""Rules of which patients who are known show all that is asked, so that little is left to prove."""

_WORTH_READING = 60
"""For so many rules it is worth to look first at what the cases show."""


@dataclass(frozen=True)
class Checked:
    """What was found, and what somebody had reviewed before: each finding that is kept, with the reason.

    proved: how many rules and claims were looked at.
    """

    findings: tuple[Finding, ...]
    kept: tuple[tuple[Finding, Reviewed], ...]
    proved: int


def proofs(
    pack: RulePack, only: Iterable[str] | None = None, *, cases: Iterable[Case] = (), jobs: int = 0
) -> Iterator[tuple[str, list[Finding]]]:
    """Rules and claims (by id) as they are proved, each with what was found of it.

    only: the ids to look at; None for all. cases: patients who may show what is else searched for, which is faster; one
    that cannot be read is left to `txselect test` to tell of. jobs: processes; 0 for one on each core.
    """
    of_rules = RuleProofs(pack, (claim.when for claim in pack.declared.claims))
    of_claims = DeclaredProofs(pack, of_rules.space, of_rules.beside)
    memory = Remembered(pack, lambda name: (of_rules if name in of_rules.rules else of_claims).rests_on(name))
    asked = everything_in(pack) if only is None else list(only)
    known = {name: found for name in asked if (found := memory.findings(name)) is not None}
    yield from known.items()
    new: dict[str, list[Finding]] = {}
    wanted = [name for name in asked if name not in known]
    if len(wanted) >= _WORTH_READING:
        of_rules.space.know(readable_patients_of(pack, cases))
    for name, found in _proved(of_rules, of_claims, wanted, jobs):
        yield name, found
        new[name] = found
    memory.keep(new)


def _proved(
    of_rules: RuleProofs, of_claims: DeclaredProofs, wanted: Sequence[str], jobs: int
) -> Iterator[tuple[str, list[Finding]]]:
    claims = [name for name in wanted if name in of_claims.ids]
    rules = {name: of_rules.are_shown(name) for name in wanted if name not in claims}
    batches: list[_Batch] = [(of_claims.of_several, tuple(claims))] if claims else []
    for shown, at_once in ((False, _AT_ONCE), (True, _SHOWN_AT_ONCE)):
        alike = (name for name, is_shown in rules.items() if is_shown is shown)
        batches += ((of_rules.of_several, names) for names in _batches(alike, at_once))
    processes = min(jobs or os.cpu_count() or 1, len(batches))
    if processes <= 1:
        for prove, names in batches:
            yield from prove(names)
        return
    # Forked, so that each process has what was compiled once, and is told numbers only.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, context, initializer=_all_batches.extend, initargs=(batches,)) as pool:
        for found in pool.map(_prove, range(len(batches))):
            yield from found


_Batch = tuple[Callable[[Sequence[str]], Iterator[tuple[str, list[Finding]]]], tuple[str, ...]]
_all_batches: list[_Batch] = []


def _prove(number: int) -> list[tuple[str, list[Finding]]]:
    prove, names = _all_batches[number]
    return list(prove(names))


def _batches(names: Iterable[str], at_once: int) -> Iterator[tuple[str, ...]]:
    rest = iter(names)
    while batch := tuple(islice(rest, at_once)):
        yield batch


def everything_in(pack: RulePack) -> list[str]:
    """The ids of all that is proved of a pack: the rules that somebody wrote, then its claims."""
    return [*pack.written, *(claim.id for claim in pack.declared.claims)]


def reviewed(pack: RulePack, found: Sequence[Finding], proved: int, *, whole: bool = True) -> Checked:
    """Findings apart from those that the pack keeps.

    whole: everything was looked at, so that what the pack keeps and nobody finds any more is a finding.
    """
    kept = [(finding, entry) for finding in found for entry in pack.declared.reviewed if _is_about(entry, finding)]
    used = {id(entry) for _, entry in kept}
    gone = {id(finding) for finding, _ in kept}
    stale = [_stale(entry) for entry in pack.declared.reviewed if whole and id(entry) not in used]
    left = [finding for finding in found if id(finding) not in gone]
    findings = sorted((*left, *stale), key=lambda finding: finding.problem)
    return Checked(tuple(findings), tuple(kept), proved)


def _is_about(entry: Reviewed, finding: Finding) -> bool:
    return (entry.code, entry.of) == (finding.code, finding.rule)


def _stale(entry: Reviewed) -> Finding:
    message = f"`reviewed` keeps {entry.code} of `{entry.of}`, and nothing of the kind is found any more"
    return Finding("TX209", entry.place, message, "remove the entry", entry.of)
