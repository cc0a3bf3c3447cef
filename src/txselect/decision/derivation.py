"""The certified valuation in words: what was given, what followed, from what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from txselect.decision.reading import Reading
from txselect.decision.record import Derivation, Given, Step
from txselect.decision.wording import Wording, spaced
from txselect.model.condition import (
    CancerIs,
    FieldIs,
    FieldMeasures,
    Leaf,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    TherapyGiven,
)
from txselect.program.horn import negative, positive
from txselect.program.program import Program


def derivation_of(reading: Reading) -> Derivation:
    """Every literal that holds: those given, then each conclusion after what it rests on."""
    statements = _statements(reading.program, reading.words)
    names, says, questions = statements.names, statements.says, statements.questions
    answers: dict[int, str] = {}
    given = []
    for literal in reading.valuation.given:
        question = questions[literal // 2]
        found = answers.get(question)
        if found is None:
            found = answers[question] = reading.found(reading.leaf(literal))
        given.append(Given(names[literal], says[literal], found, ", ".join(reading.rests_on(literal))))
    return Derivation(tuple(given), tuple(map(statements.steps.__getitem__, reading.support.values())))


def name_of(literal: int) -> str:
    """A literal as decisions write it.

    >>> name_of(24), name_of(25)
    ('12+', '12-')
    """
    return f"{literal // 2}{'-' if literal & 1 else '+'}"


@dataclass(frozen=True, slots=True)
class _Statements:
    """A program in words, made once: names and sayings by literal, steps by clause, questions by node.

    Leaves with equal questions get the same answer: what the profile says of their common subject.
    """

    names: tuple[str, ...]
    says: tuple[str, ...]
    steps: tuple[Step, ...]
    questions: tuple[int, ...]


@lru_cache(maxsize=64)
def _statements(program: Program, words: Wording) -> _Statements:
    names = tuple(map(name_of, range(2 * len(program.nodes))))
    says = tuple(_sayings(program, words))
    steps = tuple(
        Step(names[clause.head], says[clause.head], number, tuple(names[premise] for premise in clause.body))
        for number, clause in enumerate(program.horn.clauses)
    )
    return _Statements(names, says, steps, tuple(_questions(program)))


def _sayings(program: Program, words: Wording) -> Iterator[str]:
    titles = {reference: name for name, reference in program.rules.items()}
    for number, node in enumerate(program.nodes):
        match node.kind:
            case "leaf":
                assert node.leaf is not None
                text = words.condition(node.leaf)
            case "fact":
                text = words.vocabulary.facts[node.fact].label
            case _ if rule := titles.get(negative(number)):
                # a rule that is a single `not`: its conditions hold where the node does not
                yield from (f"not: the conditions of {rule}", f"the conditions of {rule}")
                continue
            case kind:
                rule = titles.get(positive(number))
                count = f"at least {node.count}" if kind == "at_least" else spaced(kind)
                text = f"the conditions of {rule}" if rule else f"{count} of {len(node.children)} conditions"
        yield from (text, f"not: {text}")


def _questions(program: Program) -> Iterator[int]:
    numbers: dict[object, int] = {}
    for node in program.nodes:
        question = None if node.leaf is None else _question(node.leaf)
        yield numbers.setdefault(question, len(numbers))


def _question(leaf: Leaf) -> object:
    match leaf:
        case TherapyGiven(classes):
            return classes
        case MarkerIs(marker) | MarkerMeasures(marker):
            return marker
        case Listed(kind, names):
            return kind, names
        case FieldIs(name) | FieldMeasures(name) | Measures(name):
            return type(leaf), name
        case CancerIs():
            return CancerIs
