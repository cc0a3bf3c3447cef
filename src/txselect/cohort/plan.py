"""What is computed for the patients of one cancer code: a circuit, and where each option's outcome comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from txselect.cohort.circuit import EVERYBODY, NOBODY, Circuit
from txselect.cohort.leaves import Leaves, Rails
from txselect.decision.options import against
from txselect.decision.reading import clauses_by_head
from txselect.errors import InternalCheckError
from txselect.model.profile import Status
from txselect.model.rules import Contraindicate, RulePack
from txselect.program.horn import opposite
from txselect.program.program import OptionNodes, Program

STATUSES: tuple[Status, ...] = ("not_indicated", "recommended", "recommended_pending", "possible", "excluded")
"""The statuses by their code in a cohort."""


class Literals:
    """The wire of each literal of a program: the patients for whom it is known to hold."""

    def __init__(self, circuit: Circuit, program: Program, leaves: Leaves) -> None:
        self.circuit = circuit
        self.program = program
        self.leaves = leaves
        self._concluding = clauses_by_head(program)
        self._wires: dict[int, int | None] = {}

    def rails(self, reference: int) -> Rails:
        """Those for whom a reference is known true, and known false."""
        return self.wire(reference), self.wire(opposite(reference))

    def wire(self, literal: int) -> int:
        """Given by the profile, or concluded by a clause."""
        if literal not in self._wires:
            self._wires[literal] = None
            self._wires[literal] = self._made(literal)
        found = self._wires[literal]
        if found is None:
            raise InternalCheckError(f"literal {literal} of a compiled program rests on itself")
        return found

    def _made(self, literal: int) -> int:
        leaf = self.program.nodes[literal // 2].leaf
        given = self.leaves.rails(leaf)[literal & 1] if leaf is not None else self.circuit.any(())
        clauses = (self.program.horn.clauses[number] for number in self._concluding[literal])
        concluded = (self.circuit.every(map(self.wire, clause.body)) for clause in clauses)
        return self.circuit.either(given, self.circuit.any(concluded))


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """One therapy class: the wires of its statuses, and of what its rank and its rules depend on.

    statuses: the wires of recommended, recommended_pending, possible and excluded.
    marks: what may hold of a patient, each with its wire: a rule of the option that speaks, is against it or raises a
    concern, or a regimen (its number) that is contraindicated. Only for patients to whom it makes a difference.
    """

    therapy: str
    statuses: tuple[int, int, int, int]
    marks: tuple[tuple[str | int, int], ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """The circuit of a program with the options in the program's order."""

    program: Program
    circuit: Circuit
    literals: Literals
    options: tuple[OptionPlan, ...]


def plan_of(program: Program, pack: RulePack, cancer: str) -> Plan:
    """The plan of a program for one cancer code."""
    circuit = Circuit()
    literals = Literals(circuit, program, Leaves(circuit, pack.vocabulary, cancer))
    options = tuple(_option(nodes, literals, pack) for nodes in program.options.values())
    return Plan(program, circuit, literals, options)


def _option(nodes: OptionNodes, literals: Literals, pack: RulePack) -> OptionPlan:
    circuit = literals.circuit
    indicated, not_indicated = literals.rails(nodes.indicated)
    barred, free = NOBODY, EVERYBODY
    if nodes.contraindicated is not None:
        barred, free = literals.rails(nodes.contraindicated)
    open_indication = circuit.but_not(circuit.but_not(EVERYBODY, indicated), not_indicated)
    recommended = circuit.both(indicated, free)
    pending = circuit.but_not(circuit.but_not(indicated, barred), free)
    possible = circuit.but_not(open_indication, barred)
    excluded = circuit.but_not(barred, not_indicated)
    return OptionPlan(
        therapy=nodes.therapy,
        statuses=(recommended, pending, possible, excluded),
        marks=tuple(_marks(nodes, literals, pack, (indicated, open_indication, excluded))),
    )


def _marks(
    nodes: OptionNodes, literals: Literals, pack: RulePack, wires: tuple[int, int, int]
) -> Iterator[tuple[str | int, int]]:
    circuit, rules = literals.circuit, literals.program.rules
    indicated, open_indication, excluded = wires
    offered = circuit.but_not(circuit.either(indicated, open_indication), excluded)
    for rule in nodes.recommending:
        true, false = literals.rails(rules[rule])
        undecided = circuit.but_not(circuit.but_not(open_indication, true), false)
        yield rule, circuit.either(circuit.both(indicated, true), undecided)
    for rule in against(nodes):
        yield rule, circuit.both(literals.wire(rules[rule]), excluded)
    for concern in nodes.concerns:
        if isinstance(pack.rules[concern.rule].head, Contraindicate):
            yield concern.rule, circuit.both(literals.wire(rules[concern.rule]), offered)
    for number, regimen in enumerate(nodes.regimens):
        if regimen.contraindicated is not None:
            yield number, circuit.both(literals.wire(regimen.contraindicated), offered)
