"""Why an option has its status: the rules that speak for it, each with its proof and evidence."""

from __future__ import annotations

from txselect.decision.options import citation
from txselect.decision.reading import Reading
from txselect.decision.record import CautionNote, Citation, Decision, Option
from txselect.explain.lines import Explanation, Line
from txselect.explain.proof import Tree
from txselect.explain.text import STATUS_WORDS, by_state, capitalised, following
from txselect.explain.therapy import known_therapy
from txselect.explain.why_not import experts_differ, why_not


def why(reading: Reading, decision: Decision, therapy: str) -> Explanation:
    """The proof of an option's status. For one that is not offered this is `why_not`.

    Raises InputError for a therapy class that no rule knows.
    """
    name = known_therapy(reading.pack, therapy)
    option = decision.option(name)
    if option is None or not option.offered:
        return why_not(reading, decision, name)
    tree = Tree(reading)
    lines = [_rule(tree, reading, rule) for rule in option.rules]
    lines += _what_is_open(option)
    lines += [_caution(note) for note in option.cautions]
    lines += _agents(option)
    lines += _standing(option, decision)
    answer = f"{capitalised(option.label)} is {STATUS_WORDS[option.status]}{_ranked(option, decision)}"
    return Explanation(name, f"Why {option.label}?", answer, tuple(lines))


def _ranked(option: Option, decision: Decision) -> str:
    tied = sum(other.rank == option.rank for other in decision.offered)
    shared = f", shared with {tied - 1} other{'s' if tied > 2 else ''}" if tied > 1 else ""
    return f" (rank {option.rank} of {len(decision.offered)}{shared})"


def _rule(tree: Tree, reading: Reading, name: str) -> Line:
    rule = reading.pack.rules[name]
    reference = reading.program.rules[name]
    parts = list(tree.proof(reference) if reading.truth(reference) else tree.examined(reference))
    parts += [Line("note", cited(citation(reading.pack.evidence[source]))) for source in rule.evidence]
    parts += experts_differ(rule)
    return Line(tree.mark(reference), rule.title, found=rule.because, rule=name, parts=tuple(parts))


def _what_is_open(option: Option) -> list[Line]:
    return [Line("unknown", f"to be settled: {pending.what}", pending.state) for pending in option.pending]


def _caution(note: CautionNote) -> Line:
    if note.certain:
        return Line("note", f"caution: {note.text}", rule=note.rule)
    return Line("unknown", f"could raise a caution ({'; '.join(by_state(note.waits_for))})", note.text, rule=note.rule)


def _agents(option: Option) -> list[Line]:
    return [Line("note", f"agents: {'; '.join(option.agents)}")] if option.agents else []


def _standing(option: Option, decision: Decision) -> list[Line]:
    """Why it stands before the option that follows it in the list."""
    if option.before_next is None:
        return []
    word, other = following(option, decision)
    return [Line("note", f"{word} {other.label}", option.before_next)]


def cited(source: Citation) -> str:
    """A source on one line, with the identifiers that were checked.

    >>> cited(Citation("x", "approval", "drug for disease", "2025-03-28", "FDA", None, None, None, None, None))
    'approval: drug for disease (FDA, 2025-03-28)'
    """
    details = ", ".join(detail for detail in (source.agency, source.when, *_identifiers(source)) if detail)
    text = f"{source.kind.replace('_', ' ')}: {source.name}{f' ({details})' if details else ''}"
    return f"{text}: {source.result}" if source.result else text


def _identifiers(source: Citation) -> list[str]:
    pairs = (("", source.nct), ("PMID ", source.pmid), ("doi ", source.doi))
    return [f"{prefix}{identifier}" for prefix, identifier in pairs if identifier]
