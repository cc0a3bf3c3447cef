"""The report of a case for a tumour board: the case, the decision with its evidence, the reasoning, all on one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from txselect.decision.reading import Reading
from txselect.decision.record import Assumption, Citation, Decision, Option
from txselect.decision.wording import counted, first_few, joined, spaced
from txselect.explain.document import (
    Block,
    Document,
    Entry,
    Facts,
    Figure,
    Items,
    Link,
    Paragraph,
    Section,
    Steps,
    Table,
)
from txselect.explain.lines import Explanation
from txselect.explain.picture import Sheet, sheets
from txselect.explain.profile import profile_blocks
from txselect.explain.text import (
    FLAG_TITLES,
    capitalised,
    following,
    option_statements,
    rank_text,
    situation,
    standing_text,
)
from txselect.explain.why import cited
from txselect.model.profile import Case, Source

_REGISTERS = (
    ("nct", "", "https://clinicaltrials.gov/study/"),
    ("pmid", "PMID ", "https://pubmed.ncbi.nlm.nih.gov/"),
    ("doi", "doi ", "https://doi.org/"),
)
_SHEETS = 4
_BEFORE_ALL = ("out_of_scope", "data_conflict", "unrecognised_finding")
_SIGNS = (
    "✓ holds; ? is not known yet; ✗ speaks against an option, or the option is excluded. "
    "What is open waits for some or all of what leads to it. Contraindications that were ruled out are left away."
)
_CAPTION = (
    "From left to right: what the profile says, what follows from it, the rules, the options. "
    "Dashed: not known yet. Crossed: excluded. A text that is too long for its box ends in “…”."
)


def report(case: Case, reading: Reading, decision: Decision) -> Document:
    """Everything about a case that a board needs on paper. `reading` and `decision` are those of its profile."""
    about = (
        Section("Case", tuple(_case(case))),
        Section("Profile", profile_blocks(case.profile, reading.pack.vocabulary)),
    )
    return _document(case.title, decision, about, tuple(_reasoning(reading, decision)))


def decision_document(decision: Decision, title: str = "") -> Document:
    """A decision by itself, under the title of its case if that is known."""
    return _document(title or capitalised(decision.cancer), decision)


def explanation_document(explanation: Explanation) -> Document:
    """An answer to a question about one option."""
    answer = f"{capitalised(explanation.answer.removesuffix('.'))}."
    return Document(explanation.title, (Paragraph(answer), Steps(explanation.lines)))


def _document(title: str, decision: Decision, about: Sequence[Block] = (), reasoning: Sequence[Block] = ()) -> Document:
    parts = (
        Paragraph(situation(decision)),
        Paragraph(f"{capitalised(decision.conclusion)}.", strong=True),
        *about,
        *_decided(decision),
        _made_with(decision),
        *reasoning,
    )
    return Document(title, parts, decision.disclaimer)


def _case(case: Case) -> Iterator[Block]:
    yield Paragraph(case.narrative)
    if case.source:
        yield Facts(tuple(_source(case.source)))


def _source(source: Source) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    yield "source", _entries([f"{spaced(source.kind)}{': ' if source.citation else ''}{source.citation or ''}"])
    if source.given:
        yield "what was given there", _entries([source.given])
    if source.differs:
        yield "what the rules see differently", _entries([source.differs])


def _entries(texts: Iterable[str]) -> tuple[Entry, ...]:
    return tuple(map(Entry, texts))


# the decision


def _decided(decision: Decision) -> Iterator[Block]:
    yield from _flags(decision, _BEFORE_ALL)
    if decision.intent_reasons:
        reasons = _entries(reason.because for reason in decision.intent_reasons)
        yield Section(f"Intent: {spaced(decision.intent or '')}", (Items(reasons),), printed="whole")
    if decision.offered:
        options = tuple(_option(option, decision) for option in decision.offered)
        yield Section("Options", (_overview(decision), *options))
    excluded = [option for option in decision.options if option.status == "excluded"]
    if excluded:
        yield Section("Excluded", tuple(map(_excluded, excluded)))
    yield from _flags(decision, [kind for kind in FLAG_TITLES if kind not in _BEFORE_ALL])
    yield from _list("Assumed", (_assumed(assumption, decision) for assumption in decision.assumptions))
    others = [option.label for option in decision.options if option.status == "not_indicated"]
    if others:
        yield Section("Not indicated", (Paragraph(f"{capitalised(joined(others, 'and'))}."),))


def _flags(decision: Decision, kinds: Iterable[str]) -> Iterator[Section]:
    for kind in kinds:
        yield from _list(FLAG_TITLES[kind], (capitalised(flag.text) for flag in decision.flags if flag.kind == kind))


def _list(title: str, texts: Iterable[str]) -> Iterator[Section]:
    entries = _entries(texts)
    if entries:
        yield Section(title, (Items(entries),))


def _overview(decision: Decision) -> Table:
    rows = (
        (rank_text(option, decision), option.label, standing_text(option), "; ".join(option.agents))
        for option in decision.offered
    )
    return Table(("rank", "therapy class", "status", "agents"), tuple(rows))


def _option(option: Option, decision: Decision) -> Section:
    statements = groupby(option_statements(option), lambda statement: statement[0])
    said = [(name, _entries(text for _, text in same)) for name, same in statements]
    if option.evidence:
        said.append(("evidence", tuple(map(_evidence, option.evidence))))
    if option.before_next:
        word, other = following(option, decision)
        said.append((f"{word} the next", _entries([f"{other.label}: {option.before_next}"])))
    title = f"{rank_text(option, decision)} {option.label}: {standing_text(option)}"
    return Section(title, (Facts(tuple(said)),), printed="whole")


def _excluded(option: Option) -> Section:
    against = [reason for reason in option.reasons if not reason.is_for]
    said = [("why", _entries(reason.because for reason in against))]
    if doubts := _entries(reason.experts_differ for reason in against if reason.experts_differ):
        said.append(("experts differ", doubts))
    if option.agents:
        said.append(("agents", _entries(["; ".join(option.agents)])))
    if option.evidence:
        said.append(("evidence", tuple(map(_evidence, option.evidence))))
    return Section(option.label, (Facts(tuple(said)),), printed="whole")


def _evidence(source: Citation) -> Entry:
    """A source, with its identifiers as links."""
    links = [
        Link(f"{prefix}{identifier}", f"{register}{identifier}")
        for name, prefix, register in _REGISTERS
        if (identifier := getattr(source, name))
    ]
    return Entry(cited(replace(source, nct=None, pmid=None, doi=None)), tuple(links))


def _assumed(assumption: Assumption, decision: Decision) -> str:
    labels = [option.label for option in decision.options if option.therapy in assumption.options]
    concerns = f" This concerns {joined(first_few(labels, 3), 'and')}." if labels else ""
    return f"{capitalised(assumption.text)}.{concerns}"


# the reasoning


def _reasoning(reading: Reading, decision: Decision) -> Iterator[Section]:
    """Drawings of what is settled first; what has no room is named."""
    wanted = [
        *(option for option in decision.offered if option.status != "possible"),
        *(option for option in decision.options if option.status == "excluded"),
        *(option for option in decision.offered if option.status == "possible"),
    ]
    if wanted:
        drawn = sheets(reading, wanted, _SHEETS)
        shown = {option.therapy for sheet in drawn for option in sheet.options}
        left_out = [option.label for option in wanted if option.therapy not in shown]
        figures: list[Block] = [_figure(sheet, "" if number else _CAPTION) for number, sheet in enumerate(drawn)]
        parts = (Paragraph(_SIGNS), *figures, *map(Paragraph, _not_drawn(left_out)))
        yield Section("Reasoning", parts, printed="anew")


def _figure(sheet: Sheet, caption: str) -> Figure:
    return Figure(sheet.svg(), caption, tuple(sheet.graph.line(option.therapy) for option in sheet.options))


def _not_drawn(labels: Sequence[str]) -> Iterator[str]:
    if labels:
        count = f"{counted(len(labels), 'option is', 'options are')} left out here for want of room"
        yield f"{count}: {joined(labels, 'and')}. The command “txselect why” shows the reasoning of each."


def _made_with(decision: Decision) -> Section:
    rules, engine, derivation = decision.rule_set, decision.engine, decision.derivation
    stands_in = f" (in place of {engine.stands_in_for})" if engine.stands_in_for else ""
    said = {
        "rule set": f"{rules.name} {rules.version} of {rules.date}",
        "rule set sha256": rules.sha256,
        "jurisdiction": decision.jurisdiction or "all",
        "as of": str(decision.as_of),
        "profile sha256": decision.profile_sha256,
        "engine": f"{engine.name} {engine.version}{stands_in}",
        "certified": f"{counted(len(derivation.given), 'finding')} and "
        f"{counted(len(derivation.steps), 'conclusion')}, each checked",
        "txselect": decision.txselect,
    }
    return Section("Made with", (Facts(tuple((name, (Entry(text),)) for name, text in said.items())),), printed="whole")
