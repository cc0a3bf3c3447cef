"""Single decisions at the edges, each of which was once wrong or easily could be."""

from datetime import date
from typing import Any

import pytest

from laws.invented import pack_of
from laws.strategies import AS_OF, pack_with
from txselect.api import why
from txselect.decision.record import Decision
from txselect.errors import InputError
from txselect.model.condition import (
    All,
    AnyOf,
    AtLeast,
    CancerIs,
    Comparison,
    Condition,
    FactHolds,
    FieldIs,
    FieldMeasures,
    Listed,
    MarkerIs,
    Measures,
    Not,
    TherapyGiven,
)
from txselect.model.rules import Contraindicate, Derive, Head, Intend, Recommend, Rule
from txselect.pipeline import Rules, decide

ALWAYS = CancerIs(("ROOT",))
OPEN = MarkerIs("KIND", True)


def rule(name: str, head: Head, when: Condition = ALWAYS, **more: Any) -> Rule:
    return Rule(name, name, head, when, more.pop("unless", ()), f"{name}.", **more)


def recommend(
    name: str, *regimens: tuple[str, ...], when: Condition = ALWAYS, again: bool = False, **more: Any
) -> Rule:
    return rule(name, Recommend("first", regimens, "preferred", again), when, evidence=("source_phase_3",), **more)


def decided(*rules: Rule, jurisdiction: str | None = None, as_of: date = AS_OF, **profile: Any) -> Decision:
    cancer = {"type": "ROOT", **profile.pop("cancer", {})}
    given = {"cancer": cancer, **profile}
    return decide(Rules(pack_with(list(rules))), given, as_of=as_of, engine="linear", jurisdiction=jurisdiction)


def status(decision: Decision) -> str:
    option = decision.option("first")
    return option.status if option else "no option"


def holds(condition: Condition, **profile: Any) -> bool | None:
    found = status(decided(recommend("asked", when=condition), **{"prior_therapies": [], **profile}))
    return {"recommended": True, "not_indicated": False, "possible": None}[found]


BAR_A = rule("bar.a", Contraindicate(("first_a",), "absolute", "safety"))


def test_an_option_whose_only_indicated_agent_is_contraindicated_is_excluded():
    """Another rule's agent is no way out, since that rule does not hold."""
    other = recommend("two", ("first_b",), when=Not(ALWAYS))
    assert status(decided(recommend("one", ("first_a",)), other, BAR_A, prior_therapies=[])) == "excluded"


def test_an_option_waits_for_the_rule_that_would_name_an_agent_still_allowed():
    other = recommend("two", ("first_b",), when=OPEN)
    decision = decided(recommend("one", ("first_a",)), other, BAR_A, prior_therapies=[])
    assert status(decision) == "recommended_pending"
    assert [pending.markers for pending in decision.options[0].pending] == [("KIND",)]


def test_an_option_with_one_agent_left_is_recommended_with_that_agent():
    decision = decided(recommend("one", ("first_a",), ("first_b",)), BAR_A, prior_therapies=[])
    assert status(decision) == "recommended"
    assert decision.options[0].agents == ("first b",)


PROGRESSED = [{"therapy": "first_a", "outcome": "progression"}]


def test_what_failed_is_not_offered_again():
    assert status(decided(recommend("one"), prior_therapies=PROGRESSED)) == "excluded"


def test_rechallenge_lifts_that_where_its_rule_holds():
    assert status(decided(recommend("one", again=True), prior_therapies=PROGRESSED)) == "recommended"
    assert status(decided(recommend("one", again=True, when=OPEN), recommend("two"), prior_therapies=PROGRESSED)) == (
        "recommended_pending"
    )


@pytest.mark.parametrize(
    "out_of_force", [{"valid_until": AS_OF}, {"jurisdiction": ("EMA",)}, {"applies_to": ("BETA",)}]
)
def test_a_rechallenge_rule_that_is_not_in_force_lifts_nothing(out_of_force: dict[str, Any]):
    again = recommend("again", again=True, **out_of_force)
    decision = decided(
        again, recommend("one"), jurisdiction="FDA", cancer={"type": "ALPHA"}, prior_therapies=PROGRESSED
    )
    assert status(decision) == "excluded"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 5, 31), "no option"),
        (date(2026, 6, 1), "recommended"),
        (date(2026, 6, 30), "recommended"),
        (date(2026, 7, 1), "no option"),
    ],
)
def test_a_validity_window_holds_its_first_day_and_not_its_last(day: date, expected: str):
    dated = recommend("dated", valid_from=date(2026, 6, 1), valid_until=date(2026, 7, 1))
    assert status(decided(dated, as_of=day, prior_therapies=[])) == expected


