"""Mutants of rules, and whether the cases that are left out of a trial could have noticed any of them."""

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from check.small_rules import written
from knowledge.shipped import cases, rules
from laws.strategies import pack_with, profiles, rule_lists
from scale import examples
from txselect.check.coverage import coverage
from txselect.check.mutant_leaves import leaf_changes
from txselect.check.mutants import KINDS, Mutant, mutants
from txselect.check.mutation import Result, Trial, holding, judged, results
from txselect.check.mutation_record import Record, made_with
from txselect.check.mutation_text import Score, mutation_text
from txselect.check.said import condition_said
from txselect.cli.coverage import show_mutation
from txselect.decision.record import Decision
from txselect.decision.wording import Wording
from txselect.errors import InputError
from txselect.expectations import unmet
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.model.condition import (
    CancerIs,
    Comparison,
    FieldMeasures,
    Leaf,
    MarkerIs,
    MarkerMeasures,
    Measures,
    TherapyGiven,
)
from txselect.model.profile import Case, Expectation, ExpectedFlag, ExpectedOption
from txselect.model.rules import Rule, RulePack
from txselect.pipeline import Rules, read

FIT = """\
id: fit
title: A fit patient
narrative: Metastatic prostate cancer in a fit patient.
profile:
  as_of: 2026-06-01
  ecog: 2
  cancer: {type: PRAD, extent: metastatic, sites: []}
  prior_therapies: []
  comorbidities: []
expect:
  options: [{therapy: taxane, status: recommended}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "rules")


@pytest.fixture
def pack(folder: Path) -> RulePack:
    return read_pack(folder)


@pytest.fixture
def fit() -> Case:
    return read_case(FIT, "fit.yaml")


# What can be changed


def test_each_part_of_a_rule_is_changed_in_each_way_and_said_in_words(pack: RulePack):
    assert {mutant.id: mutant.text for mutant in mutants(pack)} == {
        "fitness.fit:when:threshold:below 2": "ECOG below 2, instead of ECOG at most 2",
        "fitness.fit:when:threshold:at most 3": "ECOG at most 3, instead of ECOG at most 2",
        "fitness.fit:when:negate": "not: ECOG at most 2, instead of ECOG at most 2",
        "prostate.docetaxel:when:swap": (
            "all of (all of (fit for chemotherapy; metastatic disease); metastases in liver)"
        ),
        "prostate.docetaxel:when.0:drop": "without: all of (fit for chemotherapy; metastatic disease)",
        "prostate.docetaxel:when.0:swap": "one of (fit for chemotherapy; metastatic disease)",
        "prostate.docetaxel:when.0.0:drop": "without: fit for chemotherapy",
        "prostate.docetaxel:when.0.0:negate": "not: fit for chemotherapy, instead of fit for chemotherapy",
        "prostate.docetaxel:when.0.1:drop": "without: metastatic disease",
        "prostate.docetaxel:when.0.1:negate": "not: metastatic disease, instead of metastatic disease",
        "prostate.docetaxel:when.1:drop": "without: metastases in liver",
        "prostate.docetaxel:when.1:negate": "not: metastases in liver, instead of metastases in liver",
        "prostate.docetaxel:unless.0:exception": "without the exception: rheumatoid arthritis",
        "prostate.docetaxel:unless.0:widen:rheumatoid_arthritis to autoimmune_disease": (
            "autoimmune disease, instead of rheumatoid arthritis"
        ),
        "prostate.docetaxel:unless.0:negate": "not: rheumatoid arthritis, instead of rheumatoid arthritis",
        "prostate.docetaxel:preference:preferred": "preferred instead of alternative",
        "prostate.docetaxel:preference:selected": "selected instead of alternative",
    }


@pytest.mark.parametrize(
    ("leaf", "changes"),
    [
        (
            MarkerMeasures("HER2_IHC", Comparison(at_least=1)),  # a scale: steps, of which ultralow is the second
            ["threshold:above ultralow", "threshold:at least 0", "negate:"],
        ),
        (
            MarkerMeasures("PDL1_TPS", Comparison(at_least=1, below=50)),
            [
                "threshold:above 1 and below 50",
                "threshold:at least 2 and below 50",
                "threshold:at least 0 and below 50",
                "threshold:from 1 to 50",
                "threshold:at least 1 and below 51",
                "threshold:at least 1 and below 49",
                "negate:",
            ],
        ),
        (
            Measures("calcium", Comparison(above=1.5), "upper_limit"),  # times a limit: there is only `above`
            ["threshold:above 1.6", "threshold:above 1.4", "negate:"],
        ),
        (
            TherapyGiven(("taxane",), line=Comparison(equals=1), months_since_end=Comparison(at_most=6)),
            [
                "widen:taxane to chemotherapy",
                "threshold:line 2",
                "threshold:line 0",
                "threshold:months since end below 6",
                "threshold:months since end at most 7",
                "threshold:months since end at most 5",
                "negate:",
            ],
        ),
        (MarkerIs("BRCA1", state=True), ["widen:BRCA1 to BRCA", "state:"]),
        (CancerIs(("LUAD", "PROSTATE")), ["widen:LUAD to NSCLC", "negate:"]),
        (
            FieldMeasures("months_since_diagnosis", Comparison(below=12)),
            [
                "threshold:at most 12",
                "threshold:below 13",
                "threshold:below 11",
                "negate:",
            ],
        ),
    ],
    ids=["a scale", "a range", "times a limit", "a therapy", "a marker", "a cancer", "a number of the profile"],
)
def test_a_single_condition_is_changed_where_the_language_can_say_it(leaf: Leaf, changes: list[str], pack: RulePack):
    made = list(leaf_changes(leaf, pack.vocabulary))
    assert [f"{change.kind}:{change.variant}" for change in made] == changes
    words = Wording(pack)
    assert len({condition_said(change.condition, words) for change in made}) == len(changes)


def test_ids_stay_when_lines_are_added_above(pack: RulePack, folder: Path):
    rules_file = folder / "rules.yaml"
    rules_file.write_text("# a remark\n\n" + rules_file.read_text(encoding="utf-8"), encoding="utf-8")
    later = read_pack(folder)
    assert [mutant.id for mutant in mutants(later)] == [mutant.id for mutant in mutants(pack)]
    assert [mutant.place.line - 2 for mutant in mutants(later)] == [mutant.place.line for mutant in mutants(pack)]


def test_the_mutants_of_the_shipped_rules_are_of_every_kind_differ_from_their_rule_and_have_ids_of_their_own():
    found = list(mutants(rules().pack))
    assert {mutant.kind for mutant in found} == KINDS.keys()
    assert len({mutant.id for mutant in found}) == len(found)
    assert not [mutant.id for mutant in found if mutant.changed == rules().pack.rules[mutant.rule]]


def test_a_rule_that_no_longer_offers_again_is_not_excepted_from_failure_either():
    taken_back = next(mutant for mutant in mutants(rules().pack) if mutant.kind == "rechallenge")
    changed, lifted = taken_back.applied(rules().pack), [taken_back.rule]
    assert lifted_in(changed).isdisjoint(lifted)
    assert lifted_in(rules().pack).issuperset(lifted)


def lifted_in(pack: RulePack) -> set[str]:
    """Every rule that offers a class in spite of its failure."""
    return {name for rule in pack.rules.values() for name in getattr(rule.head, "lifted_by", ())}


# What the cases notice


def outcome(pack: RulePack, case: Case, mutant_id: str) -> Result:
    mutant = next(mutant for mutant in mutants(pack) if mutant.id == mutant_id)
    return Trial(pack, [case]).result(mutant)


def test_a_case_at_the_limit_kills_the_mutant_that_moves_the_limit(pack: RulePack, fit: Case):
    killed = outcome(pack, fit, "fitness.fit:when:threshold:below 2")
    assert (killed.outcome, killed.by, killed.told_apart) == ("killed", "fit", 1)


def test_a_mutant_that_changes_no_case_survives(pack: RulePack, fit: Case):
    survived = outcome(pack, fit, "fitness.fit:when:threshold:at most 3")
    assert (survived.outcome, survived.by, survived.told_apart) == ("survived", "", 0)


def test_a_mutant_that_changes_only_what_nobody_expects_survives(pack: RulePack, fit: Case):
    without_claims = fit.model_copy(update={"expect": Expectation(intent=None)})
    survived = outcome(pack, without_claims, "fitness.fit:when:threshold:below 2")
    assert (survived.outcome, survived.told_apart) == ("survived", 1)


def test_a_case_that_expects_what_is_missing_notices_what_an_undecided_rule_no_longer_waits_for(pack: RulePack):
    """The rule stays unknown, so only the flag tells."""
    text = FIT.replace("ecog: 2", "preferences: []").replace(", extent: metastatic", "")
    case = read_case(
        text.replace("options: [{therapy: taxane, status: recommended}]", "flags: [FLAG]").replace(
            "FLAG", "{kind: insufficient_data, about: ECOG}"
        ),
        "open.yaml",
    )
    killed = outcome(pack, case, "prostate.docetaxel:when.0.0:drop")
    assert (killed.outcome, killed.told_apart) == ("killed", 0)


def test_a_case_that_expects_an_assumption_notices_that_it_is_no_longer_made(pack: RulePack, fit: Case):
    expecting = fit.model_copy(update={"expect": Expectation(assumptions=("comorbidities",))})
    killed = outcome(pack, expecting, "prostate.docetaxel:unless.0:exception")
    assert (killed.outcome, killed.told_apart) == ("killed", 0)


def test_only_cases_that_get_what_they_expect_take_part(pack: RulePack, fit: Case):
    wrong = fit.model_copy(update={"expect": Expectation(intent="supportive")})
    silent = fit.model_copy(update={"expect": Expectation()})
    assert holding(pack, [wrong, fit, silent]) == [fit]


def test_every_case_that_cannot_be_used_is_told_at_once(pack: RulePack):
    wrong = [read_case(FIT.replace("type: PRAD", f"type: {name}"), f"{name}.yaml") for name in ("THIS", "THAT")]
    for asked in (holding, coverage):
        with pytest.raises(InputError) as error:
            asked(pack, wrong)
        assert [problem.place.file for problem in error.value.problems] == ["THAT.yaml", "THIS.yaml"]


# The cases that are left out


def everything_claimed(decision: Decision) -> Expectation:
    """All that a case can expect of a decision."""
    return Expectation(
        intent=decision.intent,  # type: ignore[arg-type]
        options=tuple(
            ExpectedOption(therapy=option.therapy, status=option.status, rank=option.rank)
            for option in decision.options
        ),
        flags=tuple(ExpectedFlag(kind=flag.kind, about=str(flag)) for flag in decision.flags),
        assumptions=tuple(assumption.id for assumption in decision.assumptions),
    )


def without_words(expect: Expectation) -> Expectation:
    """The same without what is waited for and assumed."""
    flags = tuple(flag for flag in expect.flags if flag.kind not in ("test_needed", "insufficient_data"))
    return expect.model_copy(update={"flags": flags, "assumptions": ()})


def left_out_and_yet_noticing(pack: RulePack, given_cases: list[Case], changes: Iterable[Mutant]) -> list[str]:
    """Mutants with a case that would notice them but is not among the cases concerned."""
    trial, wrong = Trial(pack, given_cases), []
    for mutant in changes:
        otherwise, in_words = trial.concerned(mutant)
        changed = Rules(mutant.applied(pack))
        for number, case in enumerate(given_cases):
            is_left_out = not (otherwise | in_words) >> number & 1
            if is_left_out and unmet(case, read(changed, case, engine="linear")[1], changed.pack):
                wrong.append(f"{mutant.id} in {case.id}")
    return wrong


def claiming(pack: RulePack, made: list[dict[str, Any]]) -> list[Case]:
    """Cases that expect all that is decided, each once with and once without what is waited for and assumed."""
    found, known = [], Rules(pack)
    for number, profile in enumerate(made):
        case = Case(id=str(number), title="-", narrative="-", profile=profile)  # type: ignore[arg-type]
        expect = everything_claimed(read(known, case, engine="linear")[1])
        found += [case.model_copy(update={"expect": each}) for each in (expect, without_words(expect))]
    assert holding(pack, found) == found
    return found


@settings(max_examples=examples(40, nightly=800))
@given(made=rule_lists(), patients=st.lists(profiles(), min_size=1, max_size=3), dice=st.randoms(use_true_random=False))
def test_no_case_that_is_left_out_would_have_noticed_a_mutant(
    made: list[Rule], patients: list[dict[str, Any]], dice: random.Random
):
    pack = pack_with(made)
    found = list(mutants(pack))
    assert left_out_and_yet_noticing(pack, claiming(pack, patients), dice.sample(found, min(12, len(found)))) == []


@pytest.mark.slow
def test_no_shipped_case_that_is_left_out_would_have_noticed_a_mutant_of_the_shipped_rules():
    pack = rules().pack
    kidney = [case for case in cases().values() if case.profile.cancer.type == "CCRCC"]
    found = random.Random(6).sample(list(mutants(pack, "kidney.")), 8)
    assert left_out_and_yet_noticing(pack, holding(pack, kidney), found) == []


# Running


def test_two_processes_find_what_one_finds(pack: RulePack, fit: Case):
    found = list(mutants(pack))
    assert list(results(pack, [fit], found, jobs=2)) == list(results(pack, [fit], found))


def test_a_run_goes_on_where_it_was_stopped(pack: RulePack, fit: Case, tmp_path: Path):
    record = Record(tmp_path / "results.jsonl", made_with(pack, [fit]))
    assert record.known() == {}
    found = list(results(pack, [fit], mutants(pack)))
    assert list(record.keeping(found[:3])) == found[:3]
    with record.path.open("a", encoding="utf-8") as file:
        file.write('{"made_with": "half a li')  # as where the process was killed
    assert list(record.known()) == [result.mutant for result in found[:3]]
    assert list(record.keeping(found[3:])) == found[3:]
    assert list(record.known().values()) == found


def test_results_of_other_rules_or_cases_count_for_nothing(pack: RulePack, fit: Case, tmp_path: Path):
    path = tmp_path / "results.jsonl"
    list(Record(path, made_with(pack, [fit])).keeping(results(pack, [fit], mutants(pack))))
    other_case = fit.model_copy(update={"expect": Expectation(not_offered=("platinum",))})
    assert Record(path, made_with(replace(pack, sha256="another"), [fit])).known() == {}
    assert Record(path, made_with(pack, [other_case])).known() == {}


def test_a_file_that_holds_something_else_is_refused_with_the_line(pack: RulePack, tmp_path: Path):
    path = tmp_path / "notes.jsonl"
    path.write_text('{"made_with": "x", "mutant": "y", "outcome": "killed"}\nremember the milk\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"notes.jsonl:2:1: TX005 not a result of a mutant"):
        Record(path, "x").known()


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_tried(pack: RulePack, tmp_path: Path):
    tried: list[str] = []
    record = Record(tmp_path / "no" / "folder" / "results.jsonl", "x")
    with pytest.raises(InputError, match="cannot be written: no such file or directory"):
        list(record.keeping(tried.append(mutant.id) or Result(mutant.id, "survived") for mutant in mutants(pack)))
    assert tried == []


def test_the_report_lists_survivors_by_place_with_a_table_of_kinds(pack: RulePack, fit: Case, folder: Path):
    found = [mutant for mutant in mutants(pack) if mutant.rule == "fitness.fit"]
    text = mutation_text(Score(list(zip(found, results(pack, [fit], found), strict=True))))
    assert text.splitlines() == [
        "No case notices",
        f"{(folder / 'rules.yaml').as_posix()}:9:11: threshold: ECOG at most 3, instead of ECOG at most 2 "
        "[fitness.fit; otherwise in no case]",
        "",
        "  mutants   killed    score  what was changed",
        "        1        1  100.0 %  negate: a condition denied",
        "        2        1   50.0 %  threshold: a number moved",
        "",
        "3 mutants: 2 killed, 1 survived (1 of them otherwise in no case); score 66.6 %",
    ]


def test_what_is_proved_to_decide_the_same_lowers_no_score_and_a_proof_is_asked_for_nothing_else(
    pack: RulePack, fit: Case
):
    found, asked = list(mutants(pack)), []

    def is_equivalent(mutant: Mutant) -> bool:
        asked.append(mutant.id)
        return mutant.kind == "threshold"

    tried = [
        (mutant, judged(mutant, result, is_equivalent))
        for mutant, result in zip(found, results(pack, [fit], found), strict=True)
    ]
    survivors = [mutant.id for mutant, result in tried if result.outcome == "survived"]
    spared = [mutant.id for mutant, result in tried if result.outcome == "equivalent"]
    assert spared == ["fitness.fit:when:threshold:at most 3"]
    assert set(asked) == {*survivors, *spared}
    assert mutation_text(Score(tried)).endswith(f"1 equivalent; score {Score(tried).percent:g} %")


def test_the_command_tries_the_same_sample_again_and_takes_it_from_the_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    case, kept = tmp_path / "fit.yaml", tmp_path / "results.jsonl"
    case.write_text(FIT, encoding="utf-8")

    def run(resume: Path | None, fail_under: float | None = None) -> str:
        show_mutation([str(case)], folder, "", 5, 1, resume, 1, fail_under, colour=False)
        return capsys.readouterr().out

    first = run(kept)
    lines = kept.read_text(encoding="utf-8")
    assert first.splitlines()[-1].startswith("5 mutants: ")
    assert run(kept) == run(None) == first
    assert kept.read_text(encoding="utf-8") == lines
    with pytest.raises(typer.Exit) as ended:
        run(None, 100)
    assert ended.value.exit_code == 1
