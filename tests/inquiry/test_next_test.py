"""What to find out next, held against every way in which the unknown can turn out."""


from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inquiry.worlds import ABOUT, AS_OF, LEAVES, RESULTS, TESTS, THERAPIES, Worlds, learnt, rules_with
from scale import examples
from txselect.inquiry.next_test import NextTest, next_test
from txselect.language.patient import patient_of
from txselect.model.condition import All, AnyOf, AtLeast, Condition, Not
from txselect.model.profile import CancerReport, Profile
from txselect.model.rules import Contraindicate, Recommend, Rule
from txselect.pipeline import Rules

MOST_WORLDS = 1_500


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
def asked_worlds(draw: st.DrawFn) -> tuple[Worlds, NextTest]:
    """Rules about a few things, a patient of whom some are known, every end this can come to, and the answer."""
    items = draw(st.lists(st.sampled_from(sorted(RESULTS)), min_size=2, max_size=5, unique=True))
    therapies = draw(st.lists(st.sampled_from(THERAPIES), min_size=1, max_size=3, unique=True))
    written: list[Rule] = []
    asked: dict[str, set[str]] = {}
    for therapy in therapies:
        chosen = draw(st.lists(st.sampled_from(items), min_size=1, max_size=4, unique=True))
        asked[therapy] = set(chosen)
        heads = [
            Recommend(therapy, (), "preferred"),
            *[Contraindicate((therapy,), "absolute", "safety")] * draw(st.integers(0, 1)),
        ]
        for head in heads:
            written.append(
                Rule(
                    f"rule.{len(written)}",
                    f"rule {len(written)}",
                    head,
                    draw(conditions(chosen)),
                    (),
                    "Because.",
                    evidence=("source_phase_3",),
                )
            )
    rules = rules_with(written, draw(st.sets(st.sampled_from(sorted(TESTS)))))
    profile = draw(profiles(items, rules))
    worlds = Worlds.of(rules, profile, asked, MOST_WORLDS)
    assume(worlds is not None)
    return worlds, next_test(rules, profile, engine="linear")


@st.composite
def profiles(draw: st.DrawFn, items: list[str], rules: Rules) -> Profile:
    known = draw(st.sets(st.sampled_from(items), max_size=1))
    found = [part for item in sorted(known) for part in draw(st.sampled_from(RESULTS[item]))[: draw(st.integers(0, 3))]]
    profile = learnt(
        Profile(as_of=AS_OF, cancer=CancerReport(type=draw(st.sampled_from(["ALPHA", "ALPHA1"])))), found, rules
    )
    assume(profile is not None and not patient_of(profile, rules.pack.vocabulary, AS_OF).notices)
    return profile


def about(item: str) -> str:
    return ABOUT.get(item, item)


@settings(max_examples=examples(150, nightly=5_000))
@given(asked_worlds())
def test_an_option_waits_for_what_can_change_it_all_else_being_equal(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    waiting = {option.therapy: set(option.waits_for) for option in answer.open}
    assert waiting == {option: {about(item) for item in worlds.relevant(option)} for option in worlds.options}


@settings(max_examples=examples(150, nightly=5_000))
@given(asked_worlds())
def test_the_smallest_set_settles_everything_and_no_smaller_one_does(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    chosen = [_test(value) for value in answer.tests if value.needed]
    assert len(answer.smallest) == len(chosen)
    assert worlds.settled_by(chosen)
    assert len(chosen) == worlds.fewest()


def _test(value) -> str:
    return value.test or next(item for item in RESULTS if about(item) == value.label)


@settings(max_examples=examples(150, nightly=5_000))
@given(asked_worlds())
def test_exactly_the_tests_that_can_change_something_are_named(asked: tuple[Worlds, NextTest]):
    worlds, answer = asked
    useful = {item for option in worlds.options for item in worlds.relevant(option)}
    named = {_test(value): {what for what, _ in value.tells} for value in answer.tests}
    assert named == {
        test: {about(item) for item in told} for test in worlds.tests() if (told := worlds.told_by([test]) & useful)
    }


@settings(max_examples=examples(150, nightly=5_000))
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
    open_ = ends - {"recommended", "excluded", "not_indicated"}
    if not open_:
        return ["settles"]
    worth = ["confirms"] * ("recommended" in ends) + ["rules_out"] * bool(ends & {"excluded", "not_indicated"})
    return worth or ["helps"]
