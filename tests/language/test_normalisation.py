"""From a profile to the vocabulary's words: visible, and with nothing lost on the way."""

from collections.abc import Callable
from datetime import date

import pytest

from txselect.errors import InputError
from txselect.model.patient import Patient, Span

Read = Callable[..., Patient]


def states(patient: Patient, *markers: str) -> list[bool | None]:
    return [knowledge.state if (knowledge := patient.markers.get(marker)) else None for marker in markers]


def notices(patient: Patient, kind: str) -> list[str]:
    return [notice.text for notice in patient.notices if notice.kind == kind]


def marker(text: str) -> str:
    return f"biomarkers: [{{{text}}}]\n"


@pytest.mark.parametrize(
    "spelling",
    ["PRAD", "prad", "Prostate Adenocarcinoma", "acinar adenocarcinoma of the prostate", "prostate-adenocarcinoma"],
)
def test_a_cancer_is_found_by_code_name_and_alias(patient: Read, spelling: str):
    assert patient(f"cancer: {{type: {spelling}}}").cancer == "PRAD"


@pytest.mark.parametrize(
    "spelling",
    [
        "marker: EGFR_L858R",
        "marker: EGFR L858R",
        "marker: EGFR p.L858R",
        "marker: EGFR, alteration: L858R",
        "marker: egfr, alteration: p.L858R",
    ],
)
def test_an_alteration_is_found_in_every_usual_spelling(patient: Read, spelling: str):
    read = patient(marker(f"{spelling}, state: positive"))
    assert states(read, "EGFR_L858R", "EGFR_SENSITISING", "EGFR") == [True, True, True]


def test_positive_goes_up_the_kinds_and_never_down(patient: Read):
    read = patient(marker("marker: EGFR_SENSITISING, state: positive"))
    assert states(read, "EGFR", "EGFR_SENSITISING", "EGFR_L858R") == [True, True, None]


def test_negative_goes_down_the_kinds_and_never_up(patient: Read):
    read = patient(marker("marker: EGFR_SENSITISING, state: negative"))
    assert states(read, "EGFR", "EGFR_SENSITISING", "EGFR_L858R") == [None, False, False]


def test_a_marker_with_parts_is_negative_once_all_parts_are(patient: Read):
    one = patient(marker("marker: BRCA1, state: negative"))
    both = patient("biomarkers: [{marker: BRCA1, state: negative}, {marker: BRCA2, state: negative}]")
    assert states(one, "BRCA") == [None]
    assert states(both, "BRCA") == [False]
    assert states(patient(marker("marker: BRCA2, state: positive")), "BRCA", "BRCA1") == [True, None]


def test_a_germline_negative_result_says_nothing_of_the_tumour(patient: Read):
    read = patient(marker("marker: BRCA2, state: negative, origin: germline"))
    assert states(read, "BRCA2") == [None]
    assert read.markers["BRCA2"].germline_negative


@pytest.mark.parametrize("state", ["equivocal", "not_tested", "test_failed"])
def test_a_result_without_an_answer_is_unknown_and_stays_what_it_is(patient: Read, state: str):
    read = patient(marker(f"marker: BRCA2, state: {state}"))
    assert states(read, "BRCA2", "BRCA") == [None, None]
    assert [report.state for report in read.markers["BRCA2"].unsettled] == [state]


@pytest.mark.parametrize(("value", "implied"), [(0, False), (0.5, False), (1, True), (60, True)])
def test_a_measured_marker_settles_what_it_implies(patient: Read, value: float, implied: bool):
    read = patient(marker(f'marker: PDL1_TPS, value: {value}, unit: "%"'))
    assert states(read, "PDL1") == [implied]
    assert read.markers["PDL1_TPS"].value == value


@pytest.mark.parametrize(
    ("step", "state"),
    [('"0"', False), ("0", False), ("ultralow", False), ('"1+"', False), ('"2+"', None), ('"3+"', True)],
)
def test_a_step_of_a_scale_settles_what_it_implies(patient: Read, step: str, state: bool | None):
    assert states(patient(marker(f"marker: HER2_IHC, value: {step}")), "HER2") == [state]


def test_tps_and_cps_are_different_markers(patient: Read):
    read = patient(marker("marker: PDL1_CPS, value: 60, unit: points"))
    assert "PDL1_TPS" not in read.markers


def test_a_marker_both_positive_and_negative_is_unknown_and_a_conflict(patient: Read):
    read = patient("biomarkers: [{marker: EGFR_L858R, state: positive}, {marker: EGFR, state: negative}]")
    assert states(read, "EGFR", "EGFR_L858R") == [None, None]
    assert len(notices(read, "data_conflict")) == 1


def origins(patient: Read, positive: str, negative: str) -> Patient:
    reports = (f"marker: BRCA2, state: positive{positive}", f"marker: BRCA2, state: negative{negative}")
    return patient(f"biomarkers: [{', '.join(f'{{{report}}}' for report in reports)}]")


