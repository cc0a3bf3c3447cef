"""Why one option stands before another: recomputed from what the decision itself says of both."""

from itertools import combinations, pairwise
from typing import Any

import pytest

from knowledge.shipped import cases, rules
from laws.invented import pack_of
from scale import some
from txselect.decision.record import Decision, Option
from txselect.errors import InputError
from txselect.explain.compare import Compared, compare
from txselect.explain.lines import all_lines
from txselect.model.rules import Criterion, Recommend
from txselect.pipeline import Rules, read

some_cases = pytest.mark.parametrize("name", some(cases(), 50))


def compared(name: str, one: str, other: str) -> Compared:
    return compare(*read(rules(), cases()[name].profile, engine="linear"), one, other)


# Against the decision


def position(option: Option, criterion: Criterion) -> int:
    """Where an option stands by a criterion, from its record and the ranking data alone."""
    reasons_for_care = sum(note.certain and note.kind == "relative_contraindication" for note in option.cautions)
    if criterion.among and option.status not in criterion.among:
        return 0
    if criterion.by == "relative_contraindications":
        return reasons_for_care
    value = specificity(option) if criterion.by == "specificity" else getattr(option, criterion.by)
    if criterion.last:
        return int(value in criterion.last)
    order = list(criterion.order or ())
    place = order.index(value) if value in order else len(order)
    return place + bool(criterion.lowered_by_contraindications and reasons_for_care)


def specificity(option: Option) -> str:
    found = [rules().pack.rules[name] for name in option.rules]
    return "this_cancer" if any(r.applies_to for r in found if isinstance(r.head, Recommend)) else "any_cancer"


