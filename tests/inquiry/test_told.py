"""What a told history shows to the rules, against histories that are made up, written down and read."""

import pytest

from inquiry.made_up import prepared, results
from knowledge.shipped import cases, rules
from scale import examples, some
from txselect.decision.reading import Reading
from txselect.errors import InternalCheckError
from txselect.inquiry import diagrams
from txselect.inquiry.ask import theory_of_unknowns
from txselect.inquiry.cone import undecided_cone
from txselect.inquiry.diagrams import Diagrams, Function
from txselect.inquiry.next_test import next_test
from txselect.inquiry.shown import ShownHistory
from txselect.pipeline import read, reread

TRIES = examples(5, nightly=50)
HISTORY = "prior therapies"
unknown_histories = [name for name in some(cases(), 120) if HISTORY in prepared(name).items]


def seen(shown: ShownHistory, reading: Reading, nodes: frozenset[int]) -> Function:
    """What the conditions make of a history, as it really is read."""
    function = shown.variables(())
    for node in nodes:
        met, failed = shown.rails(node)
        truth = reading.truth(2 * node)
        function &= (met if truth else ~met) & (failed if truth is False else ~failed)
    return function


@pytest.mark.parametrize("name", unknown_histories)
def test_what_the_rules_make_of_a_made_up_history_is_among_what_can_be_shown(name: str):
    made_up = results(name)
    reading, decision = read(rules(), made_up.profile, engine="linear")
    nodes = [reading.program.options[option.therapy] for option in made_up.found.open]
    cones = [undecided_cone(reading, (node.indicated, node.contraindicated)) for node in nodes]
    whole = undecided_cone(reading, [literal for node in nodes for literal in (node.indicated, node.contraindicated)])
    _, history = theory_of_unknowns(rules(), reading, decision.jurisdiction, whole)
    diagrams = Diagrams()
    literals = [literal for node in whole.leaves for literal in (2 * node, 2 * node + 1)]
    variables = dict(zip(literals, diagrams.variables(len(literals)), strict=True))
    shown = ShownHistory(history, variables, diagrams)
    profiles = [made_up.written(made_up.some([HISTORY])) for _ in range(TRIES)]
    for profile in filter(None, profiles):
        after = reread(rules(), profile, decision.as_of, decision.jurisdiction)
        for asked in (shown.nodes(cone.leaves) for cone in cones):
            assert (shown.told(asked) & seen(shown, after, asked)).satisfiable()


def test_more_unknown_things_than_fit_into_memory_are_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(diagrams, "_NODES", 2_000)
    with pytest.raises(InternalCheckError, match="more is unknown than fits into memory"):
        next_test(rules(), cases()["driver-sparse-adenocarcinoma"], engine="linear")
