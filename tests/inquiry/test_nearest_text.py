"""The nearest ways as a reader gets them: words, marks, what was left out, and commands that do what they say."""

import shlex
from collections.abc import Iterator
from functools import cache

import pytest

from explain.readable import TWICE, ids_shown, miscounted, said_twice, too_long
from knowledge.shipped import cases, rules
from scale import some
from txselect.explain.lines import all_lines
from txselect.explain.markdown import explanation_markdown
from txselect.inquiry.nearest import Nearest, NeededChange, Way, nearest
from txselect.inquiry.ways import nearest_explanation
from txselect.language.changes import change_of, changed
from txselect.model.condition import Listed
from txselect.pipeline import decide

"""Of the shipped cases, every so many are looked at."""
each_case = pytest.mark.parametrize("name", some(cases(), 32))


@cache
def asked(name: str) -> tuple[Nearest, ...]:
    """Of the first, the middle and the last class that the rules speak of; of the last only what can be changed."""
    options = decide(rules(), cases()[name], engine="linear").options
    therapies = [options[position].therapy for position in sorted({0, len(options) // 2, len(options) - 1})]
    how = {"engine": "linear", "limit": 3}
    found = [nearest(rules(), cases()[name], therapy, **how) for therapy in therapies]
    return (*found, nearest(rules(), cases()[name], therapies[-1], changeable_only=True, **how))


def paragraphs(name: str) -> Iterator[str]:
    """What is read, without the commands."""
    for found in asked(name):
        explanation = nearest_explanation(found)
        yield from (explanation.title, explanation.answer)
        yield from (line.sentence() for line in all_lines(explanation.lines))


@each_case
def test_no_text_shows_an_id_outside_its_commands(name: str):
    assert ids_shown(paragraphs(name)) == set()


@each_case
def test_no_sentence_is_long_or_says_a_thing_twice(name: str):
    assert said_twice(paragraphs(name)) == []
    assert too_long(paragraphs(name)) == set()


@each_case
def test_one_is_singular_and_many_are_plural(name: str):
    assert miscounted(paragraphs(name)) == []


@each_case
def test_every_command_shown_gives_the_status_that_is_told(name: str):
    profile = cases()[name].profile
    for found in asked(name):
        commands = [line.command for line in all_lines(nearest_explanation(found).lines) if line.command]
        assert len(commands) == len(found.ways)
        for command, way in zip(commands, found.ways, strict=True):
            changes = [change_of(text) for text in settings(command)]
            after = changed(profile, changes, rules().pack.vocabulary).profile
            option = decide(rules(), after, engine="linear").option(found.therapy)
            assert (option.status if option else "not_indicated") == way.status, command


def settings(command: str) -> list[str]:
    words = shlex.split(command)
    assert words[:3] == ["txselect", "what-if", "CASE"]
    assert words[3::2] == ["--set"] * len(words[4::2])
    return words[4::2]


# one thing at a time


ECOG = NeededChange(
    "ecog=3", "ECOG performance status", "ECOG 3", ("ECOG 4",), "ECOG performance status 1", True, False
)
MARKER = NeededChange(
    "biomarkers.BRAF_V600E=positive", "BRAF V600E", "BRAF V600E positive", (), "not tested", False, False
)
HISTORY = NeededChange("prior_therapies.1=none", "prior docetaxel", "docetaxel not given", (), "docetaxel", True, True)


def found(*ways: Way, **other: object) -> Nearest:
    given = {"status": "excluded", "goal": "recommended", "complete": True, "changeable_only": False, "obstacle": ""}
    return Nearest("pd1_inhibitor", "PD-1 inhibitor", ways=ways, **{**given, **other})  # type: ignore[arg-type]


def way(*changes: NeededChange) -> Way:
    return Way(changes, "recommended")


def lines_of_way(*changes: NeededChange) -> list[tuple[str, str]]:
    *needed, _ = nearest_explanation(found(way(*changes))).lines[0].parts
    return [(line.mark, line.sentence()) for line in needed]


def closing(given: Nearest) -> list[str]:
    return [line.text for line in nearest_explanation(given).lines[len(given.ways) :]]


def test_what_is_open_comes_before_what_would_have_to_change_and_that_before_what_is_fixed():
    assert lines_of_way(HISTORY, ECOG, MARKER) == [
        ("unknown", "BRAF V600E positive: not tested, to be found out"),
        ("moved", "ECOG 3 (or ECOG 4, the rest as here): now ECOG performance status 1, which would have to change"),
        ("failed", "docetaxel not given: now docetaxel, which cannot be changed"),
    ]


def test_alternatives_are_named_and_many_are_counted():
    many = NeededChange("ecog=0", "ECOG", "ECOG 0", ("ECOG 1", "ECOG 2", "ECOG 3", "ECOG 4"), "ECOG 5", True, False)
    assert lines_of_way(many)[0][1].startswith("ECOG 0, or ECOG 1, ECOG 2, ECOG 3 or 1 more: now ")


@pytest.mark.parametrize(
    ("changes", "turned"),
    [
        ((MARKER,), "if 1 thing that is not known yet turned out as below."),
        ((MARKER, MARKER), "if 2 things that are not known yet turned out as below."),
        ((ECOG,), "if 1 thing were otherwise."),
        ((MARKER, HISTORY), "if 2 things were otherwise."),
    ],
)
def test_the_answer_counts_what_the_smallest_way_takes(changes: tuple[NeededChange, ...], turned: str):
    explanation = nearest_explanation(found(way(*changes), way(ECOG, MARKER, HISTORY)))
    assert explanation.answer == f"PD-1 inhibitor is excluded; it would be recommended {turned}"


def test_a_recommended_class_is_to_be_offered_no_longer_and_each_way_says_what_it_would_be_then():
    explanation = nearest_explanation(found(Way((ECOG,), "not_indicated"), status="recommended", goal="not_offered"))
    assert explanation.title == "PD-1 inhibitor: when would it no longer be offered?"
    assert explanation.lines[0].text == "way 1: 1 thing, then not indicated"


def test_a_class_with_a_check_pending_is_to_be_recommended_without_it():
    explanation = nearest_explanation(found(way(MARKER), status="recommended_pending"))
    assert explanation.title == "PD-1 inhibitor: when would it be recommended with nothing pending?"


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (found(way(ECOG)), "there is no other way"),
        (found(way(ECOG), way(MARKER)), "there are no other ways"),
        (found(way(ECOG), complete=False), "this is a smallest way; there are more, which a higher --limit shows"),
        (
            found(way(ECOG), way(MARKER), complete=False),
            "these are the 2 smallest ways; there are more, which a higher --limit shows",
        ),
    ],
)
def test_the_closing_says_whether_there_are_other_ways(given: Nearest, first: str):
    assert closing(given)[0] == first
    assert "no advice" in closing(given)[-1]


def test_what_was_left_out_is_said_where_only_what_can_change_was_asked_for():
    assert any(text.startswith("left out: ") for text in closing(found(way(ECOG), changeable_only=True)))
    assert any(text.startswith("left out: ") for text in closing(found(changeable_only=True)))
    assert not any(text.startswith("left out: ") for text in closing(found(way(ECOG))))


@pytest.mark.parametrize(
    ("case", "therapy", "changeable_only", "reason"),
    [
        ("kidney-dialysis", "psma_radioligand", False, "because no rule for it applies to renal clear cell carcinoma."),
        ("relapsed-leukaemia", "thermal_ablation", False, "whatever else were known of a cancer of this type, it"),
        ("bedbound-after-four-lines", "docetaxel_chemotherapy", True, "whatever could be changed or found out of a"),
    ],
)
def test_where_there_is_no_way_the_answer_says_why(case: str, therapy: str, changeable_only: bool, reason: str):
    given = nearest(rules(), cases()[case], therapy, changeable_only=changeable_only, engine="linear")
    assert given.ways == ()
    assert given.complete
    assert reason in nearest_explanation(given).answer


def test_a_class_that_no_rule_recommends_is_told_apart():
    given = nearest(rules(), cases()["kidney-dialysis"], "immunotherapy", engine="linear")
    assert given.obstacle == "no rule of this rule set recommends it"


def test_a_command_stands_on_one_line_in_text_and_as_code_in_markdown():
    explanation = nearest_explanation(found(way(ECOG, MARKER, HISTORY)), "txselect what-if 'my case.yaml'")
    command = (
        "txselect what-if 'my case.yaml' --set ecog=3 --set biomarkers.BRAF_V600E=positive --set prior_therapies.1=none"
    )
    assert f"\n    {command}\n" in str(explanation)
    assert f"- · to try `` {command} ``\n" in explanation_markdown(explanation)


# the words that come with the search


@pytest.mark.parametrize(
    ("kind", "name", "absent"),
    [
        ("comorbidity", "heart_transplant", "no heart transplant"),
        ("site", "brain", "no metastases in brain"),
        ("drug", "anticoagulant", "takes no anticoagulant"),
        ("preference", "declines_chemotherapy", "not the patient's wish: declines chemotherapy"),
        ("finding", "fit_for_surgery", "not fit for surgery"),
        ("finding", "standard_options_exhausted", "a satisfactory standard option is left"),
    ],
)
def test_a_term_that_is_absent_is_said_as_a_clinician_would(kind: str, name: str, absent: str):
    assert rules().words.opposite(Listed(kind, (name,))) == absent


def test_no_absent_term_is_denied_twice():
    words, terms = rules().words, rules().pack.vocabulary.terms
    denied = [words.opposite(Listed(kind, (name,))) for kind in terms for name in terms[kind]]
    assert [text for text in denied if TWICE.search(text) or text.startswith(("no a ", "no an "))] == []


def test_details_of_a_prior_therapy_are_an_example_and_usual_ones_where_they_do():
    given = nearest(rules(), cases()["kidney-dialysis"], "hif2a_inhibitor", limit=1, engine="linear")
    assert [change.says for change in given.ways[0].changes] == [
        "prior immune checkpoint inhibitor, for example with progression, in the metastatic setting",
        "prior cabozantinib, for example with progression",
    ]


def test_a_time_since_a_prior_therapy_is_a_region_and_the_command_gives_one_of_it():
    given = nearest(rules(), cases()["sclc-early-relapse-after-limited-stage"], "platinum_etoposide", engine="linear")
    (change,) = given.ways[0].changes
    assert change.says.endswith(", for example ended at least 3 months and less than 6 months ago")
    assert change.change == 'prior_therapies.1={"months_since_end": 3.0}'


def test_a_more_exact_cancer_type_is_to_be_found_out():
    given = nearest(rules(), cases()["nsclc-histology-not-specified"], "met_adc", engine="linear")
    (exact,) = {change for way in given.ways for change in way.changes if change.change.startswith("cancer.type=")}
    assert (exact.known, exact.now) == (False, "stated only as non-small cell lung cancer")
