"""What is claimed of tests on the shipped cases, tried out: results are made up, written down and decided upon."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from math import prod

import pytest

from knowledge.shipped import cases, rules
from scale import examples
from txselect.decision.reading import Reading
from txselect.errors import InputError
from txselect.inquiry.ask import theory_of_unknowns
from txselect.inquiry.cone import undecided_cone
from txselect.inquiry.items import Item, items_of
from txselect.inquiry.next_test import NextTest, TestValue, Told, next_test
from txselect.inquiry.question import Answer, Question
from txselect.inquiry.theory import Theory
from txselect.language.changes import changed
from txselect.model.change import Change
from txselect.model.condition import CancerIs
from txselect.model.profile import Profile
from txselect.pipeline import decide, read, reread

EVERY = examples(8, nightly=1)
"""Of the shipped cases, every so many are looked at."""
TRIES = examples(4, nightly=10)
MOST_TRIES = 200
MOST_NEEDED = examples(6, nightly=7)
"""With more tests, chance hardly meets the results that leave one of them worth doing."""

FINAL = {"recommended", "excluded", "not_indicated"}


class Results:
    """Makes up results for what is unknown about the open options of a case."""

    def __init__(self, name: str) -> None:
        self.profile = cases()[name].profile
        self.found: NextTest = next_test(rules(), self.profile, engine="linear")
        reading, decision = read(rules(), self.profile, engine="linear")
        self.day = decision.as_of
        self.contradictory = any(notice.kind == "data_conflict" for notice in reading.patient.notices)
        nodes = [reading.program.options[option.therapy] for option in self.found.open]
        references = [reference for node in nodes for reference in (node.indicated, node.contraindicated)]
        cone = undecided_cone(reading, references)
        self.theory: Theory = theory_of_unknowns(rules(), reading, decision.jurisdiction, cone)
        self.items: dict[str, Item] = {item.about: item for item in items_of(self.theory)}
        self.dice = random.Random(name)

    def questions(self, about: Iterable[str]) -> list[Question]:
        return [self.theory.questions[number] for item in dict.fromkeys(about) for number in self.items[item].questions]

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
        questions = self.questions(_told_by([test]))
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
        offered: dict[str, list[str]] = {}
        number = next(n for n, other in enumerate(self.theory.answers) if other is answer)
        for of, key, term in self.theory.details:
            if of == number:
                offered.setdefault(key, []).append(term)
        return self.theory.stated(number, {key: self.dice.choice(terms) for key, terms in offered.items()}).change

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


def statuses(profile: Profile) -> Mapping[str, str]:
    """By label; what no rule for this cancer speaks of is not indicated."""
    options = decide(rules(), profile, engine="linear").options
    return defaultdict(lambda: "not_indicated", {option.label: option.status for option in options})


with_open_options = [
    name for name in sorted(cases())[::EVERY] if prepared(name).found.tests and not prepared(name).contradictory
]
each_case = pytest.mark.parametrize("name", with_open_options)


@each_case
def test_what_a_test_settles_is_final_whatever_it_shows(name: str):
    made_up = results(name)
    for test in made_up.found.tests:
        for _ in range(TRIES):
            profile = made_up.written_with_some([test])
            after = statuses(profile) if profile else {}
            assert {label: after[label] for label in test.settles if after and after[label] not in FINAL} == {}


@each_case
def test_once_everything_is_known_each_option_comes_to_an_end_and_where_nothing_changes_it_to_the_one_told(name: str):
    made_up = results(name)
    for _ in range(TRIES):
        profile = made_up.written(made_up.some(made_up.items))
        after = statuses(profile) if profile else {}
        for option in made_up.found.open if after else ():
            assert after[option.label] in FINAL, option
            assert option.bound in (None, after[option.label] == "recommended"), option


@each_case
def test_some_result_does_what_a_test_could_do(name: str):
    made_up = results(name)
    for test in made_up.found.tests:
        ends = [statuses(profile) for profile in made_up.all(test)]
        for label in test.confirms if ends else ():
            assert any(end[label] == "recommended" for end in ends), (test.label, label)
        for label in test.rules_out if ends else ():
            assert any(end[label] in ("excluded", "not_indicated") for end in ends), (test.label, label)
        for label in test.helps:
            assert all(end[label] not in FINAL for end in ends), (test.label, label)


@each_case
def test_after_the_needed_tests_no_further_test_is_worth_doing(name: str):
    made_up = results(name)
    needed = [test for test in made_up.found.tests if test.needed]
    for _ in range(TRIES):
        profile = made_up.written_with_some(needed)
        if profile:
            left = next_test(rules(), profile, engine="linear")
            assert left.smallest == (), left


@each_case
def test_without_one_of_the_needed_tests_something_can_stay_open(name: str):
    made_up = results(name)
    needed = [test for test in made_up.found.tests if test.needed]
    for test in needed if len(needed) <= MOST_NEEDED else ():
        assert made_up.leaving(test, [other for other in needed if other is not test]), test.label


def _is_named(test: TestValue, profile: Profile) -> bool:
    """Whether a test is still worth doing."""
    return any(other.label == test.label for other in next_test(rules(), profile, engine="linear").tests)


def test_a_result_that_contradicts_itself_can_be_settled_by_a_test():
    found = prepared("driver-egfr-contradictory").found
    told = {(told.about, told.now) for test in found.tests if test.needed for told in test.tells}
    assert ("EGFR mutation with a targeted first-line option", "contradictory results") in told
    assert [option.label for option in found.open if option.bound is not None] == []