def test_a_fact_whose_rules_are_all_out_of_scope_is_false_and_not_unknown():
    elsewhere = rule("derive", Derive("low_fact"), OPEN, applies_to=("BETA",))
    decision = decided(
        elsewhere, recommend("one", when=Not(FactHolds("low_fact"))), cancer={"type": "ALPHA"}, prior_therapies=[]
    )
    assert status(decision) == "recommended"


def test_a_cancer_code_without_the_detail_leaves_a_scope_open():
    scoped = recommend("scoped", applies_to=("ALPHA1",))
    found = [
        status(decided(scoped, cancer={"type": code}, prior_therapies=[])) for code in ("ALPHA1", "ALPHA", "ALPHA2")
    ]
    assert found == ["recommended", "possible", "no option"]


def test_an_any_of_one_and_doubled_children_mean_what_they_say():
    positive = [{"marker": "KIND", "state": "positive"}]
    assert holds(AnyOf((OPEN,)), biomarkers=positive) is True
    assert holds(AtLeast(2, (OPEN, OPEN, Not(OPEN))), biomarkers=positive) is True
    assert holds(AtLeast(2, (OPEN, OPEN, Not(OPEN)))) is None


def test_the_same_parts_joined_otherwise_are_another_condition():
    """Equal conditions share a node; these must not."""
    pair = (OPEN, FieldIs("sex", ("male",)))
    whens = (All(pair), AnyOf(pair), AtLeast(1, pair), AtLeast(2, pair))
    intents = [rule(f"r{number}", Intend("supportive"), when) for number, when in enumerate(whens)]
    decision = decided(*intents, sex="male", biomarkers=[{"marker": "KIND", "state": "negative"}])
    assert [reason.rule for reason in decision.intent_reasons] == ["r1", "r2"]


def test_an_open_unless_makes_possible_and_an_open_contraindication_makes_pending():
    assert status(decided(recommend("one", unless=(OPEN,)), prior_therapies=[])) == "possible"
    bar = rule("bar", Contraindicate(("family",), "absolute", "safety"), OPEN)
    assert status(decided(recommend("one"), bar, prior_therapies=[])) == "recommended_pending"


def test_germline_positive_and_germline_negative_contradict_each_other():
    reports = [{"marker": "PART1", "state": state, "origin": "germline"} for state in ("positive", "negative")]
    assert holds(MarkerIs("PART1", True), biomarkers=reports) is None
    assert holds(MarkerIs("PART1", True, "germline"), biomarkers=reports) is None
    decision = decided(recommend("one"), biomarkers=reports)
    assert [flag.kind for flag in decision.flags if "PART1" in flag.about] == ["data_conflict"]


def test_a_germline_positive_result_beside_a_somatic_negative_one_is_positive_and_not_somatic():
    reports = [
        {"marker": "PART1", "state": state, "origin": origin}
        for state, origin in (("positive", "germline"), ("negative", "somatic"))
    ]
    asked = [MarkerIs("PART1", True, origin) for origin in (None, "germline", "somatic")]
    assert [holds(one, biomarkers=reports) for one in asked] == [True, True, False]
    assert [flag for flag in decided(recommend("one"), biomarkers=reports).flags if flag.kind == "data_conflict"] == []


def reported(*reports: str) -> dict[str, Any]:
    """Biomarkers of a profile: `MARKER`, or `MARKER origin`, each positive."""
    words = (report.split() for report in reports)
    return {"biomarkers": [{"marker": m, "state": "positive", "origin": o[0] if o else None} for m, *o in words]}


@pytest.mark.parametrize(
    ("found", "ruled_out"),
    [("RIVAL", ("KIND", "VARIANT")), ("KIND", ("RIVAL",)), ("LONER", ("GRAIN1", "GRAIN2", "PART2", "HIGH"))],
)
def test_a_marker_that_is_found_rules_out_what_it_excludes_whichever_of_the_two_says_so(
    found: str, ruled_out: tuple[str, ...]
):
    asked = [MarkerIs(marker, True) for marker in ruled_out]
    assert [holds(marker, **reported(found)) for marker in asked] == [False for _ in asked]