GERMLINE, SOMATIC = ", origin: germline", ", origin: somatic"


def test_germline_positive_and_somatic_negative_are_positive_and_no_conflict(patient: Read):
    read = origins(patient, GERMLINE, SOMATIC)
    assert states(read, "BRCA2", "BRCA") == [True, True]
    assert notices(read, "data_conflict") == []


@pytest.mark.parametrize(
    ("positive", "negative"),
    [(GERMLINE, ""), (GERMLINE, GERMLINE), ("", SOMATIC), (SOMATIC, SOMATIC), (SOMATIC, ""), ("", "")],
)
def test_results_that_could_be_of_one_origin_contradict_each_other(patient: Read, positive: str, negative: str):
    read = origins(patient, positive, negative)
    assert states(read, "BRCA2") == [None]
    assert len(notices(read, "data_conflict")) == 1


def test_a_positive_result_that_is_contradicted_makes_nothing_else_positive(patient: Read):
    twice = "{marker: EGFR_L858R, state: positive}, {marker: EGFR_L858R, state: negative}"
    assert states(patient(f"biomarkers: [{twice}]"), "EGFR_L858R", "EGFR_SENSITISING") == [None, None]
    with_another = patient(f"biomarkers: [{twice}, {{marker: EGFR_EXON19_DELETION, state: positive}}]")
    assert states(with_another, "EGFR_L858R", "EGFR_SENSITISING") == [None, True]


def dated(patient: Read, state: str, day: str) -> Patient:
    older = "{marker: BRCA2, state: positive, date: 2025-01-10}"
    return patient(f"biomarkers: [{older}, {{marker: BRCA2, state: {state}, date: {day}}}]")


@pytest.mark.parametrize("state", ["equivocal", "test_failed"])
def test_a_positive_result_stands_beside_a_newer_one_without_an_answer_and_that_is_said(patient: Read, state: str):
    read = dated(patient, state, "2026-02-01")
    assert states(read, "BRCA2") == [True]
    assert "counts as positive (2025-01-10) although a newer report" in notices(read, "caution")[0]


@pytest.mark.parametrize(("state", "day"), [("equivocal", "2024-02-01"), ("not_tested", "2026-02-01")])
def test_an_older_doubt_about_a_positive_result_is_not_worth_a_word(patient: Read, state: str, day: str):
    assert notices(dated(patient, state, day), "caution") == []


def test_two_values_of_one_marker_are_a_conflict_and_no_value(patient: Read):
    read = patient('biomarkers: [{marker: PDL1_TPS, value: 60, unit: "%"}, {marker: PDL1_TPS, value: 10, unit: "%"}]')
    assert read.markers["PDL1_TPS"].value is None
    assert len(notices(read, "data_conflict")) == 1


def test_a_superseded_report_is_set_aside_and_says_so(patient: Read):
    read = patient("biomarkers: [{marker: BRCA2, state: negative, superseded: true}, {marker: BRCA2, state: positive}]")
    assert states(read, "BRCA2") == [True]
    assert notices(read, "data_conflict") == []
    assert "superseded" in notices(read, "caution")[0]


@pytest.mark.parametrize("name", ["EGRF", "AKL", "nonsense", "ALK translocation"])
@pytest.mark.parametrize("state", ["positive", "negative", "not_tested"])
def test_an_unknown_marker_is_an_error_and_never_an_untested_one(patient: Read, name: str, state: str):
    with pytest.raises(InputError, match="unknown marker"):
        patient(marker(f"marker: {name}, state: {state}"))


def test_an_unknown_point_mutation_leaves_its_gene_unknown_and_is_shown(patient: Read):
    read = patient(marker("marker: EGFR, alteration: L585R, state: positive"))
    assert states(read, "EGFR", "EGFR_SENSITISING") == [None, None]
    assert "did you mean `L858R`" in notices(read, "unrecognised_finding")[0]


def test_an_unknown_alteration_that_is_absent_settles_nothing(patient: Read):
    read = patient(marker("marker: EGFR, alteration: S768I, state: negative"))
    assert states(read, "EGFR") == [None]
    assert notices(read, "unrecognised_finding")


def test_a_misspelled_alteration_is_an_error(patient: Read):
    with pytest.raises(InputError, match="unknown alteration"):
        patient(marker("marker: EGFR, alteration: exon 19 deletoin, state: positive"))


def test_values_are_converted_to_the_unit_of_the_vocabulary(patient: Read):
    read = patient("measurements: [{name: haemoglobin, value: 102, unit: g/L, lower_limit: 130}]")
    found = read.measurements["haemoglobin"]
    assert (found.value, found.lower_limit) == pytest.approx((10.2, 13.0))


