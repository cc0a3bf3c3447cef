"""What the program decides is what the design says, on random rule packs and profiles, whichever engine runs."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laws.invented import pack_of
from laws.reference import World
from laws.strategies import AS_OF, RECOMMENDED, pack_with, profiles, rule_lists, written
from scale import examples
from txselect.decision.reading import Reading
from txselect.decision.record import Decision, EngineUsed
from txselect.engine.durable import available
from txselect.model.rules import Rule
from txselect.pipeline import Rules, read
from txselect.program.horn import opposite

ENGINES = ("linear", "durable") if available() else ("linear",)
PROFILES = 4
"""How many profiles each pack decides on: a pack costs more than a decision."""

often = settings(max_examples=examples(500, nightly=5_000), suppress_health_check=list(HealthCheck))
profile_lists = st.lists(profiles(), min_size=PROFILES, max_size=PROFILES)
jurisdictions = st.sampled_from([None, None, "FDA", "EMA"])


def readings(rules: Rules, profile: dict[str, Any], jurisdiction: str | None) -> list[tuple[Reading, Decision]]:
    return [read(rules, profile, engine=engine, jurisdiction=jurisdiction) for engine in ENGINES]


def without_engine(decision: Decision) -> Decision:
    """A decision but for the engine that ran and the order in which it happened to conclude."""
    nobody = EngineUsed("", "")
    derivation = replace(decision.derivation, steps=())
    return replace(decision, engine=nobody, derivation=derivation)


def holding(reading: Reading) -> set[int]:
    return {*reading.valuation.given, *(literal for literal, _ in reading.valuation.derived)}


@often
@given(written_rules=rule_lists(), patients=profile_lists, jurisdiction=jurisdictions)
def test_every_rule_fact_and_status_is_what_the_design_says_with_either_engine_and_never_both_ways(
    written_rules: list[Rule], patients: list[dict[str, Any]], jurisdiction: str | None
):
    rules = Rules(pack_with(written_rules))
    for profile in patients:
        world = World(written_rules, profile, AS_OF, jurisdiction)
        made = readings(rules, profile, jurisdiction)
        for reading, decision in made:
            agrees(world, reading, decision)
            assert not any(opposite(literal) in holding(reading) for literal in holding(reading))
        assert len({tuple(sorted(holding(reading))) for reading, _ in made}) == 1
        assert len({repr(without_engine(decision)) for _, decision in made}) == 1


def agrees(world: World, reading: Reading, decision: Decision) -> None:
    by_id = {rule.id: rule for rule in world.rules}
    for name in reading.program.rules.keys() & by_id.keys():
        assert reading.rule_truth(name) is world.holds(by_id[name]), name
    for number, node in enumerate(reading.program.nodes):
        if node.kind == "fact":
            assert reading.truth(2 * number) is world.fact(node.fact), node.fact
    for therapy in RECOMMENDED:
        option = decision.option(therapy)
        assert (option.status if option else None) == world.status(therapy), therapy


@settings(max_examples=examples(200, nightly=2_000), suppress_health_check=list(HealthCheck))
@given(written_rules=rule_lists(), profile=profiles())
def test_rules_written_as_files_are_read_as_meant_and_decide_the_same(
    written_rules: list[Rule], profile: dict[str, Any]
):
    typed, from_files = pack_with(written_rules), pack_of([written(rule) for rule in written_rules])
    assert dict(from_files.rules) == dict(typed.rules)
    reading, decision = read(Rules(from_files), profile, engine="linear")
    agrees(World(written_rules, profile, AS_OF), reading, decision)
