"""The order in which rules, files and a profile's lists are written changes nothing that is decided."""

import random
import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laws.invented import pack_of
from laws.strategies import pack_with, profiles, rule_lists, written
from scale import examples
from txselect.decision.record import Decision, Pending
from txselect.model.rules import Rule
from txselect.pipeline import Rules, decide

sometimes = settings(max_examples=examples(300, nightly=5_000), suppress_health_check=list(HealthCheck))
dice = st.randoms(use_true_random=False)


def content(decision: Decision) -> dict[str, Any]:
    """A decision without what is nothing but order: derivations, hashes, the sequence within lists and sentences."""
    options = {
        option.therapy: (
            (option.status, option.rank, option.preference, option.evidence_level),
            *map(frozenset, (option.agents, option.rules, option.reasons, option.evidence)),
            waits_for(option.pending),
            frozenset((note.rule, note.kind, note.certain, waits_for(note.waits_for)) for note in option.cautions),
        )
        for option in decision.options
    }
    flags = {(flag.kind, *words(flag.text), *sorted(flag.about), *sorted(flag.rules)) for flag in decision.flags}
    assumptions = {(made.id, made.text, *sorted(made.options)) for made in decision.assumptions}
    return {
        "ranking": [option.therapy for option in decision.offered],
        "options": options,
        "flags": flags,
        "assumptions": assumptions,
        "intent": (decision.intent, frozenset(decision.intent_reasons)),
        "conclusion": decision.conclusion,
    }


def waits_for(pending: Iterable[Pending]) -> frozenset[tuple[str, ...]]:
    return frozenset((*words(one.what), *words(one.state), *one.markers) for one in pending)


def words(text: str) -> list[str]:
    return sorted(re.findall(r"\w+", text))


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same with every list in another order; agents given together are a list, too."""
    if isinstance(value, dict):
        return {key: shuffled(item, dice) for key, item in value.items()}
    if isinstance(value, list):
        items = [shuffled(item, dice) for item in value]
        dice.shuffle(items)
        return items
    return value


@sometimes
@given(written_rules=rule_lists(), profile=profiles(), dice=dice)
def test_neither_the_order_of_rules_nor_that_of_a_profiles_lists_matters(
    written_rules: list[Rule], profile: dict[str, Any], dice: random.Random
):
    expected = content(decide(Rules(pack_with(written_rules)), profile, engine="linear"))
    in_another_order = written_rules.copy()
    dice.shuffle(in_another_order)
    decision = decide(Rules(pack_with(in_another_order)), shuffled(deepcopy(profile), dice), engine="linear")
    assert content(decision) == expected


@settings(sometimes, max_examples=examples(60, nightly=1_000))
@given(written_rules=rule_lists(), profile=profiles(), dice=dice)
def test_it_does_not_matter_in_which_files_rules_are_written(
    written_rules: list[Rule], profile: dict[str, Any], dice: random.Random
):
    forms = [written(rule) for rule in written_rules]
    one_file = pack_of(forms)
    dice.shuffle(forms)
    cut = dice.randint(0, len(forms))
    two_files = pack_of(forms[:cut], forms[cut:], names=("z.yaml", "a.yaml"))
    assert two_files.sha256 != one_file.sha256
    assert content(decide(Rules(two_files), profile, engine="linear")) == content(
        decide(Rules(one_file), profile, engine="linear")
    )