def test_the_newest_value_counts(patient: Read):
    old, new = (
        "{name: lvef, value: 40, unit: '%', date: 2026-01-01}",
        "{name: lvef, value: 60, unit: '%', date: 2026-05-01}",
    )
    for order in (f"[{old}, {new}]", f"[{new}, {old}]"):
        assert patient(f"measurements: {order}").measurements["lvef"].value == 60


def test_two_values_of_one_day_are_a_conflict(patient: Read):
    read = patient("measurements: [{name: lvef, value: 40, unit: '%'}, {name: lvef, value: 60, unit: '%'}]")
    assert len(notices(read, "data_conflict")) == 1


@pytest.mark.parametrize(("undated", "counts"), [(40, False), (60, True)])
def test_a_value_without_a_date_beside_a_different_dated_one_is_a_conflict(patient: Read, undated: int, counts: bool):
    one, other = (
        "{name: lvef, value: 60, unit: '%', date: 2026-01-01}",
        f"{{name: lvef, value: {undated}, unit: '%'}}",
    )
    for order in (f"[{one}, {other}]", f"[{other}, {one}]"):
        read = patient(f"measurements: {order}")
        assert ("lvef" in read.measurements) is counts
        assert len(notices(read, "data_conflict")) == (not counts)


def test_a_limit_of_normal_that_the_profile_does_not_give_is_marked_as_assumed(patient: Read):
    assumed = patient("measurements: [{name: calcium, value: 2.9, unit: mmol/L}]").measurements["calcium"]
    given = patient("measurements: [{name: calcium, value: 2.9, unit: mmol/L, lower_limit: 2.1, upper_limit: 2.5}]")
    assert (assumed.upper_limit, assumed.limits_assumed) == (2.6, ("lower_limit", "upper_limit"))
    assert (given.measurements["calcium"].upper_limit, given.measurements["calcium"].limits_assumed) == (2.5, ())


# Lists


@pytest.mark.parametrize(("kind", "text", "closed"), [
    ("comorbidity", "comorbidities: []", True),
    ("drug", "drugs: [rifampicin]", True),
    ("preference", "preferences: []", True),
    ("site", "cancer: {type: PRAD, sites: [bone]}", True),
    ("finding", "findings: []", False),
    ("histology", "cancer: {type: PRAD, histology: []}", False),
    ("comorbidity", "comorbidities: {complete: false, items: []}", False),
    ("finding", "findings: {complete: true, items: []}", True),
])  # fmt: skip
def test_a_list_is_as_complete_as_its_kind_or_as_it_says(patient: Read, kind: str, text: str, closed: bool):
    assert patient(text).listings[kind].complete is closed


def test_a_list_left_out_is_unknown_except_that_a_wish_nobody_stated_is_assumed_not_to_exist(patient: Read):
    read = patient("age: 70")
    assert list(read.listings) == ["preference"]
    assert read.listings["preference"].complete
    assert not read.listings["preference"].states
    assert "preferences" in read.assumed_lists
    assert not read.therapies_complete


def test_a_finding_nobody_recognises_opens_its_closed_list(patient: Read):
    read = patient("comorbidities: [rheumatoid arthritis, porphyria]")
    assert read.listings["comorbidity"].states == {"rheumatoid_arthritis": True}
    assert not read.listings["comorbidity"].complete
    assert "porphyria" in notices(read, "unrecognised_finding")[0]


def test_a_term_listed_both_ways_is_unknown_and_a_conflict(patient: Read):
    read = patient("findings: [visceral crisis, {name: visceral_crisis, state: absent}]")
    assert read.listings["finding"].states == {"visceral_crisis": None}
    assert notices(read, "data_conflict")


AUTOIMMUNE = "{name: autoimmune_disease, state: absent}"


@pytest.mark.parametrize("items", [f"[{AUTOIMMUNE}, rheumatoid_arthritis]", f"[rheumatoid_arthritis, {AUTOIMMUNE}]"])
def test_a_term_present_beside_the_absence_of_what_it_is_a_kind_of_is_a_conflict(patient: Read, items: str):
    read = patient(f"comorbidities: {items}")
    assert read.listings["comorbidity"].contradictory == {"autoimmune_disease", "rheumatoid_arthritis"}
    (text,) = notices(read, "data_conflict")
    assert text.startswith("rheumatoid arthritis is listed as present and autoimmune disease, which includes it, as")


def test_a_kind_that_is_absent_beside_what_it_is_a_kind_of_is_no_conflict(patient: Read):
    read = patient("comorbidities: [autoimmune_disease, {name: rheumatoid_arthritis, state: absent}]")
    assert notices(read, "data_conflict") == []


def test_other_findings_are_shown(patient: Read):
    assert "uses homeopathy" in notices(patient("other_findings: [uses homeopathy]"), "unrecognised_finding")[0]


# Therapies and time


