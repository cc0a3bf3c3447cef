"""The options: status, reasons, evidence, what they wait for, and their rank (design, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from txselect.decision.reading import Reading
from txselect.decision.record import CautionKind, CautionNote, Citation, Option, Pending, Reason
from txselect.decision.wording import joined
from txselect.model.profile import Status
from txselect.model.rules import Contraindicate, Criterion, Evidence, Recommend, Rule, RulePack
from txselect.program.program import OptionNodes, Program, Regimen


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
    weighed: list[Weighed] = []
    others: list[Option] = []
    for nodes in reading.program.options.values():
        status = status_of(reading.truth(nodes.indicated), reading.truth(nodes.contraindicated))
        if status == "not_indicated":
            entry = reading.pack.vocabulary.therapies[nodes.therapy]
            others.append(_not_indicated(nodes.therapy, entry.label, entry.modality))
        elif status == "excluded":
            others.append(Weighed(reading, nodes, status).option(None))
        else:
            weighed.append(Weighed(reading, nodes, status))
    others.sort(key=lambda option: (option.status, option.label))
    return (*_ranked(weighed), *others)


def _ranked(weighed: list[Weighed]) -> Iterator[Option]:
    """In the order of the ranking data; equals share a rank, and the next rank counts them."""
    ordered = sorted(weighed, key=lambda option: (option.key, option.label))
    rank = 0
    for position, option in enumerate(ordered):
        tied = position > 0 and ordered[position - 1].key == option.key
        rank = rank if tied else position + 1
        following = ordered[position + 1] if position + 1 < len(ordered) else None
        yield option.option(rank, _stands_before(option, following) if following else None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an option stands by one criterion of the ranking: at a smaller position first.

    counts: whether the criterion counts for an option of this status.
    value: what the criterion looks at; None where nothing is known of it.
    lowered: whether a relative contraindication costs it a step.
    """

    criterion: Criterion
    position: int
    counts: bool
    value: str | int | None
    lowered: bool


def standings_of(reading: Reading, therapy: str) -> tuple[Standing, ...]:
    """Where a therapy class that is offered stands by each criterion; compared in their order, they give the rank."""
    nodes = reading.program.options[therapy]
    return Weighed(
        reading, nodes, status_of(reading.truth(nodes.indicated), reading.truth(nodes.contraindicated))
    ).standings()


def _stands_before(option: Weighed, following: Weighed) -> str:
    """The reason of the first criterion in which the two differ, or of their tie."""
    ranking = option.reading.pack.ranking
    criteria = zip(ranking.criteria, option.key, following.key, strict=True)
    return next((criterion.because for criterion, mine, other in criteria if mine != other), ranking.ties.because)


@lru_cache(maxsize=4096)
def _not_indicated(therapy: str, label: str, modality: str) -> Option:
    """Nothing is said of most classes for most patients, so these are kept."""
    return Option(therapy, label, modality, (), "not_indicated", None, None, None, None, (), (), (), (), ())


class Truths(Protocol):
    """What weighing an option asks for; a `Reading` answers it for one patient."""

    pack: RulePack
    program: Program

    def truth(self, reference: int | None) -> bool | None: ...

    def rule_truth(self, rule: str) -> bool | None: ...

    def blockers(self, reference: int | None) -> tuple[int, ...]: ...

    def pending(self, node: int) -> Pending: ...


