"""Changes of a profile: what they state is then read, what they leave no room for is said, nothing else moves."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from laws import strategies
from laws.changes import COUNTS, LEVELS, STATES, any_change
from laws.invented import MARKERS, TERMS, empty_pack
from laws.strategies import LEAVES, OUTCOMES
from scale import examples
from txselect.errors import PYTHON, InputError
from txselect.language.case import read_case
from txselect.language.changes import Changed, change_of, changed
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.change import Change
from txselect.model.condition import (
    Comparison,
    FieldIs,
    FieldMeasures,
    Leaf,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    TherapyGiven,
)
from txselect.model.profile import LIST_NAMES, Profile
from txselect.model.vocabulary import Vocabulary
from txselect.program.observe import leaf_test, subject_of

AS_OF = date(2026, 6, 1)
INVENTED = empty_pack().vocabulary

# Laws, on random profiles and changes


def truth(leaf: Leaf, profile: Profile) -> bool | None:
    return leaf_test(leaf, INVENTED)(patient_of(profile, INVENTED, AS_OF))


def profiles() -> st.SearchStrategy[dict[str, Any]]:
    """Profiles in which the therapy that changes name is listed once at most."""
    return strategies.profiles().filter(lambda written: str(written).count("beam_a") < 2)


def profile_of(written: dict[str, Any]) -> Profile:
    return validated(Profile, written, PYTHON)


def expected(change: Change) -> list[tuple[Leaf, bool | None]]:
    """What must be read after a change: leaves with their truth."""
    head, _, name = change.path.partition(".")
    if head == "biomarkers":
        return list(expected_of_marker(name, str(change.value)))
    if head == "measurements":
        value = {"level": LEVELS, "count": COUNTS}[name][change.value]
        return [(Measures(name, Comparison(equals=value or 0)), None if value is None else True)]
    kind = next((kind for kind, listed in LIST_NAMES.items() if listed == head), None)
    if kind and name:
        return [(Listed(kind, (name,)), {"present": True, "absent": False, "unknown": None}[change.value])]
    if kind:
        return [(Listed(kind, (term,)), False if change.value == "none" else None) for term in TERMS[kind]]
    if head == "prior_therapies":
        return [(TherapyGiven(classes=(name,), outcomes=(change.value,)), True)]
    return [expected_of_field(name or head, change.value)]


def expected_of_marker(name: str, value: str):
    if name in ("SCORE", "STEPS"):
        number = value.removesuffix("%").removesuffix(" ")
        known = number in ("0", "1", "60.0")
        step = value.split(maxsplit=1)[0]
        if name == "STEPS" and step in MARKERS["STEPS"]["scale"]:
            yield MarkerMeasures("STEPS", Comparison(equals=MARKERS["STEPS"]["scale"].index(step))), True
        else:
            yield MarkerMeasures(name, Comparison(equals=float(number) if known else 0)), True if known else None
        return
    state, _, origin = value.partition(" ")
    told = {"positive": True, "negative": False}.get(state)
    for source in [origin] if origin else [None, *(["germline", "somatic"] if told is None else [])]:
        yield MarkerIs(name, True, source or None), told


def expected_of_field(name: str, value: Any) -> tuple[Leaf, bool | None]:
    if isinstance(value, int) and not isinstance(value, bool):
        return FieldMeasures(name, Comparison(equals=value)), True
    if value == "unknown" and name in ("age", "ecog", "grade", "metastases", "months_since_diagnosis"):
        return FieldMeasures(name, Comparison(equals=1)), None
    return FieldIs(
        name, (str(value).lower(),) if name == "resectable" else (value,)
    ), None if value == "unknown" else True


def read_otherwise(profile: Profile, change: Change) -> bool:
    """Whether another statement stands: a date of diagnosis beside its months, or a therapy of the future."""
    listed = profile.prior_therapies.items if profile.prior_therapies else ()
    if change.path.startswith("prior_therapies"):
        return any(item.start and item.start > AS_OF for item in listed)
    return change == Change("cancer.months_since_diagnosis", "unknown") and profile.cancer.diagnosed is not None


@settings(max_examples=examples(500, nightly=20_000))
@given(profiles(), any_change())
def test_what_a_change_states_is_what_is_read(written: dict[str, Any], change: Change):
    profile = profile_of(written)
    assume(not read_otherwise(profile, change))
    after = changed(profile, [change], INVENTED).profile
    for leaf, told in expected(change):
        assert truth(leaf, after) is told, (leaf, change)


@settings(max_examples=examples(150, nightly=5_000))
@given(profiles(), st.lists(any_change(), min_size=2, max_size=3))
def test_changes_may_come_in_any_order_and_are_read_together(written: dict[str, Any], changes: list[Change]):
    profile = profile_of(written)
    outcomes = [attempt(profile, list(order)) for order in permutations(changes)]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    if isinstance(outcomes[0], Changed):
        for change in changes:
            assume(not read_otherwise(profile, change))
            for leaf, told in expected(change):
                assert truth(leaf, outcomes[0].profile) is told, (leaf, change)


def attempt(profile: Profile, changes: list[Change]) -> Changed | tuple[Any, ...]:
    try:
        return changed(profile, changes, INVENTED)
    except InputError as error:
        return error.problems


def touches(change: Change, leaf: Leaf) -> bool:
    """Whether a leaf asks about what a change is about."""
    head, _, name = change.path.partition(".")
    kind, _, asked = subject_of(leaf).partition(" ")
    match kind:
        case "marker":
            return head == "biomarkers"
        case "measurement":
            return (head == "measurements" and asked == name) or head == "sex"
        case "list":
            return head == LIST_NAMES[asked]
        case "prior":
            return head == "prior_therapies"
        case "field" if asked == "prior_lines":
            return head == "prior_therapies"
        case _:
            return asked == (name or head)


@settings(max_examples=examples(150, nightly=4_000))
@given(profiles(), any_change())
def test_nothing_else_moves(written: dict[str, Any], change: Change):
    before = profile_of(written)
    after = changed(before, [change], INVENTED).profile
    patients = patient_of(before, INVENTED, AS_OF), patient_of(after, INVENTED, AS_OF)
    for leaf in LEAVES:
        if not touches(change, leaf):
            test = leaf_test(leaf, INVENTED)
            assert test(patients[0]) is test(patients[1]), leaf


@settings(max_examples=examples(150, nightly=4_000))
@given(profiles(), st.sampled_from([(kind, name) for kind in TERMS for name in TERMS[kind]]), st.sampled_from(STATES))
def test_a_term_moves_only_what_is_a_kind_of_it_or_it_of_that(
    written: dict[str, Any], term: tuple[str, str], state: str
):
    kind, name = term
    before = profile_of(written)
    result = changed(before, [Change(f"{LIST_NAMES[kind]}.{name}", state)], INVENTED)
    kinds = INVENTED.term_kinds[kind]
    for other in TERMS[kind]:
        if kinds.related(name).isdisjoint(kinds.related(other)):
            leaf = Listed(kind, (other,))
            assert truth(leaf, before) is truth(leaf, result.profile)


@settings(max_examples=examples(150, nightly=4_000))
@given(profiles(), st.sampled_from(["first", "first_a", "third", "pair"]), st.sampled_from(OUTCOMES))
def test_a_therapy_listed_once_gets_the_outcome_and_one_listed_more_often_must_be_numbered(
    written: dict[str, Any], name: str, outcome: str
):
    profile = profile_of(written)
    listed = [item for item in profile.prior_therapies.items if name in item.therapy] if profile.prior_therapies else []
    outcomes = [change_of(f"prior_therapies.{name}={outcome}")]
    if len(listed) > 1:
        with pytest.raises(InputError, match="is listed"):
            changed(profile, outcomes, INVENTED)
        return
    after = changed(profile, outcomes, INVENTED).profile
    # a therapy of the future is not read at all
    assume(not any(item.start and item.start > AS_OF for item in listed))
    assert truth(TherapyGiven(classes=(name,), outcomes=(outcome,)), after) is True


@settings(max_examples=examples(150, nightly=4_000))
@given(profiles(), any_change())
def test_a_change_made_twice_changes_nothing_the_second_time(written: dict[str, Any], change: Change):
    once = changed(profile_of(written), [change], INVENTED)
    twice = changed(once.profile, [change], INVENTED)
    assert (twice.profile, twice.set_aside) == (once.profile, ())


@settings(max_examples=examples(150, nightly=4_000))
@given(any_change())
def test_a_change_is_read_back_from_its_text(change: Change):
    assert change_of(str(change)) == change


# One by one, in the words of a small vocabulary

PROFILE = """
age: 70
ecog: 1
cancer:
  type: PRAD
  extent: metastatic
  stage: IVB
  months_since_diagnosis: 12
  sites: [bone]