def lines(patient: Read, text: str) -> Span:
    return patient(f"prior_therapies: {text}").numbers["prior_lines"]


def test_lines_are_counted_in_the_metastatic_setting(patient: Read):
    assert lines(patient, "[]") == Span(0, 0)
    assert lines(patient, "[{therapy: docetaxel, setting: adjuvant}]") == Span(0, 0)
    assert lines(patient, "[{therapy: docetaxel, setting: metastatic, line: 2}]") == Span(2, 2)
    assert lines(patient, "[{therapy: surgery, setting: metastatic}]") == Span(0, 0)


def test_a_therapy_without_its_setting_may_or_may_not_be_a_line(patient: Read):
    assert lines(patient, "[{therapy: docetaxel}]") == Span(0, 1)


def test_drugs_of_one_line_are_one_line(patient: Read):
    text = "[{therapy: docetaxel, setting: metastatic, line: 1}, {therapy: carboplatin, setting: metastatic, line: 1}]"
    assert lines(patient, text) == Span(1, 1)


def test_an_open_list_of_therapies_has_no_upper_bound(patient: Read):
    text = "{complete: false, items: [{therapy: docetaxel, setting: metastatic}]}"
    assert lines(patient, text) == Span(1, float("inf"))


def test_intervals_come_from_dates(patient: Read):
    text = "prior_therapies: [{therapy: docetaxel, start: 2025-07-01, end: 2026-01-01}]"
    record = patient(text).therapies[0]
    assert record.months_on_therapy == pytest.approx(6, abs=0.1)
    assert record.months_since_end == pytest.approx(6, abs=0.1)


def test_an_interval_that_is_given_stands_before_one_that_could_be_computed(patient: Read):
    text = "prior_therapies: [{therapy: docetaxel, months_since_end: 9}]"
    assert patient(text).therapies[0].months_since_end == 9


def test_an_ongoing_therapy_ended_no_months_ago(patient: Read):
    record = patient("prior_therapies: [{therapy: docetaxel, start: 2026-01-01, outcome: ongoing}]").therapies[0]
    assert record.months_since_end == 0
    assert record.months_on_therapy == pytest.approx(6, abs=0.1)


@pytest.mark.parametrize("end", ["end: 2026-03-01", "months_since_end: 4"])
def test_a_therapy_that_is_ongoing_and_ended_is_a_conflict_and_believed_in_neither(patient: Read, end: str):
    read = patient(f"prior_therapies: [{{therapy: docetaxel, start: 2026-01-01, {end}, outcome: ongoing}}]")
    record = read.therapies[0]
    assert (record.outcome, record.months_since_end, record.months_on_therapy) == (None, None, None)
    assert "docetaxel is given as ongoing and with an end" in notices(read, "data_conflict")[0]


def test_an_ongoing_therapy_may_end_on_the_day_of_the_decision(patient: Read):
    read = patient("prior_therapies: [{therapy: docetaxel, end: 2026-07-01, outcome: ongoing}]")
    assert read.therapies[0].outcome == "ongoing"
    assert notices(read, "data_conflict") == []


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_decision_centuries_away_is_refused(patient: Read, year: int):
    with pytest.raises(InputError, match="too far away: years go from 1900 to 2199"):
        patient("cancer: {type: PRAD, diagnosed: 2023-04-01}", date(year, 12, 31))


@pytest.mark.parametrize("year", [1900, 2199])
def test_the_first_and_the_last_year_can_be_reckoned_with(patient: Read, year: int):
    assert patient("cancer: {type: PRAD, diagnosed: 1900-01-01}", date(year, 12, 31)).numbers


def test_a_therapy_after_the_date_of_the_decision_is_set_aside_as_a_conflict(patient: Read):
    text = "prior_therapies: [{therapy: docetaxel, start: 2026-08-01}]"
    read = patient(text)
    assert (read.therapies, read.therapies_complete) == ((), False)
    assert "2026-08-01" in notices(read, "data_conflict")[0]
    assert patient(text, date(2026, 9, 1)).therapies


def test_a_diagnosis_after_the_date_of_the_decision_is_a_conflict_and_no_number(patient: Read):
    read = patient("cancer: {type: PRAD, diagnosed: 2026-12-01}")
    assert "months_since_diagnosis" not in read.numbers
    assert notices(read, "data_conflict")


def test_every_unusable_name_of_a_profile_is_told_at_once(patient: Read):
    with pytest.raises(InputError) as raised:
        patient(
            "cancer: {type: PRADD, sites: [bones]}\nbiomarkers: [{marker: BRAC2, state: positive}]\n"
            "prior_therapies: [{therapy: docetaxell}]\nmeasurements: [{name: lveff, value: 50, unit: '%'}]"
        )
    assert len(raised.value.problems) == 5
    assert all(problem.place.line for problem in raised.value.problems)
