"""What to find out next as a reader gets it: words, marks, numbers, and which question each statement answers."""

from collections.abc import Iterator
from functools import cache

import pytest

from explain.readable import ids_shown, miscounted, said_twice, too_long
from knowledge.shipped import cases, rules
from scale import some
from txselect.explain.lines import Line, all_lines
from txselect.explain.markdown import explanation_markdown
from txselect.inquiry.next_test import AskedAbout, NextTest, OpenOption, TestValue, Told, next_test
from txselect.inquiry.worth import next_test_explanation
from txselect.pipeline import decide

"""Of the shipped cases, every so many are looked at."""
each_case = pytest.mark.parametrize("name", some(cases(), 64))


@cache
def asked(name: str) -> tuple[NextTest, ...]:
    """About every open option, and about the first and the last class that the rules speak of."""
    options = decide(rules(), cases()[name], engine="linear").options
    therapies = (None, *(option.therapy for option in (options[:1] + options[-1:])))
    return tuple(next_test(rules(), cases()[name], therapy, engine="linear") for therapy in therapies)


def paragraphs(name: str) -> Iterator[str]:
    for found in asked(name):
        explanation = next_test_explanation(found)
        yield from (explanation.title, explanation.answer)
        yield from (line.sentence() for line in all_lines(explanation.lines))


@each_case
def test_no_text_shows_an_id(name: str):
    assert ids_shown(paragraphs(name)) == set()


@each_case
def test_no_sentence_is_long_or_says_a_thing_twice(name: str):
    assert said_twice(paragraphs(name)) == []
    assert too_long(paragraphs(name)) == set()


@each_case
def test_one_is_singular_and_many_are_plural(name: str):
    assert miscounted(paragraphs(name)) == []


@each_case
def test_every_test_is_named_and_so_is_all_that_options_wait_for(name: str):
    found = asked(name)[0]
    lines = list(all_lines(next_test_explanation(found).lines))
    assert {value.label for value in found.tests} <= {line.text for line in lines}
    first_of_each = {option.waits_for: option.label for option in reversed(found.open)}.values()
    assert [label for label in first_of_each if not any(label in line.sentence() for line in lines)] == []


# one thing at a time


TOLD_ALONE = Told("BRAF V600E", "not tested", ())


def value(label: str, *tells: Told, needed: bool = True, **worth: tuple[str, ...]) -> TestValue:
    given = dict.fromkeys(("settles", "confirms", "rules_out", "helps"), ())
    return TestValue(label, label, tells or (TOLD_ALONE,), needed=needed, **{**given, **worth})


def waiting(label: str, *things: str, bound: bool | None = None) -> OpenOption:
    return OpenOption(label, label, "possible", things, bound)


def found(*tests: TestValue, open: tuple[OpenOption, ...] = (), about: AskedAbout | None = None) -> NextTest:
    smallest = tuple(test.label for test in tests if test.needed)
    return NextTest(about, smallest, tests, open, tuple(option.label for option in open if option.bound is not None))


def lines(answer: NextTest) -> list[str]:
    return [line.sentence() for line in all_lines(next_test_explanation(answer).lines)]


def test_nothing_open_is_one_sentence():
    explanation = next_test_explanation(found())
    assert (explanation.answer, explanation.lines) == (
        "No option is open: no further result changes which ones are recommended.",
        (),
    )


def test_a_therapy_that_is_not_open_is_told_with_its_status():
    answer = next_test_explanation(found(about=AskedAbout("x", "PD-1 inhibitor", "excluded"))).answer
    assert answer == "PD-1 inhibitor is excluded, and no further result changes that."


@pytest.mark.parametrize(
    ("tests", "options", "answer"),
    [
        (1, 1, "1 test settles the one open option, whatever it shows."),
        (1, 3, "1 test settles all 3 open options, whatever it shows."),
        (2, 1, "2 tests together settle the one open option, whatever they show."),
        (2, 3, "2 tests together settle all 3 open options, whatever they show."),
    ],
)
def test_the_answer_counts_tests_and_options(tests: int, options: int, answer: str):
    made = found(
        *(value(f"test {number}") for number in range(tests)),
        open=tuple(waiting(f"option {number}", "BRAF V600E") for number in range(options)),
    )
    assert next_test_explanation(made).answer == answer


