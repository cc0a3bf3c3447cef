"""Results that are made up for what is unknown about a shipped case, and written into its profile."""

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from math import prod
from typing import get_args

from knowledge.shipped import cases, rules
from txselect.decision.reading import Reading
from txselect.errors import InputError
from txselect.inquiry.found_out import FoundOut
from txselect.inquiry.items import Item, tests_of
from txselect.inquiry.next_test import NextTest, TestValue, Told, next_test
from txselect.inquiry.question import Answer, Question, TherapyAnswer
from txselect.language.changes import changed
from txselect.model.change import Change
from txselect.model.condition import CancerIs
from txselect.model.profile import PriorTherapy, Profile
from txselect.pipeline import read, reread

MOST_TRIES = 4000
WORDS = {
    key: list(get_args(get_args(PriorTherapy.model_fields[key].annotation)[0]))
    for key in ("outcome", "setting", "hormone_state")
}


class Results:
    """Makes up results for what is unknown about the open options of a case."""

    def __init__(self, name: str) -> None:
        self.profile = cases()[name].profile
        self.found: NextTest = next_test(rules(), self.profile, engine="linear")
        reading, decision = read(rules(), self.profile, engine="linear")
        self.day = decision.as_of
        self.patient = reading.patient
        self.contradictory = any(notice.kind == "data_conflict" for notice in reading.patient.notices)
        found_out = FoundOut(rules(), reading, decision, [option.therapy for option in self.found.open])
        self.asked = found_out.questions
        self.items: dict[str, Item] = {item.about: item for item in found_out.items}
        telling = tests_of(found_out.items, self.asked, reading)
        self.telling = {test.label: [found_out.items[number].about for number in test.items] for test in telling}
        self.dice = random.Random(name)

    def questions(self, about: Iterable[str]) -> list[Question]:
        return [self.asked[number] for item in dict.fromkeys(about) for number in self.items[item].questions]

    def some(self, about: Iterable[str]) -> list[Change]:
        """Some results about these things; mostly little of what is looked for is there, and now and then much."""
        often = self.dice.choice((0.01, 0.1, 0.5))
        return [change for question in self.questions(about) if (change := self._result(question, often))]

    def written_with_some(self, tests: Iterable[TestValue]) -> Profile | None:
        return self.written(self.some(_told_by(tests)))

    def leaving(self, test: TestValue, others: Iterable[TestValue]) -> Profile | None:
        """The profile with results of all others that leave the one test worth doing, found one after the other."""
        profile, changes, told = self.profile, list[Change](), set[Told]()
        for other in others:
            new = replace(other, tells=tuple(each for each in other.tells if each not in told))
            tried = (self.some(_told_by([new])) for _ in range(MOST_TRIES))
            made = ((self.written([*changes, *more]), more) for more in tried)
            found = next(((after, more) for after, more in made if after and _is_named(test, after)), None)
            if found is None:
                return None
            profile = found[0]
            changes += found[1]
            told.update(new.tells)
        return profile

    def all(self, test: TestValue) -> Iterator[Profile]:
        """The profile with each of the results that one test can have, where those are not too many."""
        questions = self.questions(self.telling[test.label])
        plain = [[answer.change for answer in q.answers if isinstance(answer, Answer)] for q in questions]
        if all(plain) and prod(map(len, plain)) <= 64:
            for changes in product(*plain):
                made = self.written(changes)
                if made:
                    yield made

    def _result(self, question: Question, often: float) -> Change | None:
        first, *others = question.answers
        answer = first if not others or self.dice.random() < often else self.dice.choice(others)
        if isinstance(answer, Answer):
            return answer.change
        if answer.position is None and self.dice.random() > often:
            return None
        offered = WORDS | {key: list(numbers) for key, numbers in answer.regions.items() if numbers}
        details = {key: self.dice.choice(values) for key, values in offered.items() if self._is_missing(answer, key)}
        if details.get("outcome") == "ongoing":
            details.pop("months_since_end", None)
        return answer.stated(details).change

    def _is_missing(self, answer: TherapyAnswer, key: str) -> bool:
        """Whether a detail is to be told: all of a new therapy, of a listed one what its entry leaves out."""
        record = next((r for r in self.patient.therapies if r.position == answer.position), None)
        return record is None or getattr(record, key) is None

    def written(self, changes: Collection[Change]) -> Profile | None:
        """The profile with these results, or None where they cannot all be true or name no exact type of cancer."""
        try:
            made = changed(self.profile, changes, rules().pack.vocabulary)
        except InputError:
            return None
        reading = reread(rules(), made.profile, self.day, None)
        type_is_told = any(change.path == "cancer.type" for change in changes)
        if made.set_aside or any(notice.kind == "data_conflict" for notice in reading.patient.notices):
            return None
        return None if type_is_told and not _type_is_exact(reading) else made.profile


def _told_by(tests: Iterable[TestValue]) -> Iterator[str]:
    return (told.about for test in tests for told in test.tells)


def _type_is_exact(reading: Reading) -> bool:
    """Whether no condition still asks for a more exact type of the cancer."""
    nodes = [node for node in reading.program.leaves if isinstance(reading.leaf(2 * node), CancerIs)]
    return all(reading.truth(2 * node) is not None for node in nodes)


@cache
def prepared(name: str) -> Results:
    return Results(name)


def results(name: str) -> Results:
    """Prepared once, with the dice as they are at first, so that the order of the tests does not matter."""
    made_up = prepared(name)
    made_up.dice = random.Random(name)
    return made_up


def _is_named(test: TestValue, profile: Profile) -> bool:
    """Whether a test is still worth doing."""
    return any(other.label == test.label for other in next_test(rules(), profile, engine="linear").tests)