def test_what_is_positive_only_through_a_kind_of_it_excludes_nothing():
    assert holds(MarkerIs("KIND", True), **reported("VARIANT")) is True
    assert holds(MarkerIs("RIVAL", True), **reported("VARIANT")) is None
    assert holds(MarkerIs("CLASS", True), **reported("RIVAL")) is True
    assert holds(MarkerIs("KIND", True), **reported("CLASS")) is None
    assert holds(MarkerIs("WHOLE", True), **reported("LONER")) is None


def test_a_value_rules_out_what_the_marker_that_it_implies_excludes():
    high = [{"marker": "SCORE", "value": 60, "unit": "%"}]
    assert holds(MarkerIs("LONER", False), biomarkers=high) is True
    low = [{"marker": "SCORE", "value": 20, "unit": "%"}]
    assert holds(MarkerIs("LONER", False), biomarkers=low) is None


def test_what_is_ruled_out_has_the_origin_of_what_was_found():
    asked = [MarkerIs("KIND", True, origin) for origin in (None, "germline", "somatic")]
    assert [holds(one, **reported("RIVAL germline")) for one in asked] == [None, False, None]
    assert [holds(one, **reported("RIVAL somatic")) for one in asked] == [False, None, False]


def test_two_markers_that_exclude_each_other_contradict_and_that_is_said_once_of_both():
    reports = reported("RIVAL", "KIND")
    assert [holds(MarkerIs(marker, True), **reports) for marker in ("RIVAL", "KIND", "CLASS")] == [None, None, None]
    (flag,) = [flag for flag in decided(recommend("one"), **reports).flags if flag.kind == "data_conflict"]
    assert flag.about == ("KIND", "RIVAL")
    assert flag.text == (
        "KIND and RIVAL: reported as KIND positive and as RIVAL positive, which exclude each other. "
        "All of this is treated as unknown."
    )


def test_a_kind_of_what_is_excluded_contradicts_where_it_is_said_and_nowhere_else():
    reports = reported("RIVAL", "VARIANT")
    assert [holds(MarkerIs(marker, True), **reports) for marker in ("RIVAL", "VARIANT", "KIND")] == [True, None, None]
    (flag,) = [flag for flag in decided(recommend("one"), **reports).flags if flag.kind == "data_conflict"]
    assert flag.text.startswith("VARIANT: reported as VARIANT positive and as RIVAL positive, which exclude each other")


def test_markers_that_exclude_each_other_may_be_found_one_in_the_germline_and_one_in_the_tumour():
    reports = reported("RIVAL germline", "KIND somatic")
    assert [holds(MarkerIs(marker, True), **reports) for marker in ("RIVAL", "KIND")] == [True, True]


def test_why_says_that_another_marker_was_found_which_rules_this_one_out():
    rules = Rules(pack_with([recommend("one", when=MarkerIs("KIND", False))]))
    profile = {"cancer": {"type": "ROOT"}, "prior_therapies": [], **reported("RIVAL")}
    assert "RIVAL positive, ruling it out" in str(why(rules, profile, "first", as_of=AS_OF, engine="linear"))


def pending_states(condition: Condition, **profile: Any) -> list[str]:
    decision = decided(recommend("asked", when=condition), **{"prior_therapies": [], **profile})
    return [pending.state for pending in decision.options[0].pending]


def test_a_listed_term_in_a_contradiction_is_not_said_to_be_unstated():
    listed: list[Any] = [{"name": "illness", "state": "absent"}, "grave_illness"]
    for name in ("illness", "grave_illness"):
        assert pending_states(Listed("comorbidity", (name,)), comorbidities=listed) == ["contradictory"]
    assert pending_states(Listed("finding", ("sign",)), findings=[]) == ["not stated"]


def test_a_measurement_in_a_contradiction_is_not_said_to_be_unmeasured():
    one, other = {"name": "count", "value": 1, "unit": "G/L"}, {"name": "count", "value": 2, "unit": "G/L"}
    asked = Measures("count", Comparison(above=1.5))
    dated = {**one, "date": "2026-05-01"}
    assert pending_states(asked, measurements=[dated, other]) == ["no result that counts"]
    assert pending_states(asked) == ["not measured"]


