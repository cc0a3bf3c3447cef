"""Rules that say the same as another, and rules that cannot be told apart by their titles."""

from __future__ import annotations

from collections.abc import Iterator

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads
from txselect.model.rules import Rule
from txselect.model.vocabulary import Hierarchy


def twins(reads: Reads) -> Iterator[Finding]:
    """Two rules with the same head and conditions (TX113), and one title for two rules that can meet (TX112)."""
    same: dict[object, Rule] = {}
    titled: dict[str, list[Rule]] = {}
    for rule in reads.rules:
        first = same.setdefault(_said(rule), rule)
        if first is not rule:
            message = f"rule `{rule.id}` has the head and the conditions of `{first.id}`"
            hint = f"keep one of them, with the evidence of both; the first stands at {first.place}"
            yield Finding("TX113", rule.place, message, hint, rule.id)
        others = titled.setdefault(rule.title.casefold(), [])
        yield from _same_title(rule, [other for other in others if other is not first], reads)
        others.append(rule)


def _said(rule: Rule) -> object:
    """All that decides whether and what a rule says, but not why."""
    scope = (rule.applies_to, rule.jurisdiction, rule.valid_from, rule.valid_until)
    return rule.head, rule.when, rule.unless, scope


def _same_title(rule: Rule, others: list[Rule], reads: Reads) -> Iterator[Finding]:
    kinds = reads.vocabulary.cancer_kinds
    for other in others:
        if type(other.head) is type(rule.head) and _can_meet(rule, other, kinds):
            message = f"`{other.id}` has the title `{rule.title}` too, so a reader cannot tell the two apart"
            hint = f"say in the title what differs; the first stands at {other.place.of_key('title')}"
            yield Finding("TX112", rule.place.at("title"), message, hint, rule.id)
            return


def _can_meet(rule: Rule, other: Rule, kinds: Hierarchy) -> bool:
    """Whether some cancer is in the scope of both, and some agency or none."""
    cancers = not (rule.applies_to and other.applies_to) or any(
        kinds.related(code).intersection(other.applies_to) for code in rule.applies_to
    )
    agencies = not (rule.jurisdiction and other.jurisdiction) or bool(set(rule.jurisdiction) & set(other.jurisdiction))
    return cancers and agencies
