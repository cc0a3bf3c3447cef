"""What to find out next, held against every way in which the unknown can turn out."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inquiry.worlds import ABOUT, AS_OF, FINAL, LEAVES, RESULTS, TESTS, THERAPIES, Worlds, learnt, rules_with
from scale import examples
from txselect.inquiry.next_test import NextTest, TestValue, next_test
from txselect.language.patient import patient_of
from txselect.model.condition import All, AnyOf, AtLeast, Condition, Not
from txselect.model.profile import CancerReport, Profile
from txselect.model.rules import Contraindicate, Head, Recommend, Rule
from txselect.pipeline import Rules

MOST_WORLDS = 1_500
LINKED = (
    ["WHOLE", "PART1", "PART1 germline", "PART2", "GRAIN1"],
    ["SCORE", "HIGH", "ANY", "CLASS", "KIND"],
    ["CLASS", "KIND", "RIVAL", "LONER", "GRAIN1", "PART2", "HIGH"],
    ["prior_therapies", "ecog", "sites"],
)
"""Things of which one says something about another, and a long history."""


@st.composite
def conditions(draw: st.DrawFn, items: list[str], depth: int = 2) -> Condition:
    """A condition about some things; `x or not x` comes up often enough."""
    kind = draw(st.integers(0, 7 if depth else 1))
    if kind <= 1:
        leaf: Condition = draw(st.sampled_from([leaf for item in items for leaf in LEAVES[item]]))
        return leaf if kind else Not(leaf)
    if kind == 2:
        leaf = draw(conditions(items, depth - 1))
        return AnyOf((leaf, Not(leaf)))
    parts = tuple(draw(st.lists(conditions(items, depth - 1), min_size=2, max_size=3)))
    match kind:
        case 3 | 4:
            return All(parts)
        case 5 | 6:
            return AnyOf(parts)
        case _:
            return AtLeast(len(parts) - 1, parts)


@st.composite
def rules_about(draw: st.DrawFn, therapy: str, items: list[str]) -> list[Rule]:
    """A rule for a therapy and perhaps one against it."""
    heads: list[Head] = [Recommend(therapy, (), "preferred"), Contraindicate((therapy,), "absolute", "safety")]
    return [
        Rule(f"{therapy}.{number}", "a rule", head, draw(conditions(items)), (), "-", evidence=("source_phase_3",))
        for number, head in enumerate(heads[: draw(st.integers(1, 2))])
    ]


@st.composite
def profiles(draw: st.DrawFn, items: list[str], rules: Rules) -> Profile:
    """A patient of whom at most one of the things is known, or a part of it."""
    known = draw(st.sets(st.sampled_from(items), max_size=1))
    found = [part for item in known for part in draw(st.sampled_from(RESULTS[item]))[: draw(st.integers(0, 3))]]
    nothing_known = Profile(as_of=AS_OF, cancer=CancerReport(type=draw(st.sampled_from(["ALPHA", "ALPHA1"]))))
    profile = learnt(nothing_known, found, rules)
    assume(profile is not None and not patient_of(profile, rules.pack.vocabulary, AS_OF).notices)
    return profile


@st.composite
def asked_worlds(draw: st.DrawFn) -> tuple[Worlds, NextTest]:
    """Rules about a few things, a patient, every end that this can come to, and the answer."""
    together = draw(st.sampled_from([sorted(RESULTS), sorted(RESULTS), *LINKED]))
    items = draw(st.lists(st.sampled_from(together), min_size=2, max_size=5, unique=True))
    therapies = draw(st.lists(st.sampled_from(THERAPIES), min_size=1, max_size=3, unique=True))
    asked = {t: draw(st.lists(st.sampled_from(items), min_size=1, max_size=4, unique=True)) for t in therapies}
    written = [rule for therapy, about in asked.items() for rule in draw(rules_about(therapy, about))]
    rules = rules_with(written, draw(st.sets(st.sampled_from(sorted(TESTS)))))
    profile = draw(profiles(items, rules))
    worlds = Worlds.of(rules, profile, asked, MOST_WORLDS)
    assume(worlds is not None)
    return worlds, next_test(rules, profile, engine="linear")


def about(item: str) -> str:
    return ABOUT.get(item, item)


@settings(max_examples=examples(60, nightly=5_000))
@given(asked_worlds())
def test_an_option_waits_for_what_can_change_it_all_else_being_equal(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    waiting = {option.therapy: set(option.waits_for) for option in answer.open}
    assert waiting == {option: {about(item) for item in worlds.relevant(option)} for option in worlds.options}


@settings(max_examples=examples(60, nightly=5_000))
@given(asked_worlds())
def test_the_smallest_set_settles_everything_and_no_smaller_one_does(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    chosen = [_test(value) for value in answer.tests if value.needed]
    assert len(answer.smallest) == len(chosen)
    assert worlds.settled_by(chosen)
    assert len(chosen) == worlds.fewest()


def _test(value: TestValue) -> str:
    """What the hand-written table calls a test."""
    return value.test or next(item for item in RESULTS if about(item) == value.label)


@settings(max_examples=examples(60, nightly=5_000))
@given(asked_worlds())
def test_exactly_the_tests_that_can_change_something_are_named(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    useful = {item for option in worlds.options for item in worlds.relevant(option)}
    named = {_test(value): {told.about for told in value.tells} for value in answer.tests}
    assert named == {
        test: {about(item) for item in told} for test in worlds.tests() if (told := worlds.told_by([test]) & useful)
    }


@settings(max_examples=examples(60, nightly=5_000))
@given(asked_worlds())
def test_a_test_is_worth_what_its_results_alone_bring_about(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    for value in answer.tests:
        said = {name: set(getattr(value, name)) for name in ("settles", "confirms", "rules_out", "helps")}
        found: dict[str, set[str]] = {name: set() for name in said}
        for option in worlds.options:
            if worlds.told_by([_test(value)]) & worlds.relevant(option):
                for worth in _worth(worlds.ends(_test(value), option)):
                    found[worth].add(option)
        assert said == found


def _worth(ends: set[str]) -> list[str]:
    if ends <= set(FINAL):
        return ["settles"]
    worth = ["confirms"] * ("recommended" in ends) + ["rules_out"] * bool(ends & {"excluded", "not_indicated"})
    return worth or ["helps"]
