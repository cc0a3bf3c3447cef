"""What a rule set knows about a cancer, read off its rules: situations with their options, and what speaks against."""

from __future__ import annotations

from collections.abc import Iterable

from txselect.decision.wording import spaced
from txselect.explain.document import Document, Paragraph, Section, Table
from txselect.model.rules import Caution, Contraindicate, Recommend, Rule, RulePack

_ORDER = ("preferred", "alternative", "selected", "investigational")


def knowledge_document(pack: RulePack, cancer: str) -> Document:
    """The rules written for a cancer (by its code) and its kinds, without those that hold for every cancer."""
    label = pack.vocabulary.cancers[cancer].label
    about = f"Rule set {pack.name} {pack.version}, knowledge of {pack.date}; what holds for every cancer comes on top."
    return Document(f"What the rules know about {label}", (Paragraph(about), *knowledge_sections(pack, cancer)))


def knowledge_sections(pack: RulePack, cancer: str) -> tuple[Section, ...]:
    """What the rules for a cancer recommend and what they speak against, a table each; one without rows is left out."""
    rules = tuple(_written_for(pack, cancer))
    tables = (
        ("Situations and options", _options(pack, rules)),
        ("Against and with care", _against(pack, rules)),
    )
    return tuple(Section(title, (table,)) for title, table in tables if table.rows)


def _written_for(pack: RulePack, cancer: str) -> Iterable[Rule]:
    kinds = set(pack.vocabulary.cancer_kinds.below(cancer))
    return (rule for rule in pack.rules.values() if not kinds.isdisjoint(rule.applies_to))


def _options(pack: RulePack, rules: Iterable[Rule]) -> Table:
    """By therapy class in the order in which the rules first name it, the stronger preferences first."""
    by_therapy: dict[str, list[tuple[Rule, Recommend]]] = {}
    for rule in rules:
        if isinstance(rule.head, Recommend):
            by_therapy.setdefault(rule.head.therapy, []).append((rule, rule.head))
    rows = [
        (
            pack.vocabulary.therapies[therapy].label,
            rule.title,
            head.preference,
            ", ".join(rule.jurisdiction),
            _cited(pack, rule),
        )
        for therapy, found in by_therapy.items()
        for rule, head in sorted(found, key=lambda pair: _ORDER.index(pair[1].preference))
    ]
    return Table(("therapy class", "when", "preference", "only", "sources"), tuple(rows))


def _against(pack: RulePack, rules: Iterable[Rule]) -> Table:
    rows = []
    for rule in rules:
        match rule.head:
            case Contraindicate(therapies, strength, reason):
                rows.append((rule.title, _named(pack, therapies), f"{strength}: {spaced(reason)}", _cited(pack, rule)))
            case Caution(therapies):
                rows.append((rule.title, _named(pack, therapies) or "the case", "caution", _cited(pack, rule)))
            case _:
                pass
    return Table(("what", "about", "how", "sources"), tuple(rows))


def _named(pack: RulePack, therapies: Iterable[str]) -> str:
    return ", ".join(map(pack.vocabulary.therapy_label, therapies))


def _cited(pack: RulePack, rule: Rule) -> str:
    entries = (pack.evidence[source] for source in rule.evidence)
    return "; ".join(f"{entry.name} ({entry.date.year if entry.date else entry.year or 'n.d.'})" for entry in entries)
