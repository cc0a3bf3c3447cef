"""A decision as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from txselect.decision.record import Citation, Decision, Option, Pending
from txselect.decision.wording import spaced
from txselect.explain.lines import WIDTH, wrapped

STATUS_WORDS = {
    "recommended": "recommended",
    "recommended_pending": "recommended, pending a check",
    "possible": "possible, pending information",
    "excluded": "excluded",
    "not_indicated": "not indicated",
}
FLAG_TITLES = {
    "out_of_scope": "Out of scope",
    "data_conflict": "Contradictions in the data",
    "unrecognised_finding": "Not recognised",
    "test_needed": "Tests to do",
    "insufficient_data": "Information to get",
    "caution": "Cautions",
}


def decision_text(decision: Decision, title: str = "", width: int = WIDTH) -> str:
    """The whole decision: options best first, what is excluded, missing, contradictory and assumed."""
    blocks = [
        list(_head(decision, title, width)),
        *(list(_option(option, decision, width)) for option in decision.offered),
        list(_excluded(decision, width)),
        *(list(block) for block in _flags(decision, width)),
        list(_assumed(decision, width)),
        list(_foot(decision, width)),
    ]
    return "\n".join("\n".join(block) + "\n" for block in blocks if block)


def _head(decision: Decision, title: str, width: int) -> Iterator[str]:
    if title:
        yield from wrapped(title, width=width)
    yield from wrapped(situation(decision), width=width)
    yield from wrapped(f"{capitalised(decision.conclusion)}.", width=width)


def situation(decision: Decision) -> str:
    """What is decided about, as of when, and to what end."""
    intent = f" Intent: {spaced(decision.intent)}." if decision.intent else ""
    return f"{capitalised(decision.cancer)}, as of {decision.as_of}.{intent}"


def following(option: Option, decision: Decision) -> tuple[str, Option]:
    """How an option stands to the one that follows it, and that; only the last has none."""
    other = decision.offered[decision.offered.index(option) + 1]
    return "tied with" if other.rank == option.rank else "stands before", other


def rank_text(option: Option, decision: Decision) -> str:
    """The rank, with `=` where it is shared."""
    shared = sum(other.rank == option.rank for other in decision.offered) > 1
    return f"{option.rank}{'=' if shared else ''}"


def _option(option: Option, decision: Decision, width: int) -> Iterator[str]:
    rank = rank_text(option, decision)
    yield from wrapped(f"{option.label}: {standing_text(option)}", f"{rank:>3}  ", width)
    for name, text in option_details(option):
        yield from wrapped(text, f"     {name}: ", width)


def standing_text(option: Option) -> str:
    """Status and preference, and whether a relative contraindication costs it a step."""
    parts = [STATUS_WORDS[option.status], option.preference or ""]
    if any(note.certain and note.kind == "relative_contraindication" for note in option.cautions):
        parts.append("with reason for care")
    return ", ".join(part for part in parts if part)


def option_details(option: Option) -> Iterator[tuple[str, str]]:
    """What is said of an option, as pairs of a heading and a text."""
    yield from option_statements(option)
    if option.evidence:
        yield "evidence", "; ".join(map(short_citation, option.evidence))


def option_statements(option: Option) -> Iterator[tuple[str, str]]:
    """What is said of an option, without its sources."""
    if option.agents:
        yield "agents", "; ".join(option.agents)
    for reason in option.reasons:
        yield "why" if reason.holds else "why, once settled", reason.because
        if reason.experts_differ:
            yield "experts differ", reason.experts_differ
    for state in by_state(option.pending):
        yield "pending", state
    for note in option.cautions:
        if note.certain:
            yield "caution", note.text
    unchecked = dict.fromkeys(pending for note in option.cautions for pending in note.waits_for)
    if unchecked and option.status == "possible":
        yield "cautions to check once it is settled", str(len(unchecked))
    else:
        for state in by_state(unchecked):
            yield "to check for cautions", state


def by_state(pending: Iterable[Pending]) -> list[str]:
    """What is missing, grouped by how far it is known.

    >>> by_state([Pending("BRCA2", "not tested"), Pending("stage", "not stated"), Pending("MSI", "not tested")])
    ['not tested: BRCA2; MSI', 'not stated: stage']
    """
    grouped: dict[str, list[str]] = {}
    for each in pending:
        grouped.setdefault(each.state, []).append(each.what)
    return [f"{state}: {'; '.join(whats)}" for state, whats in grouped.items()]


def short_citation(source: Citation) -> str:
    """A source in a few words.

    >>> short_citation(Citation("x", "trial", "VISION", "2021", None, "phase_3", "NCT03511664", None, None, None))
    'VISION (2021, NCT03511664)'
    """
    identifiers = (source.nct, f"PMID {source.pmid}" if source.pmid and not source.nct else None)
    details = ", ".join(part for part in (source.agency, source.when, *identifiers) if part)
    return f"{source.name} ({details})" if details else source.name


def _excluded(decision: Decision, width: int) -> Iterator[str]:
    excluded = [option for option in decision.options if option.status == "excluded"]
    if excluded:
        yield "Excluded"
    for option in excluded:
        yield from wrapped(f"{option.label}: {exclusion(option)}", "  ✗ ", width)


def exclusion(option: Option) -> str:
    """Why an excluded option is excluded, in the words of the rules that exclude it."""
    return " ".join(reason.because for reason in option.reasons if not reason.is_for)


def _flags(decision: Decision, width: int) -> Iterator[Iterable[str]]:
    for kind, title in FLAG_TITLES.items():
        flags = [flag for flag in decision.flags if flag.kind == kind]
        if flags:
            yield (title, *(line for flag in flags for line in wrapped(capitalised(flag.text), "  · ", width)))


def capitalised(text: str) -> str:
    """With a capital first letter, the rest as it is.

    >>> capitalised("prior therapy with an ARPI")
    'Prior therapy with an ARPI'
    """
    return f"{text[:1].upper()}{text[1:]}"


def _assumed(decision: Decision, width: int) -> Iterator[str]:
    if decision.assumptions:
        yield "Assumed"
    for assumption in decision.assumptions:
        yield from wrapped(f"{capitalised(assumption.text)}.", "  · ", width)


def _foot(decision: Decision, width: int) -> Iterator[str]:
    yield from wrapped(made_with(decision), width=width)
    yield from wrapped(decision.disclaimer, width=width)


def made_with(decision: Decision) -> str:
    """What the decision was made with, enough to make it again."""
    rules, engine = decision.rule_set, decision.engine
    return (
        f"Rule set {rules.name} {rules.version} of {rules.date} (sha256 {rules.sha256[:12]}), "
        f"engine {engine.name} {engine.version}, certified; txselect {decision.txselect}."
    )