prior_therapies:
  - {therapy: docetaxel, line: 1, outcome: progression, months_since_end: 4}
biomarkers:
  - {marker: BRCA2, state: negative, origin: germline, date: 2026-01-10}
  - {marker: EGFR, alteration: L858R, state: positive}
  - {marker: PDL1_TPS, value: 60, unit: "%"}
measurements:
  - {name: haemoglobin, value: 11, unit: g/dL, lower_limit: 13, date: 2026-05-01}
comorbidities: []
"""


DOCETAXEL = "docetaxel (line 1, ended 4 months ago, progression)"
HAEMOGLOBIN = "haemoglobin 11 g/dL (lower limit 13, 2026-05-01)"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    from knowledge.shipped import rules

    return rules().pack.vocabulary


def after(text: str, vocabulary: Vocabulary, profile: str = PROFILE) -> Changed:
    changes = [change_of(part) for part in text.split("; ")]
    return changed(read_case(profile, "profile.yaml").profile, changes, vocabulary)


@pytest.mark.parametrize(
    ("text", "subject", "before", "now"),
    [
        ("ecog=3", "ECOG performance status", "1", "3"),
        ("age=unknown", "age", "70", "not stated"),
        ("cancer.type=NSCLC", "cancer type", "prostate adenocarcinoma", "non-small cell lung cancer"),
        ("cancer.resectable=true", "lesions", "not stated", "all resectable"),
        ("biomarkers.BRCA2=positive", "BRCA2 alteration", "BRCA2 negative (germline, 2026-01-10)", "BRCA2 positive"),
        ("biomarkers.ATM=test_failed", "ATM alteration", "no result", "ATM test failed"),
        ("biomarkers.PDL1_TPS=1 %", "PD-L1 tumour proportion score", "PDL1 TPS 60 %", "PDL1 TPS 1 %"),
        ("measurements.Hb=8 g/dL", "haemoglobin", HAEMOGLOBIN, "Hb 8 g/dL (lower limit 13)"),
        ("measurements.haemoglobin=unknown", "haemoglobin", HAEMOGLOBIN, "not measured"),
        ("sites.liver=present", "metastatic site liver", "not listed", "present"),
        ("sites.bone=absent", "metastatic site bone", "bone: present", "absent"),
        ("sites=none", "sites", "bone: present", "none"),
        ("comorbidities=unknown", "comorbidities", "none", "not stated"),
        ("prior_therapies=none", "prior therapies", DOCETAXEL, "none"),
        (
            "prior_therapies.abiraterone=stable",
            "prior abiraterone with prednisone",
            "not listed",
            "abiraterone with prednisone (stable)",
        ),
        ("prior_therapies.docetaxel=none", "prior docetaxel", DOCETAXEL, "not given"),
        (
            "prior_therapies.1={outcome: stable, setting: metastatic}",
            "prior docetaxel",
            DOCETAXEL,
            "docetaxel (metastatic, line 1, ended 4 months ago, stable)",
        ),
    ],
)  # fmt: skip
def test_each_change_says_what_was_and_what_is(vocabulary: Vocabulary, text: str, subject: str, before: str, now: str):
    (edit,) = after(text, vocabulary).edits
    assert (edit.subject, edit.before, edit.after) == (subject, before, now)


@pytest.mark.parametrize(
    ("text", "set_aside"),
    [
        ("biomarkers.EGFR=negative", ["EGFR L858R positive, which cannot be true beside EGFR negative"]),
        ("biomarkers.EGFR=unknown", ["EGFR L858R positive, which would settle EGFR mutation (any)"]),
        ("biomarkers.PDL1_TPS=unknown; biomarkers.EGFR=positive", []),
        ("biomarkers.BRCA2=positive somatic", []),
        ("biomarkers.HRR=positive", []),
        ("cancer.diagnosed=2024-02-01", ["months since diagnosis 12, which says it in another way"]),
        ("measurements.Hb=81 g/L", [f"the limits of normal of {HAEMOGLOBIN}, which are in another unit"]),
        ("measurements.Hb={value: 81, unit: g/L, lower_limit: 130}", []),
        (
            "prior_therapies.docetaxel=ongoing",
            ["docetaxel, ended 4 months ago: prior_therapies.docetaxel=ongoing leaves no room for it"],
        ),
        (
            "prior_therapies.1={end: 2026-01-01}",
            ['docetaxel, ended 4 months ago: prior_therapies.1={"end": "2026-01-01"} leaves no room for it'],
        ),
        ("prior_therapies.1={months_since_end: 2, line: unknown}", []),
    ],
)
def test_what_a_change_leaves_no_room_for_is_said(vocabulary: Vocabulary, text: str, set_aside: list[str]):
    assert list(after(text, vocabulary).set_aside) == set_aside


def test_a_whole_is_set_aside_where_changes_of_its_parts_deny_it_only_together():
    profile = profile_of({"cancer": {"type": "ALPHA"}, "biomarkers": [{"marker": "PART2", "state": "positive"}]})
    changes = [change_of("biomarkers.GRAIN1=negative"), change_of("biomarkers.GRAIN2=negative")]
    alone, together = changed(profile, changes[:1], INVENTED), changed(profile, changes, INVENTED)
    assert alone.set_aside == ()
    assert together.set_aside == ("PART2 positive, which cannot be true beside GRAIN1 negative",)


def results(*reports: tuple[str, str, str | None]) -> Profile:
    """A profile with results: marker, state or step, origin."""
    written = [
        {"marker": marker, "value" if marker == "STEPS" else "state": said, "origin": origin}
        for marker, said, origin in reports
    ]
    return profile_of({"cancer": {"type": "ALPHA"}, "biomarkers": written})


def test_results_that_contradict_each_other_give_way_to_a_change_that_could_not_be_read_beside_them():
    profile = results(("KIND", "positive", "somatic"), ("KIND", "negative", "somatic"))
    result = changed(profile, [change_of("biomarkers.KIND=positive germline")], INVENTED)
    assert truth(MarkerIs("KIND", True, "germline"), result.profile) is True
    assert result.set_aside == (
        "KIND positive (somatic), which is part of a contradiction about KIND",
        "KIND negative (somatic), which is part of a contradiction about KIND",
    )


def test_of_a_measured_marker_one_value_stands_whatever_its_origin():
    profile = results(("STEPS", "0", "germline"))
    after = changed(profile, [change_of("biomarkers.STEPS=3+ somatic")], INVENTED).profile
    assert [report.value for report in after.biomarkers] == ["3+"]


def test_what_is_new_stands_where_the_old_one_stood():
    profile = results(("KIND", "positive", None), ("HIGH", "positive", None))
    after = changed(profile, [change_of("biomarkers.KIND=negative")], INVENTED).profile
    assert [report.marker for report in after.biomarkers] == ["KIND", "HIGH"]


def test_a_term_listed_as_absent_goes_where_a_kind_of_it_is_present():
    sites = [{"name": "inner", "state": "absent"}, "outer"]
    profile = profile_of({"cancer": {"type": "ALPHA", "sites": sites}})
    result = changed(profile, [change_of("sites.inner_left=present")], INVENTED)
    assert result.set_aside == ("inner: absent, which cannot be true beside inner left: present",)
    assert [item.name for item in result.profile.cancer.sites.items] == ["outer", "inner_left"]


def test_the_marker_positive_in_tumour_and_negative_in_germline_is_two_things(vocabulary: Vocabulary):
    text = "biomarkers.BRCA1=negative germline; biomarkers.BRCA1=positive somatic"
    reports = after(text, vocabulary).profile.biomarkers[-2:]
    assert {(report.origin, report.state) for report in reports} == {("germline", "negative"), ("somatic", "positive")}


def test_a_list_made_by_a_change_is_open_and_that_of_preferences_stays_closed():
    profile = profile_of({"cancer": {"type": "ALPHA"}})
    made = changed(profile, [Change("drugs.tonic", "present"), Change("preferences.wish", "present")], INVENTED).profile
    assert made.drugs.complete is False
    assert made.preferences.complete is None


@pytest.mark.parametrize("listed", [None, ["tonic"], {"complete": False, "items": ["tonic"]}])
def test_a_list_called_complete_says_of_what_it_does_not_list_that_it_is_absent(listed: Any):
    profile = profile_of({"cancer": {"type": "ALPHA"}, **({"drugs": listed} if listed else {})})
    after = changed(profile, [Change("drugs", "complete"), Change("drugs.strong_tonic", "absent")], INVENTED).profile
    assert truth(Listed("drug", ("tonic",)), after) is bool(listed)
    assert truth(Listed("drug", ("strong_tonic",)), after) is False


def test_prior_therapies_called_complete_leave_no_other(vocabulary: Vocabulary):
    text = PROFILE.replace("prior_therapies:\n", "prior_therapies:\n  complete: false\n  items:\n")
    opened = text.replace("  - {therapy: docetaxel", "    - {therapy: docetaxel")
    result = after("prior_therapies=complete; prior_therapies.docetaxel=stable", vocabulary, opened)
    assert result.profile.prior_therapies.complete is True
    assert [item.outcome for item in result.profile.prior_therapies.items] == ["stable"]
    assert [edit.before for edit in result.edits][-1] == "not stated to be complete"


def test_a_new_therapy_is_added_beside_another_record_of_it(vocabulary: Vocabulary):
    result = after("prior_therapies.new={therapy: docetaxel, line: 3, outcome: progression}", vocabulary)
    assert [item.line for item in result.profile.prior_therapies.items] == [1, 3]
    assert result.set_aside == ()


def test_a_change_keeps_the_places_of_what_it_does_not_touch(vocabulary: Vocabulary):
    profile = after("ecog=2; sites.liver=present", vocabulary).profile
    assert str(profile.biomarkers[0].place).startswith("profile.yaml:")
    assert str(profile.cancer.sites.items[1].place) == "--set sites.liver"


# What cannot be done


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("ecog", "--set: TX005 `ecog` is no change", "write path=value, such as ecog=3"),
        ("ecog=", "--set ecog: TX005 no value is given", "`ecog=unknown` takes back what the profile says"),
        ("ecog=five", "--set ecog: TX005 `ecog`: expected a whole number, not `five`", ""),
        ("ecog=9", "--set ecog: TX005 `ecog`: expected at most 4, not `9`", ""),
        ("ecgo=2", "--set ecgo: TX003 unknown path `ecgo`", "did you mean `ecog`?"),
        ("stage=IV", "--set stage: TX003 unknown path `stage`", "did you mean `cancer.stage`?"),
        ("BRCA2=positive", "--set BRCA2: TX003 unknown path `BRCA2`", "did you mean `biomarkers.BRCA2`?"),
        ("cancer.sites.liver=present", "--set cancer.sites.liver: TX003 unknown path", "did you mean `sites.liver`?"),
        ("biomarkers=positive", "--set biomarkers: TX005 `biomarkers` needs a name", "write biomarkers.NAME=..."),
        ("cancer.type=unknown", "--set cancer.type: TX005 `type`: expected a text, but it is empty", ""),
        ("cancer.type=LUDA", "--set cancer.type: TX006 unknown cancer type `LUDA`", "did you mean `L"),
        ("cancer.stage=V", "--set cancer.stage: TX005 unknown stage `V`", "write a Roman number"),
        ("biomarkers.BRCA3=positive", "--set biomarkers.BRCA3: TX006 unknown marker", "did you mean"),
        ("biomarkers.BRCA2=postive", "TX005 `state`: expected positive, negative, equ", "did you mean `positive`?"),
        ("biomarkers.BRCA2={state: positive, orgin: germline}", "TX003 unknown key `orgin`", "did you mean `origin`?"),
        ("biomarkers.BRCA2={marker: ATM, state: positive}", "TX003 unknown key `marker`", "the path names it already"),
        ("biomarkers.BRCA2={state: positive, superseded: true}", "TX005 no rule can read", "changes nothing"),
        ("biomarkers.EGFR={state: positive, alteration: L859R}", "no rule can read the result", "leave `alteration`"),
        ("biomarkers.PDL1_TPS=600 %", "TX009 `PDL1_TPS` cannot be 600 %", "is the unit right?"),
        ("biomarkers.PDL1_TPS=high", "TX009 `high` is not a value of `PDL1_TPS`", ""),
        ("biomarkers.PDL1_TPS=positive", "TX005 `PDL1_TPS` has a value, not a state", "give a value in %"),
        ("measurements.Hb=8", "TX009 `8` is no value of haemoglobin with its unit", "g/dL or g/L or mmol/L"),
        ("measurements.Hb=8 mg", "TX009 the unit of `Hb` is `mg`", "use g/dL or g/L or mmol/L"),
        ("measurements.haemoglobn=8 g/dL", "TX006 unknown measurement `haemoglobn`", "did you mean `haemoglobin`?"),
        ("sites=bone", "TX005 `sites` needs a name, or one of the values `none`", "sites.NAME=present"),
        ("sites.livre=present", "--set sites.livre: TX006 unknown site `livre`", "did you mean `liver`?"),
        ("sites.bone=maybe", "TX005 `state`: expected present, absent or unknown, not `maybe`", ""),
        ("prior_therapies.2=none", "TX006 there is no prior therapy number 2", f"listed are: 1 {DOCETAXEL}"),
        ("prior_therapies.olaparib=none", "TX006 no prior therapy `olaparib` is listed", f"1 {DOCETAXEL}"),
        ("prior_therapies.docetaxl=stable", "TX006 unknown therapy class or agent", "did you mean `docetaxel`?"),
        ("prior_therapies.new={outcome: stable}", "--set prior_therapies.new: TX004 `therapy` is missing", ""),
        ("prior_therapies.new={therapy: docetaxl}", "TX006 unknown therapy class or agent `docetaxl`", "did you mean"),
        ("prior_therapies.docetaxel=better", "TX005 `outcome`: expected response, stable, ", ""),
        ("prior_therapies=docetaxel", "TX005 `prior_therapies` needs a name", "prior_therapies.NAME=progression"),
        ("ecog=1; ecog=2", "TX005 `ecog` and `ecog` change the same thing", "keep one of them"),
        ("sites=none; sites.bone=absent", "TX005 `sites.bone` and `sites` change the same thing", ""),
        ("biomarkers.brca2=unknown; biomarkers.BRCA2=positive germline", "change the same thing", ""),
        ("prior_therapies.1=none; prior_therapies.docetaxel=stable", "change the same thing", ""),
        ("cancer.diagnosed=2024-01-01; cancer.months_since_diagnosis=3", "change the same thing", ""),
        ("biomarkers.HRR=negative; biomarkers.BRCA2=positive", "cannot both be true", ""),
        ("biomarkers.EGFR=unknown; biomarkers.EGFR_L858R=positive", "cannot both be true", ""),
        ("sites={", "--set sites:2:1: TX001 not readable as YAML", ""),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_with_a_hint(
    vocabulary: Vocabulary, text: str, problem: str, hint: str
):
    with pytest.raises(InputError) as raised:
        after(text, vocabulary)
    (only,) = raised.value.problems
    assert problem in str(only)
    assert hint in only.hint


def test_every_problem_of_every_change_is_told_at_once(vocabulary: Vocabulary):
    with pytest.raises(InputError) as raised:
        after("ecog=9; sites.livre=present; biomarkers.BRCA2=postive; prior_therapies.2=none; age=70", vocabulary)
    paths = [str(problem.place).removeprefix("--set ") for problem in raised.value.problems]
    assert paths == ["biomarkers.BRCA2", "ecog", "prior_therapies.2", "sites.livre"]


def test_a_therapy_listed_twice_is_named_by_its_number(vocabulary: Vocabulary):
    twice = PROFILE.replace("biomarkers:", "  - {therapy: docetaxel, line: 2}\nbiomarkers:")
    with pytest.raises(InputError, match="`docetaxel` is listed 2 times") as raised:
        after("prior_therapies.docetaxel=stable", vocabulary, twice)
    assert "2 docetaxel (line 2)" in raised.value.problems[0].hint
    numbered = after("prior_therapies.2=stable", vocabulary, twice).profile
    assert [item.outcome for item in numbered.prior_therapies.items] == ["progression", "stable"]
