"""What the layout does to a program, and what it refuses."""

import json
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given

from engine.random_programs import Case, cases, large_program
from txselect.engine import envelope
from txselect.engine.envelope import EnvelopeError, Layout, hash_of, lay_out
from txselect.engine.literals import LiteralError, check_given, check_program
from txselect.program.horn import Clause, HornProgram


def conditions_of(layout: Layout) -> list[list[tuple[str, str]]]:
    """For each rule, the pair of fields that each of its conditions asks for."""
    rules = json.loads(layout.definition).values()
    return [
        [tuple(key for field in next(iter(condition.values()))["$and"] for key in field) for condition in rule["all"]]
        for rule in rules
    ]


def fields_of(message: str) -> tuple[str, ...]:
    return tuple(field for field in json.loads(message) if field not in ("sid", "id"))


def check_limits(layout: Layout) -> None:
    rules = conditions_of(layout)
    uses = Counter(condition for rule in rules for condition in rule)
    firsts = Counter(fields[0] for fields in uses)
    messages = [layout.primer, *(message for copies in layout.messages for message in copies)]
    assert all(1 <= len(rule) == len(set(rule)) <= 15 for rule in rules)
    assert max(uses.values()) <= 60
    assert len(firsts) <= 500
    assert max(firsts.values()) <= 500
    assert sorted(map(fields_of, messages)) == sorted(uses), "every condition has its one message and every message one"
    assert {json.loads(message)["sid"] for message in messages} == {"s"}
    assert len({json.loads(message)["id"] for message in messages}) == len(messages)


@given(case=cases())
def test_every_layout_is_within_the_limits(case: Case):
    check_limits(lay_out(case.program))


def test_layouts_of_large_programs_are_within_the_limits():
    check_limits(lay_out(large_program(1, 300, 800)))
    check_limits(lay_out(HornProgram(301, tuple(Clause(2 * node, (0, 2 * node - 1)) for node in range(1, 301)))))
    check_limits(lay_out(HornProgram(41, (Clause(80, tuple(range(0, 80, 2))),))))


def test_clauses_with_one_body_are_one_rule():
    program = HornProgram(4, (Clause(4, (0, 2)), Clause(6, (2, 0, 2)), Clause(4, (0,))))
    assert sorted(lay_out(program).outcomes.values()) == [(), ((4, 0), (6, 1)), ((4, 2),)]


def test_a_clause_that_needs_its_own_head_is_left_out():
    assert lay_out(HornProgram(2, (Clause(2, (0, 2)),))).outcomes == {"0": ()}


def test_auxiliary_literals_are_numbered_after_the_programs_own_and_have_no_clause():
    layout = lay_out(HornProgram(41, (Clause(80, tuple(range(0, 80, 2))),)))
    assert list(layout.outcomes.values()) == [(), ((82, -1),), ((83, -1),), ((80, 0),)]
    assert layout.literals == 84


def distinct_bodies(count: int) -> HornProgram:
    return HornProgram(count + 1, tuple(Clause(2 * count, (2 * node,)) for node in range(count)))


def test_3_500_rules_are_taken_and_one_more_is_refused():
    check_limits(lay_out(distinct_bodies(3_500)))
    with pytest.raises(EnvelopeError, match=r"^3501 rules, and durable-rules is trusted with 3500; narrow the scope"):
        lay_out(distinct_bodies(3_501))


def test_clauses_of_one_rule_count_once():
    program = distinct_bodies(2_000)
    twice = (*program.clauses, *(Clause(4_001, clause.body) for clause in program.clauses))
    check_limits(lay_out(HornProgram(program.nodes, twice)))


def test_rules_that_splitting_makes_count_too():
    long = [tuple(range(node, node + 100)) for node in range(500)]
    program = HornProgram(400, tuple(Clause(799, body) for body in long))
    with pytest.raises(EnvelopeError, match="4000 rules"):
        lay_out(program)


def test_more_conjuncts_than_a_session_should_hold_are_refused():
    program = HornProgram(4_000, tuple(Clause(7_999, tuple(range(node, node + 15))) for node in range(1_601)))
    with pytest.raises(EnvelopeError, match="24015 conjuncts"):
        lay_out(program)


def test_too_many_branches_at_a_node_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envelope, "MOST_BRANCHES", 3)
    lay_out(distinct_bodies(8))
    with pytest.raises(EnvelopeError, match="10 atoms need 4 branches at a node; the most is 3"):
        lay_out(distinct_bodies(9))


def test_two_names_with_one_hash_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envelope, "_RESERVED", (*envelope._RESERVED, "costarring"))
    monkeypatch.setattr(envelope, "SESSION", "liquid")
    with pytest.raises(EnvelopeError, match="`liquid` from `costarring`"):
        envelope._prove_hashes_distinct([*envelope._RESERVED, envelope.SESSION])


def test_no_program_within_the_limits_meets_two_names_with_one_hash():
    most_atoms = 1 + envelope.MOST_CONJUNCTS
    branches = [f"{level}{branch}" for level in "ab" for branch in range(envelope.MOST_BRANCHES)]
    numbers = [str(atom) for atom in range(most_atoms)]
    envelope._prove_hashes_distinct([*envelope._RESERVED, *envelope._ALIASES, *branches, *numbers])


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", 926444256), ("sid", 3593476751), ("$and", 3746487396), ("all", 321211332), ("$i", 1622948014)],
)
def test_the_hash_is_the_one_that_the_library_has_in_its_source(name: str, value: int):
    assert hash_of(name) == value


def test_a_layout_costs_no_more_memory_than_its_text():
    program = large_program(1, 100, 250)
    tracemalloc.start()
    layout = lay_out(program)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 12 * len(layout.definition)


@pytest.mark.parametrize(
    ("clause", "message", "literals"),
    [
        (Clause(0, ()), "clause 1 has no premises", (0,)),
        (Clause(4, (1,)), r"clause 1 names literals \[4\], outside 0 .. 3", (4,)),
        (Clause(0, (-1, 2, 9)), r"clause 1 names literals \[-1, 9\], outside 0 .. 3", (-1, 9)),
    ],
)
def test_a_malformed_clause_is_refused_by_number(clause: Clause, message: str, literals: tuple[int, ...]):
    with pytest.raises(LiteralError, match=f"^{message}$") as caught:
        check_program(HornProgram(2, (Clause(2, (0,)), clause)))
    assert caught.value.literals == literals


@pytest.mark.parametrize("wrong", [-1, 4, True, 1.0, "1", None])
def test_a_given_literal_that_the_program_does_not_have_is_refused(wrong: object):
    with pytest.raises(LiteralError, match=r"not literals of this program, which has 0 \.\. 3") as caught:
        check_given([0, wrong, 2], 4)  # type: ignore[list-item]
    assert caught.value.literals == (wrong,)
