"""Random programs, and the evaluators that nobody can get wrong: the opinions that the engines are held to."""

import random
from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

from hypothesis import strategies as st

from txselect.program.horn import Clause, HornProgram, negative, opposite, positive


class Case(NamedTuple):
    """A program and what is given to it."""

    program: HornProgram
    given: tuple[int, ...]


def naive_fixpoint(program: HornProgram, given: Iterable[int]) -> set[int]:
    """Run over all clauses until a whole round adds nothing."""
    holds = set(given)
    while new := {clause.head for clause in program.clauses if set(clause.body) <= holds} - holds:
        holds |= new
    return holds


def all_of(node: int, parts: tuple[int, ...]) -> list[Clause]:
    """The two rails of `node = all(parts)`; parts are literals, so a negated part is its opposite."""
    return [Clause(positive(node), parts), *(Clause(negative(node), (opposite(part),)) for part in parts)]


def any_of(node: int, parts: tuple[int, ...]) -> list[Clause]:
    falses = tuple(opposite(part) for part in parts)
    return [*(Clause(positive(node), (part,)) for part in parts), Clause(negative(node), falses)]


def at_least(count: int, node: int, parts: tuple[int, ...]) -> list[Clause]:
    falses = tuple(opposite(part) for part in parts)
    enough_false = len(parts) - count + 1
    return [
        *(Clause(positive(node), chosen) for chosen in combinations(parts, count)),
        *(Clause(negative(node), chosen) for chosen in combinations(falses, enough_false)),
    ]


@st.composite
def two_rail_cases(draw: st.DrawFn) -> Case:
    """Layers of all, any and at-least over atoms that are true, false or unknown: what the compiler makes."""
    atoms = draw(st.integers(1, 6))
    nodes = atoms + draw(st.integers(0, 9))
    clauses: list[Clause] = []
    for node in range(atoms, nodes):
        parts_of_lower_nodes = st.integers(0, 2 * node - 1)
        parts = tuple(draw(st.lists(parts_of_lower_nodes, min_size=1, max_size=4, unique_by=lambda part: part // 2)))
        match draw(st.sampled_from(["all", "any", "at least"])):
            case "all":
                clauses += all_of(node, parts)
            case "any":
                clauses += any_of(node, parts)
            case _:
                clauses += at_least(draw(st.integers(1, len(parts))), node, parts)
    rails = draw(st.lists(st.sampled_from([0, 1, None]), min_size=atoms, max_size=atoms))
    given = tuple(2 * atom + rail for atom, rail in enumerate(rails) if rail is not None)
    return Case(HornProgram(nodes, tuple(clauses)), given)


@st.composite
def plain_horn_cases(draw: st.DrawFn) -> Case:
    """Any clauses at all: circles, repeated premises, a head among its premises, opposites that both hold."""
    nodes = draw(st.integers(1, 8))
    literals = st.integers(0, 2 * nodes - 1)
    clauses = st.builds(Clause, literals, st.lists(literals, min_size=1, max_size=5).map(tuple))
    program = HornProgram(nodes, tuple(draw(st.lists(clauses, max_size=25))))
    return Case(program, tuple(draw(st.lists(literals, max_size=8))))


def cases() -> st.SearchStrategy[Case]:
    return st.one_of(two_rail_cases(), plain_horn_cases())


def large_program(seed: int, atoms: int, inner: int) -> HornProgram:
    """Two-rail and deterministic; about three clauses for each inner node."""
    dice = random.Random(seed)
    clauses: list[Clause] = []
    for node in range(atoms, atoms + inner):
        earliest = max(0, node - 80) if dice.random() < 0.5 else 0
        below = dice.sample(range(earliest, node), dice.randint(2, 4))
        parts = tuple(positive(part) if dice.random() < 0.85 else negative(part) for part in below)
        clauses += all_of(node, parts) if dice.random() < 0.5 else any_of(node, parts)
    return HornProgram(atoms + inner, tuple(clauses))


def large_given(seed: int, atoms: int, unknown: float = 0.3) -> tuple[int, ...]:
    dice = random.Random(seed)
    return tuple(2 * atom + dice.randint(0, 1) for atom in range(atoms) if dice.random() > unknown)
