"""The options: status, reasons, evidence, what they wait for, and their rank (design, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from txselect.decision.reading import Reading
from txselect.decision.record import CautionKind, CautionNote, Citation, Option, Pending, Reason
from txselect.model.condition import MarkerIs, MarkerMeasures
from txselect.model.profile import Status
from txselect.model.rules import Contraindicate, Criterion, Evidence, Ranking, Recommend, Rule
from txselect.program.program import OptionNodes, Regimen

OFFERED: tuple[Status, ...] = ("recommended", "recommended_pending", "possible")


def status_of(indicated: bool | None, contraindicated: bool | None) -> Status:
    """The status for each pair of truths.

    >>> status_of(True, None), status_of(None, True), status_of(False, True)
    ('recommended_pending', 'excluded', 'not_indicated')
    """
    match indicated, contraindicated:
        case False, _:
            return "not_indicated"
        case _, True:
            return "excluded"
        case True, False:
            return "recommended"
        case True, None:
            return "recommended_pending"
        case _:
            return "possible"


def options_of(reading: Reading) -> tuple[Option, ...]:
    """Every therapy class that a rule in scope speaks of, best first, then those that are not offered."""
    return ranked([_option(reading, nodes) for nodes in reading.program.options.values()], reading.pack.ranking)


def _option(reading: Reading, nodes: OptionNodes) -> Option:
    status = status_of(reading.truth(nodes.indicated), reading.truth(nodes.contraindicated))
    entry = reading.pack.vocabulary.therapies[nodes.therapy]
    if status == "not_indicated":
        return _not_indicated(nodes.therapy, entry.label, entry.modality)
    speaking = _speaking(reading, nodes, status)
    recommending = [rule for rule in speaking if isinstance(rule.head, Recommend)]
    sources = list(dict.fromkeys(source for rule in speaking for source in rule.evidence))
    evidence = tuple(reading.pack.evidence[source] for source in sources)
    order = reading.pack.ranking
    shown = _shown(reading, nodes, status, {rule.id for rule in recommending})
    return Option(
        therapy=nodes.therapy,
        label=entry.label,
        modality=entry.modality,
        agents=tuple(_named(reading, regimen) for regimen in shown),
        status=status,
        rank=None,
        preference=_first(order, "preference", (_preference(rule) for rule in recommending)),
        evidence_level=_first(order, "evidence_level", (entry.level for entry in evidence if entry.level)),
        reasons=tuple(reason_of(reading, rule) for rule in speaking),
        evidence=tuple(map(citation, evidence)),
        pending=_pending(reading, nodes, status),
        cautions=tuple(_cautions(reading, nodes, shown)),
        rules=tuple(rule.id for rule in speaking),
    )


@lru_cache(maxsize=4096)
def _not_indicated(therapy: str, label: str, modality: str) -> Option:
    """Nothing is said of most classes for most patients, so these are kept."""
    return Option(therapy, label, modality, (), "not_indicated", None, None, None, (), (), (), (), ())


def _preference(rule: Rule) -> str:
    return rule.head.preference if isinstance(rule.head, Recommend) else ""


def _speaking(reading: Reading, nodes: OptionNodes, status: Status) -> list[Rule]:
    """The rules that give the status: those that recommend, or for an excluded option those against it as well."""
    rules = reading.pack.rules
    truth = reading.truth(nodes.indicated)
    recommending = [rules[name] for name in nodes.recommending if reading.rule_truth(name) is truth]
    if status != "excluded":
        return sorted(recommending, key=lambda rule: reading.pack.ranking.position("preference", _preference(rule)))
    return [rules[name] for name in against(nodes) if reading.rule_truth(name)] + recommending


def against(nodes: OptionNodes) -> tuple[str, ...]:
    """The absolute contraindications of the class, then those of single agents among its regimens."""
    by_agent = (rule for regimen in nodes.regimens for rule in regimen.contraindications)
    return tuple(dict.fromkeys((*nodes.absolute, *by_agent)))


def reason_of(reading: Reading, rule: Rule) -> Reason:
    """A rule as a reason for or against."""
    is_for = not isinstance(rule.head, Contraindicate)
    return Reason(rule.id, rule.title, rule.because, reading.rule_truth(rule.id), is_for, rule.experts_differ)


def citation(entry: Evidence) -> Citation:
    """A source as a decision cites it."""
    return Citation(
        id=entry.id,
        kind=entry.kind,
        name=entry.name,
        when=str(entry.date or entry.year or ""),
        agency=entry.agency,
        level=entry.level,
        nct=entry.nct,
        pmid=entry.pmid,
        doi=entry.doi,
        result=entry.result,
    )


def _shown(reading: Reading, nodes: OptionNodes, status: Status, rules: set[str]) -> list[Regimen]:
    """The regimens of the rules that speak, without those of which an agent is contraindicated."""
    return [
        regimen
        for regimen in nodes.regimens
        if not rules.isdisjoint(regimen.rules) and not (reading.truth(regimen.contraindicated) and status != "excluded")
    ]


def _named(reading: Reading, regimen: Regimen) -> str:
    return " + ".join(reading.pack.vocabulary.agents[agent].label for agent in regimen.agents)


def _pending(reading: Reading, nodes: OptionNodes, status: Status) -> tuple[Pending, ...]:
    match status:
        case "recommended_pending":
            waiting = reading.blockers(nodes.contraindicated)
        case "possible":
            indications = [(*reading.blockers(reading.program.rules[rule]),) for rule in nodes.recommending]
            nearest_first = sorted((leaves for leaves in indications if leaves), key=len)
            waiting = tuple(leaf for leaves in nearest_first for leaf in leaves)
            waiting += reading.blockers(nodes.contraindicated)
        case _:
            return ()
    return tuple(dict.fromkeys(pending_of(reading, leaf) for leaf in waiting))


def pending_of(reading: Reading, node: int) -> Pending:
    """What an unknown leaf node waits for."""
    leaf = reading.leaf(2 * node)
    markers = (leaf.marker,) if isinstance(leaf, (MarkerIs, MarkerMeasures)) else ()
    return Pending(reading.words.missing(leaf), reading.words.state_of_missing(leaf, reading.patient), markers)


def _cautions(reading: Reading, nodes: OptionNodes, shown: Sequence[Regimen]) -> Iterable[CautionNote]:
    """What concerns the class or an agent of the regimens shown.

    Where another regimen avoids the agent, a relative contraindication is only a caution.
    """
    for concern in nodes.concerns:
        truth = reading.rule_truth(concern.rule)
        concerned = [concern.agents is None or not set(concern.agents).isdisjoint(r.agents) for r in shown]
        if truth is False or (concern.agents is not None and not any(concerned)):
            continue
        rule = reading.pack.rules[concern.rule]
        relative = isinstance(rule.head, Contraindicate) and all(concerned)
        kind: CautionKind = "relative_contraindication" if relative else "caution"
        yield CautionNote(concern.rule, rule.because, kind, truth is True)


def ranked(options: Iterable[Option], ranking: Ranking) -> tuple[Option, ...]:
    """Options in the order of the ranking data; equals share a rank, and the next rank counts them.

    What is not offered has no rank and stands at the end, by label.
    """
    everything = list(options)
    offered = [option for option in everything if option.status in OFFERED]
    others = [option for option in everything if option.status not in OFFERED]
    keyed = sorted(((ranking_key(option, ranking), option.label, option) for option in offered), key=lambda k: k[:2])
    result: list[Option] = []
    rank, last = 0, None
    for position, (key, _, option) in enumerate(keyed, start=1):
        rank, last = (rank if key == last else position), key
        result.append(replace(option, rank=rank))
    return (*result, *sorted(others, key=lambda option: (option.status, option.label)))


def ranking_key(option: Option, ranking: Ranking) -> tuple[int, ...]:
    """The lexicographic key that the criteria make; smaller stands first."""
    return tuple(_criterion(ranking, criterion, option) for criterion in ranking.criteria)


def _criterion(ranking: Ranking, criterion: Criterion, option: Option) -> int:
    against = sum(note.certain and note.kind == "relative_contraindication" for note in option.cautions)
    if criterion.by == "relative_contraindications":
        return against
    value = getattr(option, criterion.by)
    if criterion.last:
        return int(value in criterion.last)
    return ranking.position(criterion.by, value) + (criterion.lowered_by_contraindications and against > 0)


def _first(ranking: Ranking, by: str, values: Iterable[str]) -> str | None:
    return min(values, key=lambda value: ranking.position(by, value), default=None)
