"""The shipped cases: what they claim holds, with either engine and every time."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from hashlib import sha256

import pytest

from knowledge.shipped import cases, rules
from scale import some
from txselect.decision.record import Decision, EngineUsed
from txselect.decision.serialise import from_json, to_json
from txselect.engine.durable import available
from txselect.expectations import unmet
from txselect.language.case import load_case
from txselect.model.profile import Case, Profile
from txselect.pipeline import decide
from txselect.recorded import Records, record_of, records_beside, unlike
from txselect.shipped import shipped_folder

each_case = pytest.mark.parametrize("name", sorted(cases()))
some_cases = pytest.mark.parametrize("name", some(cases(), 180))


@cache
def recorded() -> Records:
    return records_beside(cases().values())


def decided(name: str, engine: str) -> Decision:
    return decide(rules(), cases()[name].profile, engine=engine)


def without_order(decision: Decision) -> Decision:
    """But for the engine that ran and the sequence of its conclusions."""
    return replace(decision, engine=EngineUsed("", ""), derivation=replace(decision.derivation, steps=()))


def test_there_are_enough_cases_traps_and_real_patients():
    assert len(cases()) >= 40
    assert sum(case.trap is not None for case in cases().values()) >= 10
    real = [case for case in cases().values() if case.source and case.source.kind != "constructed"]
    assert len(real) >= 10
    assert [case.id for case in real if not (case.source and case.source.citation)] == []
    assert [name for name, case in cases().items() if case.id != name] == []


@pytest.mark.parametrize("cancer", ["breast", "colorectal", "kidney", "lung", "melanoma", "prostate"])
def test_each_cancer_has_cases_enough_and_a_third_of_them_from_the_eligibility_of_trials(cancer: str):
    those = [load_case(path) for path in (shipped_folder("cases") / cancer).glob("*.yaml")]
    assert len(those) >= 25
    assert sum(case.trap is not None for case in those) >= 5
    assert sum(of_a_trial(case) or case.outside is not None for case in those) >= len(those) / 3
    assert sum(case.outside is not None for case in those) >= 10


def of_a_trial(case: Case) -> bool:
    return case.source is not None and case.source.kind == "trial_population"


@pytest.mark.parametrize("name", [name for name, case in cases().items() if case.outside])
def test_whoever_is_outside_one_criterion_of_a_trial_is_not_offered_what_its_population_is(name: str):
    outside = cases()[name].outside
    assert outside is not None
    population = cases()[outside.population]
    assert of_a_trial(population)
    assert ("recommended", outside.therapy) in statuses(decided(outside.population, "linear"))
    assert outside.therapy not in {option.therapy for option in decided(name, "linear").offered}
    assert outside.therapy in cases()[name].expect.not_offered
    assert len(differing(population.profile, cases()[name].profile)) <= 2, "more than one criterion"


def statuses(decision: Decision) -> set[tuple[str, str]]:
    return {(option.status, option.therapy) for option in decision.options}


def differing(one: Profile, other: Profile) -> set[str]:
    """The results, terms, courses and single fields that are not the same in both."""
    first, second = items(one), items(other)
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def items(profile: Profile) -> dict[str, object]:
    """Each by itself, those of one list that are about the same thing counted on."""
    stated = profile.model_dump(mode="json", exclude_unset=True)
    found: dict[str, object] = {}
    for part, value in {**stated.pop("cancer"), **stated}.items():
        if not isinstance(value, dict | list):
            found[part] = value
            continue
        for item in value["items"] if isinstance(value, dict) else value:
            name = f"{part} {about(item)}"
            found[f"{name} {sum(other.startswith(name) for other in found)}"] = item
    return found


def about(item: object) -> object:
    return item.get("marker") or item.get("name") or item.get("therapy") if isinstance(item, dict) else item


@each_case
def test_a_case_gets_what_it_expects_and_what_was_recorded(name: str):
    case, decision = cases()[name], decided(name, "linear")
    assert [str(problem) for problem in unmet(case, decision, rules().pack)] == []
    assert [str(problem) for problem in unlike(recorded()[name], record_of(decision), case.place)] == []


@pytest.mark.skipif(not available(), reason="durable-rules does not import here")
@some_cases
def test_both_engines_decide_the_same(name: str):
    one, other = decided(name, "linear"), decided(name, "durable")
    assert without_order(one) == without_order(other)
    assert {step.literal for step in one.derivation.steps} == {step.literal for step in other.derivation.steps}


@some_cases
def test_a_decision_made_twice_is_the_same_to_the_last_byte(name: str):
    assert to_json(decided(name, "linear")) == to_json(decided(name, "linear"))


@some_cases
def test_a_stored_decision_is_read_back_and_its_profile_gives_it_again(name: str):
    decision = decided(name, "linear")
    stored = from_json(to_json(decision))
    assert stored == decision
    again = decide(rules(), stored.profile, as_of=stored.as_of, engine="linear")
    assert replace(again, profile={}, assumptions=()) == replace(decision, profile={}, assumptions=())


@each_case
def test_whoever_is_offered_something_is_told_what_it_is(name: str):
    decision = decided(name, "linear")
    assert [option.therapy for option in decision.offered if not option.agents] == []
    assert [option.therapy for option in decision.offered if not option.evidence] == []
    for option in decision.offered:
        assert bool(option.pending) == (option.status != "recommended"), option.therapy
    assert decision.conclusion


@some_cases
def test_ranks_count_from_one_and_share_only_ties(name: str):
    ranks = [option.rank for option in decided(name, "linear").offered]
    assert all(rank == ranks.index(rank) + 1 for rank in ranks)
    statuses = [option.status for option in decided(name, "linear").options]
    order = ["recommended", "recommended_pending", "possible", "excluded", "not_indicated"]
    assert statuses == sorted(statuses, key=order.index)


EVERY_DECISION = """
from hashlib import sha256
from knowledge.shipped import cases, rules
from scale import some
from txselect.decision.serialise import to_json
from txselect.pipeline import decide
digest = sha256()
for name in some(cases(), 180):
    case = cases()[name]
    digest.update(to_json(decide(rules(), case.profile, engine="linear")).encode())
print(digest.hexdigest())
"""


def test_other_processes_with_other_hash_seeds_decide_the_same_to_the_last_byte():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", EVERY_DECISION]
    running = [
        subprocess.Popen(command, env={**environment, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True)
        for seed in ("1", "2")
    ]
    digests = {process.communicate(timeout=120)[0].strip() for process in running}
    here = sha256(b"".join(to_json(decided(name, "linear")).encode() for name in some(cases(), 180))).hexdigest()
    assert digests == {here}
