"""Every recommendation is reached: some case fires its rule, and another misses it by a single condition."""

from collections import defaultdict
from functools import cache

from knowledge.shipped import cases, rules, written_rules
from txselect.explain.distance import Distances
from txselect.language.patient import LOCAL_OR_SUPPORTIVE
from txselect.model.rules import Recommend
from txselect.pipeline import read

PACK = rules().pack
RECOMMENDING = sorted(rule.id for rule in written_rules() if isinstance(rule.head, Recommend))


@cache
def reached() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """For each rule the cases in which it fires, and those in which a single condition is missing."""
    fires, nearly = defaultdict(set), defaultdict(set)
    for name, case in cases().items():
        reading, _ = read(rules(), case, engine="linear")
        distances = Distances(reading)
        for rule, reference in reading.program.rules.items():
            if reference is None:
                continue
            if reading.truth(reference):
                fires[rule].add(name)
            elif sum(distances.of(reference)) == 1:
                nearly[rule].add(name)
    return fires, nearly


def test_every_recommendation_fires_in_some_case():
    fires, _ = reached()
    assert [rule for rule in RECOMMENDING if not fires[rule]] == []


def test_every_recommendation_nearly_fires_in_some_case():
    _, nearly = reached()
    assert [rule for rule in RECOMMENDING if not nearly[rule]] == []


def test_every_drug_class_that_is_recommended_has_an_agent_and_every_agent_a_class():
    vocabulary = PACK.vocabulary
    recommended = {vocabulary.therapies[therapy] for therapy in PACK.rules_for}
    with_agents = {*vocabulary.agents_of, *(entry.id for entry in recommended if entry.components)}
    drugs = [entry.id for entry in recommended if entry.modality not in LOCAL_OR_SUPPORTIVE | {"trial"}]
    assert sorted(set(drugs) - with_agents) == []
    classes = vocabulary.therapies.keys()
    assert [agent.id for agent in vocabulary.agents.values() if classes.isdisjoint(agent.classes)] == []