def test_a_therapy_both_ongoing_and_ended_is_not_said_to_lack_an_outcome():
    given = [{"therapy": "first", "outcome": "ongoing", "end": "2026-01-01"}]
    asked = TherapyGiven(classes=("first",), outcomes=("ongoing",))
    assert pending_states(asked, prior_therapies=given) == ["first (outcome contradictory)"]


def test_germline_negative_says_nothing_of_the_tumour_but_goes_up_from_all_parts():
    grains = [{"marker": name, "state": "negative", "origin": "germline"} for name in ("GRAIN1", "GRAIN2")]
    assert holds(MarkerIs("PART2", False), biomarkers=grains) is None
    assert holds(MarkerIs("PART2", True, "germline"), biomarkers=grains) is False


def test_six_months_to_the_day_are_at_least_six_months():
    ended = TherapyGiven(classes=("first",), months_since_end=Comparison(at_least=6))
    for end, expected in (("2025-12-01", True), ("2025-12-02", False)):
        assert holds(ended, prior_therapies=[{"therapy": "first", "end": end, "outcome": "response"}]) is expected


def test_numbers_at_a_bound_are_at_it_in_every_unit():
    level = {"name": "level", "date": "2026-05-01"}
    below = Measures("level", Comparison(at_most=12.9))
    assert holds(below, measurements=[{**level, "value": 129, "unit": "g/L"}]) is True
    above = Measures("count", Comparison(above=1.5), "upper_limit")
    count = {"name": "count", "value": 1.8, "unit": "G/L", "upper_limit": 1.2}
    assert holds(above, measurements=[count]) is False


def test_two_values_of_one_day_are_unknown_in_either_order():
    one, two = ({"name": "count", "value": value, "unit": "G/L"} for value in (1, 2))
    for reports in ([one, two], [two, one]):
        assert holds(Measures("count", Comparison(above=1.5)), measurements=reports) is None


@pytest.mark.parametrize(
    ("stage", "asked", "expected"),
    [
        ("IA1", "IA", True),
        ("IA", "IA1", None),
        ("IVB", "IV", True),
        ("IV", "IVB", None),
        ("III", "II", False),
        ("stage iv", "IV", True),
    ],
)
def test_a_stage_is_one_of_the_stages_it_is_part_of(stage: str, asked: str, expected: bool | None):
    assert holds(FieldIs("stage", (asked,)), cancer={"stage": stage}) is expected


def test_a_stage_that_is_none_is_refused_and_not_taken_for_another():
    with pytest.raises(InputError, match="unknown stage `4`"):
        decided(recommend("one"), cancer={"stage": "4"})


def test_a_third_line_in_an_unstated_setting_may_have_been_the_third():
    therapies = [{"therapy": "third_a", "line": 3}]
    lines = [
        holds(FieldMeasures("prior_lines", Comparison(at_least=n)), prior_therapies=therapies) for n in (0, 1, 3, 4)
    ]
    assert lines == [True, None, None, False]


def test_an_absent_site_and_a_present_part_of_it_are_unknown_in_either_order():
    sites: list[Any] = [{"name": "inner", "state": "absent"}, "inner_left"]
    for listed in (sites, sites[::-1]):
        assert holds(Listed("site", ("inner",)), cancer={"sites": listed}) is None


def test_a_whole_given_before_may_have_been_the_combination_that_is_a_kind_of_it():
    given = [{"therapy": "second_doublet"}]
    assert holds(TherapyGiven(classes=("special_pair",)), prior_therapies=given) is None


def test_only_limits_that_were_taken_are_said_to_be():
    without = [{"name": "count", "value": 1, "unit": "G/L"}]
    assert [made.id for made in decided(recommend("one"), measurements=without).assumptions] == []


def test_the_first_intent_of_the_ranking_wins_with_all_its_reasons():
    intents = [
        rule("a", Intend("disease_control")),
        rule("b", Intend("potentially_curative")),
        rule("c", Intend("potentially_curative")),
    ]
    decision = decided(recommend("one"), *intents)
    assert (decision.intent, [reason.rule for reason in decision.intent_reasons]) == (
        "potentially_curative",
        ["b", "c"],
    )


