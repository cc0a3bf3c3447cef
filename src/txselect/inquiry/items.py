"""What can be found out: items, and the tests that tell several of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from txselect.decision.reading import Reading
from txselect.decision.testing import TestsAtHand
from txselect.inquiry.listings import LIST_WORDS
from txselect.inquiry.question import THERAPIES, Answer, Question
from txselect.model.change import COMPLETE
from txselect.model.profile import LIST_NAMES, PROFILE_PATHS
from txselect.model.vocabulary import Test


@dataclass(frozen=True, slots=True)
class Item:
    """Something unknown that is found out as a whole: one question, or all questions about one list.

    parts: of a list, what is asked about it.
    """

    about: str
    now: str
    parts: tuple[str, ...]
    key: str
    questions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """A test with the items (by number) that it tells. One without an id stands for an item that no test names."""

    id: str
    label: str
    items: tuple[int, ...]


def items_of(questions: Sequence[Question]) -> tuple[Item, ...]:
    """Every item on which something undecided waits, in the order of the questions."""
    grouped: dict[str, list[int]] = {}
    for number, question in enumerate(questions):
        if not question.known and question.answers and not _calls_a_list_complete(question):
            whole = question.key == THERAPIES or question.key.startswith("list ")
            grouped.setdefault(question.key if whole else f"question {number}", []).append(number)
    return tuple(_item(numbers, [questions[number] for number in numbers]) for numbers in grouped.values())


def _calls_a_list_complete(question: Question) -> bool:
    """Of a list of terms each is asked about by itself."""
    answer = question.answers[0]
    return question.key != THERAPIES and isinstance(answer, Answer) and answer.change.value == COMPLETE


def _item(numbers: list[int], questions: list[Question]) -> Item:
    first = questions[0]
    kind, _, name = first.key.partition(" ")
    about = "prior therapies" if first.key == THERAPIES else LIST_WORDS[name] if kind == "list" else first.about
    now = first.now if len({question.now for question in questions}) == 1 else "not all stated"
    parts = tuple(question.about for question in questions if question.about != about)
    return Item(about, now, parts, first.key, tuple(numbers))


def tests_of(items: Sequence[Item], questions: Sequence[Question], reading: Reading) -> tuple[Telling, ...]:
    """The vocabulary's tests that tell any of the items, and each item that none tells as a test of its own."""
    at_hand = TestsAtHand(reading)
    telling: dict[str, tuple[Test, list[int]]] = {}
    alone: list[Telling] = []
    for number, item in enumerate(items):
        found = list(_tests_for(item, questions, reading, at_hand))
        for test in found:
            telling.setdefault(test.id, (test, []))[1].append(number)
        if not found:
            alone.append(Telling("", item.about, (number,)))
    order = {test: position for position, test in enumerate(reading.pack.vocabulary.tests)}
    named = sorted(telling.values(), key=lambda pair: order[pair[0].id])
    return (*(Telling(test.id, test.label, tuple(numbers)) for test, numbers in named), *alone)


def _tests_for(item: Item, questions: Sequence[Question], reading: Reading, at_hand: TestsAtHand) -> Iterator[Test]:
    kind, _, name = item.key.partition(" ")
    match kind:
        case "marker":
            yield from at_hand.tests_for(name, questions[item.questions[0]].origin or "somatic")
        case "measurement":
            yield from (test for test in reading.pack.vocabulary.tests.values() if name in test.measurements)
        case _:
            path = _path(kind, name)
            yield from (test for test in reading.pack.vocabulary.tests.values() if path in test.fields)


def _path(kind: str, name: str) -> str:
    """The part of the profile that says it."""
    match kind:
        case "cancer":
            return "cancer.type"
        case "list":
            name = LIST_NAMES[name]
        case _ if kind == THERAPIES:
            name = THERAPIES
    return name if name in PROFILE_PATHS else f"cancer.{name}"
