"""Why one option stands before another, criterion by criterion of the ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from txselect.decision.options import Standing, standings_of
from txselect.decision.reading import Reading
from txselect.decision.record import Decision, Option
from txselect.decision.wording import counted, joined, spaced
from txselect.errors import Gathering, Place
from txselect.explain.lines import Explanation, Line
from txselect.explain.text import STATUS_WORDS, capitalised
from txselect.explain.therapy import known_therapy
from txselect.explain.why_not import not_offered
from txselect.model.rules import RulePack

Outcome = Literal["equal", "decides", "not_reached"]
Verdict = Literal["before", "tied", "not_offered"]


@dataclass(frozen=True, slots=True)
class CriterionCompared:
    """One criterion with what it says of both options, in words; the first in which they differ decides."""

    by: str
    because: str
    first: str
    second: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Compared:
    """Two therapy classes of a decision. `before`: the first stands before the second.

    criteria: those of the ranking, in their order; empty where one of the two is not offered.
    """

    first: str
    second: str
    verdict: Verdict
    criteria: tuple[CriterionCompared, ...]
    explanation: Explanation


def compare(reading: Reading, decision: Decision, one: str, other: str) -> Compared:
    """Which of two therapy classes stands first, and by which criterion.

    Raises InputError for a class that no rule knows, and for one and the same class twice.
    """
    names = _two_classes(reading.pack, one, other)
    offered = [option for option in decision.offered if option.therapy in names]
    if len(offered) < len(names):
        return Compared(*names, "not_offered", (), _not_both_offered(reading, decision, names))
    first, second = offered
    criteria = _criteria(standings_of(reading, first.therapy), standings_of(reading, second.therapy))
    verdict: Verdict = "tied" if first.rank == second.rank else "before"
    if verdict == "tied":
        explanation = _tied(first, second, criteria, reading.pack.ranking.ties.because)
    else:
        explanation = _before(first, second, criteria, turned=first.therapy != names[0])
    return Compared(first.therapy, second.therapy, verdict, criteria, explanation)


def _two_classes(pack: RulePack, one: str, other: str) -> tuple[str, str]:
    names: list[str] = []
    problems = Gathering()
    for spelling in (one, other):
        with problems.keeping():
            names.append(known_therapy(pack, spelling))
    if len(names) == 2 and names[0] == names[1]:
        message = f"`{one}` and `{other}` are the same therapy class"
        problems.add(Place("<therapy>"), "TX005", message, "name two classes")
    problems.raise_if_any()
    return names[0], names[1]


def _criteria(first: tuple[Standing, ...], second: tuple[Standing, ...]) -> tuple[CriterionCompared, ...]:
    pairs = list(zip(first, second, strict=True))
    deciding = next((at for at, (mine, theirs) in enumerate(pairs) if mine.position != theirs.position), len(pairs))
    return tuple(
        CriterionCompared(
            by=mine.criterion.by,
            because=mine.criterion.because,
            first=_words(mine),
            second=_words(theirs),
            outcome="equal" if at < deciding else "decides" if at == deciding else "not_reached",
        )
        for at, (mine, theirs) in enumerate(pairs)
    )


def _words(standing: Standing) -> str:
    """What a criterion looks at, in words."""
    value, criterion = standing.value, standing.criterion
    if not standing.counts:
        return "not counted"
    if isinstance(value, int):
        return counted(value, "reason for care", "reasons for care") if value else "no reason for care"
    if criterion.last and value not in criterion.last:
        return f"not {joined(map(spaced, criterion.last))}"
    known_as = STATUS_WORDS.get(value or "", spaced(value or "not stated"))
    return f"{known_as}, a step lower for a reason for care" if standing.lowered else known_as


def _tied(first: Option, second: Option, criteria: tuple[CriterionCompared, ...], because: str) -> Explanation:
    title = f"Why are {first.label} and {second.label} tied?"
    return Explanation(first.therapy, title, f"Both have rank {first.rank}. {because}", tuple(map(_line, criteria)))


def _before(first: Option, second: Option, criteria: tuple[CriterionCompared, ...], turned: bool) -> Explanation:
    """`turned`: the question was asked the other way round."""
    deciding = next(criterion for criterion in criteria if criterion.outcome == "decides")
    title = f"Why does {first.label} stand before {second.label}?"
    stands = f"{first.label} (rank {first.rank}) stands before {second.label} (rank {second.rank})"
    answer = f"It is the other way round: {stands}" if turned else capitalised(stands)
    answer = f"{answer}. It is decided by the {spaced(deciding.by)}. {deciding.because}"
    return Explanation(first.therapy, title, answer, tuple(map(_line, criteria)))


def _line(criterion: CriterionCompared) -> Line:
    same = criterion.first == criterion.second
    found = f"{criterion.first} for both" if same else f"{criterion.first} v {criterion.second}"
    match criterion.outcome:
        case "decides":
            return Line("met", spaced(criterion.by), f"{found} (this decides)")
        case "equal":
            return Line("note", spaced(criterion.by), found if same else f"{found} (counted as equal)")
        case "not_reached":
            return Line("note", spaced(criterion.by), f"{found} (no longer asked)")


def _not_both_offered(reading: Reading, decision: Decision, names: tuple[str, str]) -> Explanation:
    labels = [reading.pack.vocabulary.therapies[name].label for name in names]
    offered = [option for option in decision.offered if option.therapy in names]
    missing = "one of the two is not offered" if offered else "neither is offered"
    lines = tuple(_standing(reading, decision, name, label) for name, label in zip(names, labels, strict=True))
    title = f"How does {labels[0]} compare with {labels[1]}?"
    return Explanation(names[0], title, f"There is nothing to compare, because {missing}.", lines)


def _standing(reading: Reading, decision: Decision, name: str, label: str) -> Line:
    option = decision.option(name)
    if option is not None and option.offered:
        return Line("met", label, f"{STATUS_WORDS[option.status]} (rank {option.rank} of {len(decision.offered)})")
    return Line("failed", label, not_offered(reading, decision, name))
