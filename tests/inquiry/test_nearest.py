"""The ways that `nearest` names are all that there are, against every set of changes tried in the real pipeline."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inquiry.brute import ANOTHER, Brute, Way
from inquiry.small import THERAPY, Pack, packs
from knowledge.shipped import cases
from knowledge.shipped import rules as shipped_rules
from laws.strategies import profiles
from scale import examples
from txselect.engine.durable import available
from txselect.errors import InputError
from txselect.inquiry.nearest import nearest
from txselect.inquiry.ways import Nearest, NeededChange
from txselect.language.changes import change_of
from txselect.model.condition import (
    All,
    AnyOf,
    CancerIs,
    Comparison,
    FieldIs,
    FieldMeasures,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    Not,
    TherapyGiven,
)
from txselect.pipeline import Rules, read

MANY = 500
"""More ways than any pack here has."""

RUNS = examples(1_500, nightly=4_000)
"""The sets of answers that one example may try: a run of the pipeline for each."""


def all_ways(rules: Rules, profile: Any, therapy: str = THERAPY) -> Nearest:
    return nearest(rules, profile, therapy, limit=MANY, engine="linear")


def named(change: NeededChange, asked: set[str]) -> str:
    """A change by its question, in the words of `brute`."""
    path = change.change.partition("=")[0]
    if path.startswith("prior_therapies") and path.count(".") == 1 and not path.rpartition(".")[2].isdecimal():
        return change.about if change.about in asked else ANOTHER
    return change.about if path.startswith("biomarkers") and change.about in asked else path


def named_ways(found: Nearest, asked: set[str]) -> set[Way]:
    """The ways as sets of questions; to alter a listed therapy and to find out more of it is one question here."""
    ways = {frozenset(named(change, asked) for change in way.changes) for way in found.ways}
    return {way for way in ways if not any(other < way for other in ways)}


def agrees(rules: Rules, profile: Any, most: int = 3) -> set[Way]:
    """Compare the ways of at most three questions, or of fewer where too much would have to be tried."""
    reading, _ = read(rules, profile, engine="linear")
    brute = Brute(rules, reading, THERAPY)
    while sum(brute.sets(size) for size in range(1, most + 1)) > RUNS:
        most -= 1
    found = all_ways(rules, profile)
    assert found.complete
    expected = brute.ways(most)
    assert {way for way in named_ways(found, set(brute.asked)) if len(way) <= most} == expected
    return expected


@settings(max_examples=examples(40, nightly=1_500), suppress_health_check=list(HealthCheck))
@given(pack=packs(most=3), profile=profiles())
def test_the_ways_are_those_that_trying_everything_finds(pack: Pack, profile: dict[str, Any]):
    agrees(pack.rules, profile)


AT_LEAST_TWO_LINES = FieldMeasures("prior_lines", Comparison(at_least=2))
KINDS_OF_QUESTIONS: dict[str, tuple[Pack, dict[str, Any]]] = {
    "a marker in tumour and germline": (
        Pack(All((MarkerIs("KIND", True), MarkerIs("KIND", True, "germline")))),
        {"biomarkers": [{"marker": "KIND", "state": "negative", "origin": "somatic"}]},
    ),
    "a marker negative here and positive there": (
        Pack(All((MarkerIs("PART1", True), Not(MarkerIs("PART1", True, "germline"))))),
        {},
    ),
    "a kind of a marker, found in the germline, is one of the class": (
        Pack(All((MarkerIs("CLASS", True, "germline"), MarkerIs("KIND", True)))),
        {},
    ),
    "a whole is negative once its parts are": (
        Pack(Not(MarkerIs("WHOLE", True)), MarkerIs("PART1", True)),
        {"biomarkers": [{"marker": "GRAIN1", "state": "negative"}, {"marker": "WHOLE", "state": "positive"}]},
    ),
    "a value implies a state": (
        Pack(All((MarkerIs("HIGH", True), MarkerMeasures("SCORE", Comparison(at_most=80))))),
        {"biomarkers": [{"marker": "SCORE", "value": 20, "unit": "%"}]},
    ),
    "a step of a scale": (
        Pack(All((MarkerMeasures("STEPS", Comparison(at_least=2)), Not(MarkerIs("OVER", True))))),
        {"biomarkers": [{"marker": "STEPS", "value": "0"}]},
    ),
    "reports that contradict each other": (
        Pack(MarkerIs("KIND", True)),
        {"biomarkers": [{"marker": "KIND", "state": "negative"}, {"marker": "VARIANT", "state": "positive"}]},
    ),
    "markers that exclude each other": (
        Pack(All((MarkerIs("KIND", False), MarkerIs("GRAIN1", False))), MarkerIs("VARIANT", True)),
        {"biomarkers": [{"marker": "VARIANT", "state": "positive"}]},
    ),
    "markers that exclude each other, reported together": (
        Pack(All((MarkerIs("RIVAL", True), MarkerIs("CLASS", True)))),
        {"biomarkers": [{"marker": "KIND", "state": "positive"}, {"marker": "RIVAL", "state": "positive"}]},
    ),
    "markers that exclude each other, one in the germline and one in the tumour": (
        Pack(All((MarkerIs("KIND", True), MarkerIs("RIVAL", True)))),
        {},
    ),
    "a marker that excludes what a value implies": (
        Pack(All((MarkerIs("LONER", True), MarkerIs("HIGH", False))), MarkerMeasures("SCORE", Comparison(at_least=50))),
        {"biomarkers": [{"marker": "SCORE", "value": 60, "unit": "%"}]},
    ),
    "a marker that excludes all parts of a whole": (
        Pack(MarkerIs("PART2", False), MarkerIs("LONER", False)),
        {"biomarkers": [{"marker": "GRAIN2", "state": "positive"}]},
    ),
    "an open list": (
        Pack(All((Listed("finding", ("sign",)), Not(Listed("finding", ("clear_sign",)))))),
        {"findings": []},
    ),
    "a closed list": (
        Pack(Listed("site", ("inner",)), Listed("site", ("inner_left", "outer"))),
        {"cancer": {"type": "ALPHA", "sites": ["inner_left_tip"]}},
    ),
    "a term that is listed both ways": (
        Pack(All((Not(Listed("site", ("inner",))), Not(Listed("site", ("inner_left",))))), Listed("site", ("inner",))),
        {"cancer": {"type": "ROOT", "sites": ["inner_left_tip", {"name": "inner_left_tip", "state": "absent"}]}},
    ),
    "a wider term that is listed both ways": (
        Pack(All((Listed("site", ("inner",)), Listed("site", ("inner_left_tip",))))),
        {"cancer": {"type": "ROOT", "sites": ["inner", {"name": "inner", "state": "absent"}]}},
    ),
    "a list that was not stated": (
        Pack(All((Not(Listed("comorbidity", ("illness",))), Not(Listed("comorbidity", ("grave_illness",)))))),
        {},
    ),
    "a prior therapy with details": (
        Pack(TherapyGiven(("first",), outcomes=("progression",), line=Comparison(at_least=2))),
        {"prior_therapies": [{"therapy": "first", "line": 1}]},
    ),
    "an ongoing therapy": (
        Pack(TherapyGiven(("first",), outcomes=("ongoing",), months_since_end=Comparison(below=6))),
        {"prior_therapies": [{"therapy": "first_a", "outcome": "progression", "months_since_end": 12}]},
    ),
    "a therapy that has to have been another": (
        Pack(Not(TherapyGiven(("family",), settings=("metastatic",))), TherapyGiven(("third",))),
        {"prior_therapies": [{"therapy": "first"}, {"therapy": "third_a"}]},
    ),
    "any therapy": (Pack(TherapyGiven(outcomes=("progression",))), {"prior_therapies": []}),
    "lines of therapy": (
        Pack(AT_LEAST_TWO_LINES),
        {"prior_therapies": [{"therapy": "third", "setting": "metastatic"}, {"therapy": "first"}]},
    ),
    "no line of therapy": (
        Pack(FieldMeasures("prior_lines", Comparison(at_most=0))),
        {"prior_therapies": [{"therapy": "third", "setting": "metastatic"}, {"therapy": "first"}]},
    ),
    "a measurement against the limit of normal that its laboratory gives": (
        Pack(Measures("count", Comparison(above=1.5), "upper_limit"), Measures("count", Comparison(above=4))),
        {"measurements": [{"name": "count", "value": 1, "unit": "G/L", "upper_limit": 1.2}]},
    ),
    "a limit of normal that depends on the sex": (
        Pack(All((Measures("level", Comparison(below=1), "lower_limit"), FieldIs("sex", ("female",))))),
        {"measurements": [{"name": "level", "value": 13, "unit": "g/dL"}]},
    ),
    "a more exact cancer type": (Pack(CancerIs(("ALPHA1",)), FieldIs("stage", ("IV",))), {}),
    "a stage less exact than the rule's": (
        Pack(FieldIs("stage", ("IVB",)), FieldIs("extent", ("oligometastatic",))),
        {"cancer": {"type": "ALPHA", "stage": "IV", "extent": "metastatic"}},
    ),
    "one of several numbers": (
        Pack(AnyOf((FieldMeasures("ecog", Comparison(at_most=1)), FieldMeasures("age", Comparison(below=75))))),
        {"age": 80, "ecog": 3},
    ),
    "nothing, since it cannot be": (
        Pack(All((FieldMeasures("age", Comparison(below=18)), FieldMeasures("age", Comparison(above=75))))),
        {"age": 40},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS_OF_QUESTIONS)
def test_every_kind_of_question_is_answered_in_every_way_that_turns_the_therapy(kind: str):
    pack, profile = KINDS_OF_QUESTIONS[kind]
    written = {"as_of": "2026-06-01", "cancer": {"type": "ALPHA"}, **profile}
    assert bool(agrees(pack.rules, written)) == (kind != "nothing, since it cannot be")


# what is asked for besides: a limit, only what can change, an engine

A_FEW_QUESTIONS = [
    ("sparse-castration-resistant", "parp_inhibitor"),
    ("vision-population", "psma_radioligand"),
    ("kidney-checkmate-214-poor-risk", "dual_checkpoint_inhibition"),
    ("driver-egfr-after-osimertinib", "platinum_doublet"),
]
a_few = pytest.mark.parametrize(("case", "therapy"), A_FEW_QUESTIONS)


@a_few
def test_a_limit_cuts_the_list_and_says_so(case: str, therapy: str):
    everything = nearest(shipped_rules(), cases()[case], therapy, limit=MANY, engine="linear")
    assert everything.complete
    for limit in range(1, len(everything.ways) + 1):
        found = nearest(shipped_rules(), cases()[case], therapy, limit=limit, engine="linear")
        assert found.ways == everything.ways[:limit]
        assert found.complete == (limit == len(everything.ways))


@a_few
def test_ways_come_smallest_first_and_none_within_another(case: str, therapy: str):
    found = nearest(shipped_rules(), cases()[case], therapy, limit=MANY, engine="linear")
    sizes = [len(way.changes) for way in found.ways]
    assert sizes
    assert sizes == sorted(sizes)
    asked = [{(change.about, change.change.partition("=")[0]) for change in way.changes} for way in found.ways]
    assert not any(one < other for one in asked for other in asked)


@a_few
def test_what_nobody_can_change_is_left_out_and_nothing_else_is(case: str, therapy: str):
    free = nearest(shipped_rules(), cases()[case], therapy, limit=MANY, engine="linear")
    held = nearest(shipped_rules(), cases()[case], therapy, limit=MANY, changeable_only=True, engine="linear")
    expected = [way for way in free.ways if not any(change.fixed for change in way.changes)]
    assert _asked(held) == sorted(sorted(change.about for change in way.changes) for way in expected)
    assert not any(change.fixed for way in held.ways for change in way.changes)


def _asked(found: Nearest) -> list[list[str]]:
    return sorted(sorted(change.about for change in way.changes) for way in found.ways)


@settings(max_examples=examples(60, nightly=1_500), suppress_health_check=list(HealthCheck))
@given(pack=packs(most=5), profile=profiles())
def test_leaving_out_what_nobody_can_change_leaves_the_other_ways_as_they_are(pack: Pack, profile: dict[str, Any]):
    free = all_ways(pack.rules, profile)
    held = nearest(pack.rules, profile, THERAPY, limit=MANY, changeable_only=True, engine="linear")
    expected = [way for way in free.ways if not any(change.fixed for change in way.changes)]
    assert _asked(held) == sorted(sorted(change.about for change in way.changes) for way in expected)


@a_few
def test_the_answer_is_the_same_again_and_with_either_engine(case: str, therapy: str):
    engines = ("linear", "linear", "durable") if available() else ("linear", "linear")
    once, *again = (nearest(shipped_rules(), cases()[case], therapy, engine=engine) for engine in engines)
    assert all(other == once for other in again)


@settings(max_examples=examples(40, nightly=1_000), suppress_health_check=list(HealthCheck))
@given(case=st.sampled_from(sorted(cases())), data=st.data())
def test_every_way_for_a_shipped_case_turns_it_and_no_change_of_it_can_be_left_out(case: str, data: st.DataObject):
    rules, profile = shipped_rules(), cases()[case]
    reading, _ = read(rules, profile, engine="linear")
    therapy = data.draw(st.sampled_from(sorted(reading.program.options)))
    brute = Brute(rules, reading, therapy)
    for way in nearest(rules, profile, therapy, engine="linear").ways:
        changes = [change_of(change.change) for change in way.changes]
        assert brute.turns(changes)
        assert brute.status(changes) == way.status
        assert not any(brute.turns([other for other in changes if other is not one]) for one in changes)


def test_a_therapy_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="parp_inhibito"):
        nearest(shipped_rules(), cases()["vision-population"], "parp_inhibito")
