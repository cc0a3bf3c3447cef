"""Rules and therapy classes as text, for people who look around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from txselect.decision.options import citation
from txselect.decision.wording import UNLIMITED, Wording, counted, joined, spaced
from txselect.explain.lines import wrapped
from txselect.explain.why import cited
from txselect.model.condition import All, AnyOf, AtLeast, Condition, FactHolds, Not
from txselect.model.rules import (
    Caution,
    Conflict,
    Contraindicate,
    Derive,
    Evidence,
    Head,
    Intend,
    Recommend,
    Request,
    Rule,
    RulePack,
)


def therapies_text(pack: RulePack) -> str:
    """Every therapy class that a rule recommends, with label, agents and number of rules."""
    lines: list[str] = []
    for therapy in sorted(pack.rules_for):
        entry = pack.vocabulary.therapies[therapy]
        count = len(pack.rules_for[therapy])
        lines.append(f"{therapy}  ({count} rule{'s' if count > 1 else ''})")
        lines += wrapped(entry.label, "    ")
        agents = pack.vocabulary.agents_of.get(therapy, ())
        if agents:
            lines += wrapped(joined((pack.vocabulary.agents[agent].label for agent in agents), "and"), "    agents: ")
    return "\n".join(lines)


def evidence_text(sources: Sequence[Evidence], pack: RulePack) -> str:
    """Sources with level, identifiers, what they were checked against and how many rules cite them; then the count."""
    uses = Counter(source for rule in pack.rules.values() for source in rule.evidence)
    lines: list[str] = []
    for entry in sources:
        lines += [f"{entry.id}  ({counted(uses[entry.id], 'rule')})", *wrapped(cited(citation(entry)), "    ")]
        lines += wrapped(f"checked against {entry.checked}" if entry.checked else "not checked", "    ")
    checked = sum(entry.checked is not None for entry in pack.evidence.values())
    lines.append(f"{checked} of {counted(len(pack.evidence), 'source')} checked; knowledge of {pack.date}")
    return "\n".join(lines)


def rules_text(rules: Iterable[Rule]) -> str:
    """One line a rule: what it does, its id and title."""
    return "\n".join(f"{_kind(rule.head):<14} {rule.id}  {rule.title}" for rule in rules)


def _kind(head: Head) -> str:
    names = {Derive: "derive", Recommend: "recommend", Contraindicate: "contraindicate", Caution: "caution"}
    names |= {Request: "request", Conflict: "conflict", Intend: "intent"}
    return names[type(head)]


def rule_text(pack: RulePack, rule: Rule) -> str:
    """A rule with scope, conditions, evidence and place."""
    words = Wording(pack, room=UNLIMITED)
    lines = [f"{rule.id}", *wrapped(rule.title, "  "), f"  {rule.place}", f"  {_head_text(pack, rule.head)}"]
    if rule.applies_to:
        lines += wrapped(joined(pack.vocabulary.cancers[code].label for code in rule.applies_to), "  applies to: ")
    if rule.jurisdiction:
        lines.append(f"  jurisdiction: {joined(rule.jurisdiction)}")
    if rule.review_by:
        lines.append(f"  to be reviewed by {rule.review_by}")
    if rule.valid_from or rule.valid_until:
        lines.append(f"  valid: from {rule.valid_from or '-'} until {rule.valid_until or '-'}")
    lines += ["  when", *_condition(rule.when, words, 2)]
    if rule.unless:
        lines += ["  unless", *(line for part in rule.unless for line in _condition(part, words, 2))]
    lines += wrapped(rule.because, "  because: ")
    if rule.experts_differ:
        lines += wrapped(rule.experts_differ, "  experts differ: ")
    lines += [line for source in rule.evidence for line in wrapped(cited(citation(pack.evidence[source])), "  · ")]
    return "\n".join(lines)


def _head_text(pack: RulePack, head: Head) -> str:
    vocabulary = pack.vocabulary
    match head:
        case Derive(fact):
            return f"derives: {vocabulary.facts[fact].label}"
        case Recommend():
            again = ", also after it failed" if head.rechallenge else ""
            return f"recommends: {vocabulary.therapies[head.therapy].label} ({head.preference}{again})"
        case Contraindicate():
            names = joined((vocabulary.therapy_label(name) for name in head.therapies), "and")
            return f"contraindicates ({head.strength}, {spaced(head.reason)}): {names}"
        case Caution(therapies):
            names = joined((vocabulary.therapy_label(name) for name in therapies), "and")
            return f"caution about: {names}" if therapies else "caution about the case"
        case Request(tests):
            return f"requests: {joined((vocabulary.tests[test].label for test in tests), 'and')}"
        case Conflict():
            return "finds contradictory data"
        case Intend(intent):
            return f"intent: {spaced(intent)}"


def _condition(condition: Condition, words: Wording, depth: int) -> Iterator[str]:
    indent = "  " * depth
    match condition:
        case All(parts):
            yield f"{indent}all of"
        case AnyOf(parts):
            yield f"{indent}one of"
        case AtLeast(count, parts):
            yield f"{indent}at least {count} of"
        case Not(part):
            yield f"{indent}not"
            parts = (part,)
        case FactHolds(fact):
            yield f"{indent}{words.vocabulary.facts[fact].label}"
            return
        case _:
            yield f"{indent}{words.condition(condition)}"
            return
    for part in parts:
        yield from _condition(part, words, depth + 1)
