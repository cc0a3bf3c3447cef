"""Rules without a source, and rules whose time has passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads
from txselect.decision.wording import counted
from txselect.errors import Place
from txselect.model.rules import Caution, Contraindicate, Rule


def upkeep(reads: Reads, day: date) -> Iterator[Finding]:
    """Missing evidence (TX107), review dates that have passed (TX108) and rules never valid again (TX109)."""
    for rule in reads.rules:
        yield from _without_evidence(rule)
        yield from _past_its_review(rule, day)
        yield from _no_longer_valid(rule, day)
    yield from _files_past_their_review(reads, day)


def _without_evidence(rule: Rule) -> Iterator[Finding]:
    if isinstance(rule.head, (Contraindicate, Caution)) and not rule.evidence:
        kind = "contraindicates" if isinstance(rule.head, Contraindicate) else "warns"
        message = f"rule `{rule.id}` {kind} without evidence"
        yield Finding("TX107", rule.place, message, "name a source of the `evidence` lists", rule.id)


def _past_its_review(rule: Rule, day: date) -> Iterator[Finding]:
    if _is_late(rule, day) and _has_its_own_day(rule):
        message = f"rule `{rule.id}` was to be looked at again by {rule.review_by}"
        yield Finding("TX108", rule.place.at("review_by"), message, "go through it, then move `review_by`", rule.id)


def _files_past_their_review(reads: Reads, day: date) -> Iterator[Finding]:
    """One finding for each file whose own date has passed, however many rules it has."""
    late = [rule for rule in reads.rules if _is_late(rule, day) and not _has_its_own_day(rule)]
    for (file, review_by), count in Counter((rule.place.file, rule.review_by) for rule in late).items():
        message = f"what this file says ({counted(count, 'rule')}) was to be looked at again by {review_by}"
        yield Finding("TX108", Place(file), message, "go through the file, then move its `review_by`")


def _is_late(rule: Rule, day: date) -> bool:
    return rule.review_by is not None and rule.review_by < day


def _has_its_own_day(rule: Rule) -> bool:
    return "review_by" in rule.place.keys


def _no_longer_valid(rule: Rule, day: date) -> Iterator[Finding]:
    if rule.valid_until is not None and rule.valid_until <= day:
        message = f"rule `{rule.id}` has not been valid since {rule.valid_until}"
        hint = "take it out, or move the end of `valid` if it still holds"
        yield Finding("TX109", rule.place.at("valid"), message, hint, rule.id)