@some_cases
def test_the_deciding_criterion_is_the_first_in_which_the_records_differ(name: str):
    reading, decision = read(rules(), cases()[name].profile, engine="linear")
    criteria = rules().pack.ranking.criteria
    pairs = list(combinations(decision.offered, 2))
    for one, other in pairs[:: max(1, len(pairs) // 40)]:
        found = compare(reading, decision, other.therapy, one.therapy)
        differing = [at for at, c in enumerate(criteria) if position(one, c) != position(other, c)]
        outcomes = [criterion.outcome for criterion in found.criteria]
        assert (found.first, found.second) == (one.therapy, other.therapy)
        assert [criterion.because for criterion in found.criteria] == [criterion.because for criterion in criteria]
        if not differing:
            assert found.verdict == "tied"
            assert set(outcomes) == {"equal"}
            assert one.rank == other.rank
        else:
            at = differing[0]
            later = ["not_reached"] * (len(criteria) - at - 1)
            assert found.verdict == "before"
            assert outcomes == ["equal"] * at + ["decides"] + later
            assert position(one, criteria[at]) < position(other, criteria[at])
            assert found.criteria[at].first != found.criteria[at].second


@some_cases
def test_neighbours_are_compared_as_the_decision_says(name: str):
    reading, decision = read(rules(), cases()[name].profile, engine="linear")
    for option, following in pairwise(decision.offered):
        found = compare(reading, decision, option.therapy, following.therapy)
        decided = [criterion.because for criterion in found.criteria if criterion.outcome == "decides"]
        assert option.before_next == (decided or [rules().pack.ranking.ties.because])[0]
        assert str(option.before_next) in found.explanation.answer


# In words


def test_the_answer_names_both_ranks_and_the_criterion_that_decides():
    found = compared("vision-population", "psma_radioligand", "cabazitaxel_chemotherapy")
    assert found.explanation.title == "Why does PSMA radioligand therapy stand before cabazitaxel?"
    assert found.explanation.answer.startswith(
        "PSMA radioligand therapy (rank 1) stands before cabazitaxel (rank 2). It is decided by the preference. "
    )
    assert [line.sentence() for line in found.explanation.lines if line.mark == "met"] == [
        "preference: preferred v alternative (this decides)"
    ]
    assert found.explanation.lines[0].sentence() == "status: recommended for both"


def test_a_question_the_wrong_way_round_is_answered_the_right_way_round():
    found = compared("vision-population", "cabazitaxel_chemotherapy", "psma_radioligand")
    assert found.first == "psma_radioligand"
    assert found.explanation.answer.startswith("It is the other way round: PSMA radioligand therapy (rank 1) stands")


def test_a_tie_is_said_to_be_one():
    found = compared("vision-population", "cabazitaxel_chemotherapy", "bone_seeking_radionuclide")
    assert found.verdict == "tied"
    assert found.explanation.answer.startswith(
        "Both have rank 2. What remains equal after all of this is shown as a tie"
    )


def test_an_option_that_is_not_offered_is_answered_with_the_reason():
    found = compared("vision-population", "docetaxel_chemotherapy", "psma_radioligand")
    assert (found.verdict, found.criteria) == ("not_offered", ())
    assert found.explanation.title == "How does docetaxel compare with PSMA radioligand therapy?"
    assert found.explanation.answer == "There is nothing to compare, because one of the two is not offered."
    offered = read(rules(), cases()["vision-population"], engine="linear")[1].offered
    assert [(line.mark, line.sentence()) for line in found.explanation.lines] == [
        ("failed", "docetaxel: excluded. Progression before: docetaxel."),
        ("met", f"PSMA radioligand therapy: recommended (rank 1 of {len(offered)})"),
    ]


def test_two_options_that_are_not_offered_have_their_reasons_each():
    found = compared("vision-population", "docetaxel_chemotherapy", "vegfr_met_axl_inhibitor")
    assert found.explanation.answer.endswith("because neither is offered.")
    assert [line.mark for line in found.explanation.lines] == ["failed", "failed"]
    assert all(line.found for line in found.explanation.lines)


# What can be asked


def problems_of(one: str, other: str) -> list[str]:
    with pytest.raises(InputError) as raised:
        compared("vision-population", one, other)
    return [f"{problem.code} {problem.message}" for problem in raised.value.problems]


def test_every_unknown_class_is_told_at_once():
    assert problems_of("psma_radioligan", "parp_inhibitr") == [
        "TX006 unknown therapy class `parp_inhibitr`",
        "TX006 unknown therapy class `psma_radioligan`",
    ]


def test_a_class_is_not_compared_with_itself():
    assert problems_of("PARP inhibitor", "parp_inhibitor") == [
        "TX005 `PARP inhibitor` and `parp_inhibitor` are the same therapy class"
    ]


# A reason for care costs a step

SOURCE = {"evidence": ["source_phase_3"], "because": "It works."}
FIT = {"ecog": {"at_most": 2}}
RULES: list[dict[str, Any]] = [
    {"id": "one", "title": "1", "when": FIT, "recommend": {"therapy": "first", "preference": "preferred"}, **SOURCE},
    {"id": "two", "title": "2", "when": FIT, "recommend": {"therapy": "second", "preference": "alternative"}, **SOURCE},
    {"id": "three", "title": "3", "when": FIT, "recommend": {"therapy": "third", "preference": "preferred"}, **SOURCE},
    {
        "id": "care",
        "title": "care",
        "when": {"comorbidity": "illness"},
        "contraindicate": {"therapy": "first", "strength": "relative", "reason": "safety"},
        "because": "It harms a little.",
    },
]


def invented(one: str, other: str) -> tuple[Compared, Decision]:
    profile = {"cancer": {"type": "ALPHA"}, "ecog": 1, "comorbidities": ["illness"], "prior_therapies": []}
    reading, decision = read(Rules(pack_of(RULES)), profile, engine="linear")
    return compare(reading, decision, one, other), decision


def test_a_step_lost_for_a_reason_for_care_decides_and_is_named():
    found, _ = invented("third", "first")
    assert [line.sentence() for line in found.explanation.lines][1] == (
        "preference: preferred v preferred, a step lower for a reason for care (this decides)"
    )


def test_different_values_that_count_as_equal_are_said_to_be_equal_and_the_next_criterion_decides():
    found, _ = invented("first", "second")
    assert (found.first, found.second) == ("second", "first")
    assert " (rank 3). It is decided by the relative contraindications. " in found.explanation.answer
    assert [line.sentence() for line in all_lines(found.explanation.lines)] == [
        "status: recommended for both",
        "preference: alternative v preferred, a step lower for a reason for care (counted as equal)",
        "relative contraindications: no reason for care v 1 reason for care (this decides)",
        "evidence level: phase 3 for both (no longer asked)",
    ]