class Weighed:
    """A therapy class with all that its rank depends on; the option is made once the rank is known."""

    def __init__(self, reading: Truths, nodes: OptionNodes, status: Status) -> None:
        self.reading = reading
        self.nodes = nodes
        self.status = status
        entry = reading.pack.vocabulary.therapies[nodes.therapy]
        self.label = entry.label
        self.modality = entry.modality
        self.rules = _speaking(reading, nodes, status)
        recommending = [rule for rule in self.rules if isinstance(rule.head, Recommend)]
        self.evidence = [
            reading.pack.evidence[source] for source in dict.fromkeys(s for rule in self.rules for s in rule.evidence)
        ]
        self.specificity = "this_cancer" if any(rule.applies_to for rule in recommending) else "any_cancer"
        self.preference = self._best("preference", map(_preference, recommending))
        self.evidence_level = self._best("evidence_level", (entry.level for entry in self.evidence if entry.level))
        self.shown = _shown(reading, nodes, status, {rule.id for rule in recommending})
        self.cautions = tuple(_cautions(reading, nodes, self.shown))
        if status != "excluded":
            self.cautions += tuple(_about_agents(reading, nodes, {rule.id for rule in recommending}))
        self.against = sum(note.certain and note.kind == "relative_contraindication" for note in self.cautions)
        self.key = tuple(map(self._position, reading.pack.ranking.criteria))
        """The lexicographic key that the ranking's criteria make; smaller stands first."""

    def _best(self, criterion: str, values: Iterable[str]) -> str | None:
        ranking = self.reading.pack.ranking
        return min(values, key=lambda value: ranking.position(criterion, value), default=None)

    def _position(self, criterion: Criterion) -> int:
        if not self._counts(criterion):
            return 0
        if criterion.by == "relative_contraindications":
            return self.against
        value = getattr(self, criterion.by)
        if criterion.last:
            return int(value in criterion.last)
        return self.reading.pack.ranking.position(criterion.by, value) + self._lowered(criterion)

    def _counts(self, criterion: Criterion) -> bool:
        return not criterion.among or self.status in criterion.among

    def _lowered(self, criterion: Criterion) -> bool:
        return criterion.lowered_by_contraindications and self.against > 0

    def standings(self) -> tuple[Standing, ...]:
        """Each position in the key with what it comes from."""
        criteria = self.reading.pack.ranking.criteria
        return tuple(map(self._standing, criteria, self.key))

    def _standing(self, criterion: Criterion, position: int) -> Standing:
        value = self.against if criterion.by == "relative_contraindications" else getattr(self, criterion.by)
        return Standing(criterion, position, self._counts(criterion), value, self._lowered(criterion))

    def option(self, rank: int | None, before_next: str | None = None) -> Option:
        """The option at its rank, with the reason why it stands before the next."""
        return Option(
            therapy=self.nodes.therapy,
            label=self.label,
            modality=self.modality,
            agents=tuple(_named(self.reading, regimen) for regimen in self.shown),
            status=self.status,
            rank=rank,
            before_next=before_next,
            preference=self.preference,
            evidence_level=self.evidence_level,
            reasons=tuple(reason_of(self.reading, rule) for rule in self.rules),
            evidence=tuple(map(citation, self.evidence)),
            pending=_pending(self.reading, self.nodes, self.status),
            cautions=self.cautions,
            rules=tuple(rule.id for rule in self.rules),
        )


def _preference(rule: Rule) -> str:
    return rule.head.preference if isinstance(rule.head, Recommend) else ""


def _speaking(reading: Truths, nodes: OptionNodes, status: Status) -> list[Rule]:
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


def reason_of(reading: Truths, rule: Rule) -> Reason:
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


def _shown(reading: Truths, nodes: OptionNodes, status: Status, rules: set[str]) -> list[Regimen]:
    """The regimens of the rules that speak, without those of which an agent is contraindicated."""
    return [
        regimen
        for regimen in nodes.regimens
        if not rules.isdisjoint(regimen.rules) and not (reading.truth(regimen.contraindicated) and status != "excluded")
    ]


def _named(reading: Truths, regimen: Regimen) -> str:
    return " + ".join(reading.pack.vocabulary.agents[agent].label for agent in regimen.agents)


def _pending(reading: Truths, nodes: OptionNodes, status: Status) -> tuple[Pending, ...]:
    match status:
        case "recommended_pending":
            waiting = reading.blockers(nodes.contraindicated)
        case "possible":
            indications = [reading.blockers(reading.program.rules[rule]) for rule in nodes.recommending]
            nearest_first = sorted((leaves for leaves in indications if leaves), key=len)
            waiting = tuple(leaf for leaves in nearest_first for leaf in leaves)
            waiting += reading.blockers(nodes.contraindicated)
        case _:
            return ()
    return tuple(dict.fromkeys(reading.pending(leaf) for leaf in waiting))


def _cautions(reading: Truths, nodes: OptionNodes, shown: Sequence[Regimen]) -> Iterable[CautionNote]:
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
        yield CautionNote(concern.rule, rule.because, kind, truth is True, _waits_for(reading, concern.rule))


def _about_agents(reading: Truths, nodes: OptionNodes, rules: set[str]) -> Iterable[CautionNote]:
    """Regimens left out because an agent is contraindicated, and those for which that is still to be ruled out."""
    concerned: dict[str, list[str]] = {}
    for regimen in nodes.regimens:
        if not rules.isdisjoint(regimen.rules):
            for rule in regimen.contraindications:
                concerned.setdefault(rule, []).append(_named(reading, regimen))
    for rule, regimens in concerned.items():
        truth = reading.rule_truth(rule)
        if truth is not False:
            start = "left out" if truth else "to be ruled out before"
            text = f"{start} {joined(regimens, 'and')}: {reading.pack.rules[rule].because}"
            yield CautionNote(rule, text, "caution", truth is True, _waits_for(reading, rule))


def _waits_for(reading: Truths, rule: str) -> tuple[Pending, ...]:
    return tuple(dict.fromkeys(map(reading.pending, reading.blockers(reading.program.rules[rule]))))
