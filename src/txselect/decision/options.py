"""The options: status, reasons, evidence, what they wait for, and their rank (design, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from txselect.decision.reading import Reading
from txselect.decision.record import CautionNote, Citation, Option, Pending, Reason
from txselect.model.condition import MarkerIs, MarkerMeasures
from txselect.model.profile import Status
from txselect.model.rules import Contraindicate, Evidence, Ranking, Recommend, Rule
from txselect.program.program import OptionNodes

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
    speaking = _speaking(reading, nodes, status)
    recommending = [rule for rule in speaking if isinstance(rule.head, Recommend)]
    sources = list(dict.fromkeys(source for rule in speaking for source in rule.evidence))
    evidence = tuple(reading.pack.evidence[source] for source in sources)
    order = reading.pack.ranking
    return Option(
        therapy=nodes.therapy,
        label=reading.pack.vocabulary.therapies[nodes.therapy].label,
        agents=_agents(reading, nodes, status, {rule.id for rule in recommending}),
        status=status,
        rank=None,
        preference=_first(order, "preference", (_preference(rule) for rule in recommending)),
        evidence_level=_first(order, "evidence_level", (entry.level for entry in evidence if entry.level)),
        reasons=tuple(reason_of(reading, rule) for rule in speaking),
        evidence=tuple(map(citation, evidence)),
        pending=_pending(reading, nodes, status),
        cautions=() if status == "not_indicated" else tuple(_cautions(reading, nodes)),
        rules=tuple(rule.id for rule in speaking),
    )


def _preference(rule: Rule) -> str:
    return rule.head.preference if isinstance(rule.head, Recommend) else ""


def _speaking(reading: Reading, nodes: OptionNodes, status: Status) -> list[Rule]:
    """The rules that give the status: those that recommend, or for an excluded option those against it as well."""
    rules = reading.pack.rules
    if status == "not_indicated":
        return []
    truth = reading.truth(nodes.indicated)
    recommending = [rules[name] for name in nodes.recommending if reading.rule_truth(name) is truth]
    if status != "excluded":
        return sorted(recommending, key=lambda rule: _position(reading.pack.ranking, "preference", _preference(rule)))
    return [rules[name] for name in against(nodes) if reading.rule_truth(name)] + recommending


def against(nodes: OptionNodes) -> tuple[str, ...]:
    """The absolute contraindications of the class, then those of single agents among its regimens."""
    by_agent = (rule for regimen in nodes.regimens for rule in regimen.contraindications)
    return tuple(dict.fromkeys((*nodes.absolute, *by_agent)))


def reason_of(reading: Reading, rule: Rule) -> Reason:
    is_for = not isinstance(rule.head, Contraindicate)
    return Reason(rule.id, rule.title, rule.because, reading.rule_truth(rule.id), is_for, rule.experts_differ)


def citation(entry: Evidence) -> Citation:
    """A source as a decision cites it."""
    when = str(entry.date or entry.year or "")
    return Citation(
        entry.id, entry.kind, entry.name, when, entry.agency, entry.level, entry.nct, entry.pmid, entry.doi, entry.result
    )


def _agents(reading: Reading, nodes: OptionNodes, status: Status, rules: set[str]) -> tuple[str, ...]:
    """The regimens of the rules that speak, without those of which an agent is contraindicated."""
    if status == "not_indicated":
        return ()
    agents = reading.pack.vocabulary.agents
    return tuple(
        " + ".join(agents[agent].label for agent in regimen.agents)
        for regimen in nodes.regimens
        if not rules.isdisjoint(regimen.rules) and not (reading.truth(regimen.contraindicated) and status != "excluded")
    )


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


def _cautions(reading: Reading, nodes: OptionNodes) -> Iterable[CautionNote]:
    for name in (*nodes.relative, *nodes.cautions):
        truth = reading.rule_truth(name)
        if truth is not False:
            rule = reading.pack.rules[name]
            relative = isinstance(rule.head, Contraindicate)
            yield CautionNote(name, rule.because, "relative_contraindication" if relative else "caution", truth is True)


def ranked(options: Iterable[Option], ranking: Ranking) -> tuple[Option, ...]:
    """Options in the order of the ranking data; equals share a rank, and the next rank counts them."""
    key = ranking_key(ranking)
    ordered = sorted(options, key=lambda option: (key(option), option.label))
    result: list[Option] = []
    for position, option in enumerate(ordered, start=1):
        tied = bool(result) and key(result[-1]) == key(option)
        rank = (result[-1].rank if tied else position) if option.status in OFFERED else None
        result.append(_with_rank(option, rank))
    return tuple(result)


def _with_rank(option: Option, rank: int | None) -> Option:
    values = {name: getattr(option, name) for name in Option.__slots__}
    return Option(**(values | {"rank": rank}))


def ranking_key(ranking: Ranking) -> Callable[[Option], tuple[int, ...]]:
    """The lexicographic key that the criteria make; smaller stands first."""

    def key(option: Option) -> tuple[int, ...]:
        return tuple(_criterion(ranking, criterion.by, option) for criterion in ranking.criteria)

    return key


def _criterion(ranking: Ranking, by: str, option: Option) -> int:
    if by == "relative_contraindications":
        return sum(note.certain and note.kind == "relative_contraindication" for note in option.cautions)
    return _position(ranking, by, getattr(option, by) or "")


def _position(ranking: Ranking, by: str, value: str) -> int:
    order = next((c.order for c in ranking.criteria if c.by == by and c.order), ())
    return order.index(value) if value in order else len(order)


def _first(ranking: Ranking, by: str, values: Iterable[str]) -> str | None:
    return min(values, key=lambda value: _position(ranking, by, value), default=None)
