"""What is claimed of tests on the shipped cases, tried out: results are made up, written down and decided upon."""

from collections import defaultdict
from collections.abc import Mapping

import pytest

from inquiry.made_up import prepared, results
from knowledge.shipped import cases, rules
from scale import examples, some
from txselect.inquiry.next_test import next_test
from txselect.model.profile import Profile
from txselect.pipeline import decide

TRIES = examples(4, nightly=10)
MOST_NEEDED = examples(6, nightly=7)
"""With more tests, chance hardly meets the results that leave one of them worth doing."""

FINAL = {"recommended", "excluded", "not_indicated"}


def statuses(profile: Profile) -> Mapping[str, str]:
    """By label; what no rule for this cancer speaks of is not indicated."""
    options = decide(rules(), profile, engine="linear").options
    return defaultdict(lambda: "not_indicated", {option.label: option.status for option in options})


with_open_options = [
    name for name in some(cases(), 32) if prepared(name).found.tests and not prepared(name).contradictory
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


def test_a_result_that_contradicts_itself_can_be_settled_by_a_test():
    found = prepared("driver-egfr-contradictory").found
    told = {(told.about, told.now) for test in found.tests if test.needed for told in test.tells}
    assert ("EGFR mutation with a targeted first-line option", "contradictory results") in told
    assert [option.label for option in found.open if option.bound is not None] == []