def test_the_hash_of_the_rules_changes_with_every_rule():
    form = {"id": "r", "title": "t", "because": "b", "when": {"cancer": ["ROOT"]}, "conflict": {}}
    hashes = {pack_of([form]).sha256, pack_of([{**form, "because": "c"}]).sha256, pack_of([form], []).sha256}
    assert len(hashes) == 3
    assert pack_of([form]).sha256 in hashes


def test_a_result_from_after_the_decision_is_set_aside_and_said():
    level = Measures("count", Comparison(above=1))
    reports = [{"name": "count", "value": 2, "unit": "G/L", "date": "2026-06-02"}]
    assert holds(level, measurements=reports) is None
    positive = [{"marker": "KIND", "state": "positive", "date": "2026-06-02"}]
    assert holds(OPEN, biomarkers=positive) is None
    decision = decided(recommend("one"), measurements=reports, biomarkers=positive)
    assert [flag.about for flag in decision.flags if flag.kind == "data_conflict"] == [("KIND",), ("count",)]


def test_a_rule_that_only_negates_is_not_said_to_fail_where_it_holds():
    alone = recommend("alone", when=Not(AnyOf((OPEN, FieldIs("sex", ("male",))))))
    positive = [{"marker": "KIND", "state": "positive"}]
    steps = {step.says for step in decided(alone, biomarkers=positive, prior_therapies=[]).derivation.steps}
    assert steps == {"not: the conditions of alone"}


# What is left out, assumed or refused is said


def against_agent(when: Condition) -> Rule:
    agent = next(agent for agent, entry in pack_of().vocabulary.agents.items() if "first" in entry.classes)
    return rule("against", Contraindicate((agent,), "absolute", "safety"), when)


def test_a_regimen_left_out_for_an_agent_and_one_still_to_be_ruled_out_are_both_said():
    agents = [agent for agent, entry in pack_of().vocabulary.agents.items() if "first" in entry.classes]
    assert len(agents) >= 2
    offering = recommend("offered", *((agent,) for agent in agents))
    for condition, start, certain in ((ALWAYS, "left out ", True), (OPEN, "to be ruled out before ", False)):
        option = decided(offering, against_agent(condition), prior_therapies=[]).option("first")
        assert option is not None
        (note,) = option.cautions
        assert (note.rule, note.certain) == ("against", certain)
        assert note.text.startswith(start)
        assert bool(note.waits_for) is not certain
        assert len(option.agents) == len(agents) - certain


def test_a_caution_that_is_not_raised_because_something_is_not_listed_names_that_assumption():
    term = next(iter(pack_of().vocabulary.terms["comorbidity"]))
    care = rule("care", Contraindicate(("first",), "relative", "safety"), Listed("comorbidity", (term,)))
    decision = decided(recommend("offered"), care, prior_therapies=[], comorbidities=[])
    assert status(decision) == "recommended"
    named = {assumption.id: assumption.options for assumption in decision.assumptions}
    assert named["comorbidities"] == ("first",)


def test_an_intent_that_rests_on_a_list_names_that_assumption():
    term = next(iter(pack_of().vocabulary.terms["site"]))
    intent = rule("intent", Intend("potentially_curative"), Not(Listed("site", (term,))))
    decision = decided(recommend("offered"), intent, prior_therapies=[], cancer={"sites": []})
    assert decision.intent == "potentially_curative"
    assert "sites" in {assumption.id for assumption in decision.assumptions}


@pytest.mark.parametrize("wrong", [{"engine": "abacus"}, {"jurisdiction": "FAD"}])
def test_an_engine_or_jurisdiction_that_does_not_exist_is_bad_input(wrong: dict[str, str]):
    with pytest.raises(InputError, match="unknown"):
        decide(Rules(pack_with([recommend("offered")])), {"cancer": {"type": "ROOT"}}, **wrong)


def test_each_option_says_why_it_stands_before_the_next():
    second = rule("second", Recommend("second", (), "alternative"), evidence=("source_phase_3",))
    decision = decided(recommend("offered"), second, prior_therapies=[])
    first, last = decision.offered
    assert (first.rank, last.rank) == (1, 2)
    assert first.before_next in {criterion.because for criterion in pack_with([]).ranking.criteria}
    assert last.before_next is None