def test_options_that_nothing_changes_are_not_counted_and_told_apart():
    made = found(value("panel"), open=(waiting("a", "x"), waiting("b", bound=True), waiting("c", bound=False)))
    assert next_test_explanation(made).answer == "1 test settles 1 open option, whatever it shows."
    assert "b: recommended whatever the results are, once they are stated" in lines(made)
    assert "c: never recommended, whatever the results are" in lines(made)


def test_no_test_is_needed_where_every_open_option_comes_to_one_end():
    made = found(open=(waiting("b", bound=True),))
    assert (
        next_test_explanation(made).answer == "No test is needed, because no result changes what will be recommended."
    )
    assert not any("each test by itself" in line for line in lines(made))


def test_each_statement_about_a_test_has_its_own_mark_and_words():
    made = found(
        value("panel", settles=("a",), confirms=("b",), rules_out=("b", "c"), helps=("d",)), open=(waiting("a", "x"),)
    )
    (heading, *_) = next_test_explanation(made).lines
    assert [(line.mark, line.sentence()) for line in heading.parts[0].parts] == [
        ("unknown", "would tell, so far not tested: BRAF V600E"),
        ("met", "settles, whatever it shows: a"),
        ("gained", "could confirm: b"),
        ("lost", "could rule out: b; c"),
        ("note", "only with others: d"),
    ]


def test_what_only_with_others_means_is_said_where_it_stands():
    explained = [any(line.startswith("only with others: it counts") for line in lines(made)) for made in (
        found(value("panel", helps=("a",)), open=(waiting("a", "x"),)),
        found(value("panel", settles=("a",)), open=(waiting("a", "x"),)),
    )]  # fmt: skip
    assert explained == [True, False]


def test_what_is_told_is_grouped_by_how_far_it_is_known():
    tells = (
        Told("age", "not stated", ()),
        Told("drugs", "drugs not stated", ("warfarin",)),
        Told("ALK", "equivocal", ()),
    )
    assert lines(found(value("talk", *tells), open=(waiting("a", "x"),)))[2:4] == [
        "would tell, so far not stated: age; drugs, namely warfarin",
        "would tell, so far equivocal: ALK",
    ]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (("prior docetaxel",), "prior therapies, namely docetaxel"),
        (("a", "b", "c"), "prior therapies, namely a, b and c"),
        (("a", "b", "c", "d", "e"), "prior therapies, such as a, b, c and 2 more"),
    ],
)
def test_of_a_list_it_is_said_what_is_asked_about_it(parts: tuple[str, ...], told: str):
    made = found(value("talk", Told("prior therapies", "not stated", parts)), open=(waiting("a", "x"),))
    assert f"would tell, so far not stated: {told}" in lines(made)


def test_many_options_are_cut_short_and_counted():
    names = tuple(f"option {number}" for number in range(9))
    shown = lines(found(value("panel", settles=names), open=(waiting("a", "x"),)))
    assert f"settles, whatever it shows: {'; '.join(names[:6])}; 3 more" in shown


def test_long_names_leave_room_for_fewer():
    names = tuple(f"{number} {'long ' * 12}" for number in range(5))
    shown = next(
        line for line in lines(found(value("p", settles=names), open=(waiting("a", "x"),))) if "settles" in line
    )
    assert shown.endswith("3 more")


def test_a_test_that_tells_as_much_could_be_done_instead():
    other = Told("KRAS G12C", "not tested", ())
    made = found(
        value("tissue", TOLD_ALONE, other),
        value("plasma", other, TOLD_ALONE, needed=False),
        value("small", other, needed=False, confirms=("b",)),
        open=(waiting("a", "x"),),
    )
    assert lines(made)[3:8] == [
        "instead of these, or besides",
        "plasma: could be done instead of tissue",
        "small",
        "also tells: KRAS G12C",
        "could confirm: b",
    ]


def test_options_that_wait_for_the_same_stand_together():
    made = found(value("p"), open=(waiting("a", "x", "y"), waiting("b", "x", "y"), waiting("c", "x")))
    assert "what the open options wait for" in lines(made)
    assert [line for line in lines(made) if line.startswith("x")] == ["x; y: a; b", "x: c"]


def test_markdown_takes_the_marks_along():
    text = explanation_markdown(next_test_explanation(found(value("panel", settles=("a",)), open=(waiting("a", "x"),))))
    assert "    - ✓ settles, whatever it shows: a\n" in text


def test_it_ends_with_what_it_is_about():
    made = found(value("panel", settles=("a",)), open=(waiting("a", "x"),))
    assert next_test_explanation(made).lines[-1] == Line(
        "note", "this tells what the rules would make of results; it is no order to test"
    )
