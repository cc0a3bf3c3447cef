"""Why not: every rule of a therapy once, what blocks it, which test would tell, the nearest rule first."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise, product
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from laws.invented import pack_of
from laws.strategies import form_of
from scale import examples, some
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.decision.testing import TestsAtHand
from txselect.engine.linear import LinearEngine
from txselect.explain.distance import Distances
from txselect.explain.lines import Explanation, Line, all_lines
from txselect.explain.why_not import why_not
from txselect.language.patient import patient_of
from txselect.model.condition import All, AnyOf, AtLeast, Condition, FieldIs, Leaf, Listed, MarkerIs, Not
from txselect.model.rules import Contraindicate, Recommend, Rule, RulePack
from txselect.pipeline import Rules, checked_profile, read
from txselect.program.compile import compiled
from txselect.program.horn import negative, opposite, positive

MARKS = {"met": True, "failed": False, "unknown": None}


def shipped(name: str) -> tuple[Reading, Decision]:
    return read(rules(), cases()[name].profile, engine="linear")


# Every rule, once


def is_named(pack: RulePack, rule: Rule, name: str) -> bool:
    """Whether a contraindication names a class or agent, or something that it is a kind of."""
    assert isinstance(rule.head, Contraindicate)
    kinds = pack.vocabulary.therapy_kinds
    if rule.head.exactly:
        return name in rule.head.therapies
    return any(kinds.relation(name, named) is True for named in rule.head.therapies)


@cache
def rules_about(therapy: str) -> list[str]:
    """The recommendations of a class, and the absolute contraindications of it or of an agent that they may use."""
    pack = rules().pack
    found: list[str] = []
    agents: set[str] = set()
    for rule in pack.rules.values():
        if isinstance(rule.head, Recommend) and rule.head.therapy == therapy:
            found.append(rule.id)
            regimens = rule.regimens or [pack.vocabulary.agents_of.get(therapy, ())]
            agents |= {agent for regimen in regimens for agent in regimen}
    absolute = (r for r in pack.rules.values() if isinstance(r.head, Contraindicate) and r.head.strength == "absolute")
    found += [rule.id for rule in absolute if any(is_named(pack, rule, name) for name in (therapy, *agents))]
    return sorted(found)


@pytest.mark.parametrize("name", some(cases(), 40))
def test_every_rule_that_could_recommend_or_exclude_a_therapy_is_there_once(name: str):
    reading, decision = shipped(name)
    for therapy in rules().pack.rules_for:
        lines = all_lines(why_not(reading, decision, therapy).lines)
        assert sorted(line.rule for line in lines if line.rule) == rules_about(therapy), therapy


@pytest.mark.parametrize("name", some(cases(), 40))
def test_every_rule_is_marked_as_it_stands_and_says_what_blocks_it(name: str):
    reading, decision = shipped(name)
    for therapy, recommending in rules().pack.rules_for.items():
        of_rule = {line.rule: line for line in all_lines(why_not(reading, decision, therapy).lines)}
        for rule in recommending:
            line = of_rule[rule.id]
            if rule.id not in reading.program.rules:
                assert line.mark == "failed"
                assert " only" in line.found or "valid" in line.found
                continue
            assert MARKS[line.mark] is reading.rule_truth(rule.id), line
            blocking = [below for below in all_lines(line.parts) if below.mark in ("failed", "unknown")]
            assert bool(blocking) == (line.mark != "met"), line


@pytest.mark.parametrize("name", some(cases(), 40))
def test_a_contraindication_is_an_obstacle_while_it_holds_or_is_open(name: str):
    reading, decision = shipped(name)
    for therapy in rules().pack.rules_for:
        nothing_to_bar = (
            "which no rule names here" if decision.option(therapy) else "no rule for the therapy is in scope"
        )
        for line in all_lines(why_not(reading, decision, therapy).lines):
            rule = rules().pack.rules.get(line.rule)
            if rule is not None and isinstance(rule.head, Contraindicate):
                if line.mark == "note":
                    is_here = rule.id in reading.program.rules
                    assert (nothing_to_bar in line.found) == is_here, line
                else:
                    truth = {"failed": True, "unknown": None, "met": False}[line.mark]
                    assert reading.rule_truth(rule.id) is truth, line


# An invented pack, in which everything that can happen does

SOURCE = {"evidence": ["source_phase_3"], "because": "It works."}
AGAINST: dict[str, Any] = {"strength": "absolute", "reason": "safety"}
RULES: list[dict[str, Any]] = [
    {
        "id": "here",
        "title": "third here",
        "when": {"all": [{"ecog": {"at_most": 1}}, {"biomarker": {"marker": "PART1", "state": "positive"}}]},
        "recommend": {"therapy": "third", "agents": ["third_a"], "preference": "preferred"},
        **SOURCE,
    },
    {
        "id": "far",
        "title": "third far away",
        "when": {"all": [{"ecog": {"at_least": 3}}, {"biomarker": {"marker": "PART1", "state": "positive"}}]},
        "recommend": {"therapy": "third", "agents": ["third_a"], "preference": "preferred"},
        **SOURCE,
    },
    {
        "id": "elsewhere",
        "title": "third elsewhere",
        "applies_to": ["BETA"],
        "when": {"ecog": {"at_most": 1}},
        "recommend": {"therapy": "third", "agents": ["third_b"], "preference": "preferred"},
        **SOURCE,
    },
    {
        "id": "expired",
        "title": "third of yore",
        "valid": {"until": date(2020, 1, 1)},
        "when": {"ecog": {"at_most": 1}},
        "recommend": {"therapy": "third", "agents": ["third_a"], "preference": "preferred"},
        **SOURCE,
    },
    {
        "id": "european",
        "title": "third in Europe",
        "jurisdiction": "EMA",
        "when": {"ecog": {"at_most": 1}},
        "recommend": {"therapy": "third", "agents": ["third_a"], "preference": "preferred"},
        **SOURCE,
    },
    {
        "id": "holds",
        "title": "no third in illness",
        "when": {"comorbidity": "illness"},
        "contraindicate": {"therapy": "third", **AGAINST},
        "because": "It harms.",
    },
    {
        "id": "open",
        "title": "no third with a sign",
        "when": {"finding": "sign"},
        "contraindicate": {"therapy": "third_a", **AGAINST},
        "because": "It may harm.",
    },
    {
        "id": "of_another_agent",
        "title": "no other agent",
        "when": {"comorbidity": "illness"},
        "contraindicate": {"therapy": "third_b", **AGAINST},
        "because": "It harms too.",
    },
    {
        "id": "not_here",
        "title": "no third in another cancer",
        "applies_to": ["BETA"],
        "when": {"comorbidity": "illness"},
        "contraindicate": {"therapy": "third", **AGAINST},
        "because": "It harms there.",
    },
    {
        "id": "asks",
        "title": "a panel",
        "when": {"ecog": {"at_most": 4}},
        "request": {"tests": ["panel"]},
        "because": "-",
    },
]
PROFILE = {"cancer": {"type": "ALPHA"}, "ecog": 1, "comorbidities": ["illness"], "prior_therapies": []}


@cache
def invented() -> Explanation:
    found = read(Rules(pack_of(RULES)), PROFILE, engine="linear", jurisdiction="FDA")
    return why_not(*found, "third")


def line_of(rule: str) -> Line:
    return next(line for line in all_lines(invented().lines) if line.rule == rule)


@pytest.mark.parametrize(
    ("rule", "mark", "says"),
    [
        ("here", "unknown", "third here: 1 unknown condition away"),
        ("far", "failed", "third far away: 1 failed and 1 unknown condition away"),
        ("elsewhere", "failed", "third elsewhere: for BETA only"),
        ("expired", "failed", "third of yore: valid until 2020-01-01, and this decision is of 2026-06-01"),
        ("european", "failed", "third in Europe: for EMA only, and another jurisdiction was asked for"),
        ("holds", "failed", "contraindicated: It harms."),
        ("open", "unknown", "to be ruled out: It may harm."),
        ("of_another_agent", "note", "no other agent: concerns third b, which no rule names here"),
        ("not_here", "note", "no third in another cancer: for BETA only"),
        (
            "already_failed.third",
            "met",
            "ruled out: earlier progression: third (the list of prior therapies taken as complete)",
        ),
    ],
)
def test_each_rule_says_in_one_line_how_it_stands(rule: str, mark: str, says: str):
    assert (line_of(rule).mark, line_of(rule).sentence()) == (mark, says)


def test_obstacles_come_first_then_the_nearest_rule_and_what_does_not_matter_comes_last():
    order = [line.rule or line.text for line in invented().lines]
    assert order == [
        "holds",
        "open",
        "here",
        "far",
        "3 rules for it are out of scope",
        "3 contraindications are no obstacle",
    ]


def test_an_unknown_marker_names_the_test_that_would_tell():
    assert [line.sentence() for line in line_of("here").parts] == [
        "ECOG at most 1: ECOG performance status 1",
        "PART1 positive: not tested; panel would tell",
    ]


def test_a_rule_whose_fact_has_expired_is_not_said_to_fail_for_the_cancer():
    fact: list[dict[str, Any]] = [
        {
            "id": "of_yore",
            "title": "a fact of yore",
            "valid": {"until": date(2020, 1, 1)},
            "when": {"ecog": {"at_most": 1}},
            "derive": "low_fact",
            "because": "-",
        },
        {**RULES[0], "when": {"fact": "low_fact"}},
    ]
    lines = why_not(*read(Rules(pack_of(fact)), PROFILE, engine="linear"), "third").lines
    assert [line.found for line in lines if line.rule == "here"] == [
        "out of reach: no rule in scope gives what it needs"
    ]


def test_where_experts_differ_about_an_exclusion_it_is_said():
    lines = all_lines(why_not(*shipped("heart-graft-msi-high-colon"), "pd1_inhibitor").lines)
    barred = next(line for line in lines if line.text.startswith("contraindicated: "))
    assert barred.parts[-1].text.startswith("experts differ: Some centres treat liver recipients")


def test_an_offered_option_has_its_status_and_no_claim_about_rules_that_are_not_met():
    answer = why_not(*shipped("comorbidities-not-asked"), "pd1_inhibitor").answer
    assert answer.startswith("PD-1 inhibitor: not excluded; recommended, pending a check (rank ")


# Tests that would tell


def told_by(case: str, therapy: str, text: str) -> str:
    lines = all_lines(why_not(*shipped(case), therapy).lines)
    return next(line for line in lines if line.text == text).told_by


@pytest.mark.parametrize(
    ("case", "origin", "tests"),
    [
        ("embark-population", None, ["tumour gene panel (DNA)", "HRR gene panel (germline and tumour)"]),
        ("embark-population", "germline", ["germline cancer gene panel", "HRR gene panel (germline and tumour)"]),
        ("sparse-metastatic", None, ["HRR gene panel (germline and tumour)"]),  # which a rule asks for now
        ("kidney-sparse-clear-cell", None, ["tumour gene panel (DNA)"]),
    ],
)
def test_a_germline_panel_tells_what_is_inherited_and_a_tumour_panel_what_the_tumour_has(
    case: str, origin: str | None, tests: list[str]
):
    reading, _ = shipped(case)
    assert list(TestsAtHand(reading).telling(MarkerIs("BRCA2", state=True, origin=origin))) == tests


def test_a_result_that_does_not_tell_asks_for_a_new_test():
    assert told_by("psma-equivocal", "psma_radioligand", "PSMA PET positive") == "a new PSMA PET"


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("vision-population", "tumour panel for NTRK and RET fusions (RNA)"),
        (
            "driver-sparse-adenocarcinoma",
            "broad NGS panel of lung cancer drivers (DNA and RNA)",
        ),
    ],
)
def test_a_test_is_named_that_rules_for_this_cancer_ask_for(case: str, told: str):
    assert told_by(case, "ret_inhibitor", "RET fusion positive") == told


# The distance: the fewest leaves that would have to change

LEAVES: tuple[Leaf, ...] = (
    *(MarkerIs(marker, state=True) for marker in ("PART1", "GRAIN1", "KIND")),
    Listed("finding", ("sign",)),
    FieldIs("sex", ("female",)),
)
PLAIN_KINDS = ("all", "any", "at least 2")
KINDS = (*PLAIN_KINDS, "not all", "not any", "not at least 2")


def joined(parts: list[Condition], kind: str) -> Condition:
    if kind.startswith("not "):
        return Not(joined(parts, kind.removeprefix("not ")))
    return {"all": All(tuple(parts)), "any": AnyOf(tuple(parts)), "at least 2": AtLeast(2, tuple(parts))}[kind]


@st.composite
def conditions(draw: st.DrawFn, leaves: list[Leaf], kinds: tuple[str, ...] = KINDS) -> Condition:
    """A condition that uses each place in the list once."""
    if len(leaves) < 2:
        return leaves[0]
    cuts = sorted(draw(st.sets(st.integers(1, len(leaves) - 1), min_size=1, max_size=3)))
    pieces = [leaves[start:end] for start, end in pairwise([0, *cuts, len(leaves)])]
    return joined([draw(conditions(piece, kinds)) for piece in pieces], draw(st.sampled_from(kinds)))


class Trial:
    """A condition as a rule, read under states that are put in by hand."""

    def __init__(self, condition: Condition) -> None:
        self.rules = Rules(pack_of([{**RULES[0], "when": form_of(condition)}]))
        day = date(2026, 6, 1)
        self.patient = patient_of(checked_profile({"cancer": {"type": "ALPHA"}}), self.rules.pack.vocabulary, day)
        self.program = compiled(self.rules.pack, "ALPHA", day)
        self.engine = LinearEngine(self.program.horn)
        self.reference = self.program.rules["here"]
        self.number = {node.leaf: number for number, node in enumerate(self.program.nodes) if node.leaf in LEAVES}

    def given(self, states: dict[Leaf, bool | None]) -> list[int]:
        known = [(self.number[leaf], state) for leaf, state in states.items() if state is not None]
        return sorted(positive(number) if state else negative(number) for number, state in known)

    def reading(self, given: list[int]) -> Reading:
        return Reading(self.program, self.patient, self.engine.run(given), self.rules.words)

    def fewest(self, states: dict[Leaf, bool | None]) -> tuple[float, float]:
        """Every way to change the leaves, tried: the fewest known and then unknown ones of those that work."""
        return min((cost for cost, changed in changes(states) if self.holds(changed)), default=(inf, inf))

    def holds(self, states: dict[Leaf, bool | None]) -> bool:
        return self.reading(self.given(states)).truth(self.reference) is True


def changes(states: dict[Leaf, bool | None]) -> Iterator[tuple[tuple[int, int], dict[Leaf, bool | None]]]:
    for values in product([True, False, None], repeat=len(states)):
        changed = dict(zip(states, values, strict=True))
        moved = [state for leaf, state in states.items() if changed[leaf] is not state]
        unknown = moved.count(None)
        yield (len(moved) - unknown, unknown), changed


def states_of(leaves: list[Leaf]) -> st.SearchStrategy[dict[Leaf, bool | None]]:
    return st.fixed_dictionaries({leaf: st.sampled_from([True, False, None]) for leaf in dict.fromkeys(leaves)})


@settings(max_examples=examples(60, nightly=1_000))
@given(data=st.data(), count=st.integers(1, 5))
def test_the_distance_is_the_fewest_leaves_that_would_have_to_change(data: st.DataObject, count: int):
    leaves = list(LEAVES[:count])
    trial = Trial(data.draw(conditions(leaves)))
    states = data.draw(states_of(leaves))
    states = {leaf: state for leaf, state in states.items() if leaf in trial.number}
    distance = Distances(trial.reading(trial.given(states))).of(trial.reference)
    assert distance == trial.fewest(states)


@settings(max_examples=examples(60, nightly=1_000))
@given(data=st.data())
def test_where_leaves_are_shared_the_distance_is_enough_and_not_less_than_needed(data: st.DataObject):
    leaves = data.draw(st.lists(st.sampled_from(LEAVES[:4]), min_size=2, max_size=7))
    trial = Trial(data.draw(conditions(leaves, PLAIN_KINDS)))
    states = {leaf: state for leaf, state in data.draw(states_of(leaves)).items() if leaf in trial.number}
    known = trial.given(states)
    distances = Distances(trial.reading(known))
    needed = distances.needed(trial.reference)
    assert needed is not None
    changed = needed.union(literal for literal in known if opposite(literal) not in needed)
    assert trial.reading(sorted(changed)).truth(trial.reference) is True
    assert distances.cost(needed) >= trial.fewest(states)
