"""What is counted over a cohort: the wires whose patients are counted, by what they stand for.

What an option waits for is what `Reading.blockers` finds for one patient: from its undecided conditions down to the
unknown leaves. Here all patients go down at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from txselect.cohort.circuit import EVERYBODY, NOBODY
from txselect.cohort.plan import STATUSES, OptionPlan, Plan
from txselect.cohort.statements import PRIOR_THERAPIES, ListGiven
from txselect.decision.options import against
from txselect.decision.wording import Wording
from txselect.model.condition import Listed, TherapyGiven
from txselect.model.profile import NONE_UNLESS_STATED

Counted = Literal["patients", "status", "excluded", "waits", "settles", "known", "asked", "changed"]


@dataclass(frozen=True, slots=True)
class Tally:
    """patients: of a cancer code; status: of a therapy class, of a status; excluded: of a class, by a rule.

    waits: those for whom an option waits for something; settles: those for whom it is all that an option waits for;
    changed: those for whom the status of a class is another than by older rules, "before > after";
    asked: those whose rules ask for something; known: those of them of whom all of it is known.
    """

    counted: Counted
    about: str
    detail: str = ""


def tallies_of(plan: Plan, words: Wording, cancer: str) -> list[tuple[Tally, int]]:
    """What is counted of the patients of a plan, each with its wire."""
    tallies = [(Tally("patients", cancer), EVERYBODY)]
    for option in plan.options:
        tallies += [(Tally("status", option.therapy, s), w) for s, w in zip(STATUSES[1:], option.statuses, strict=True)]
        reasons = set(against(plan.program.options[option.therapy]))
        tallies += [(Tally("excluded", option.therapy, str(m)), w) for m, w in option.marks if m in reasons]
    waiting = _Waiting(plan, words)
    return [*tallies, *waiting.tallies()]


class _Waiting:
    """What options wait for, in the words of decisions."""

    def __init__(self, plan: Plan, words: Wording) -> None:
        self.plan = plan
        self.circuit = plan.circuit
        self.literals = plan.literals
        self.nodes = plan.program.nodes
        leaves = {number: leaf for number in plan.program.leaves if (leaf := self.nodes[number].leaf) is not None}
        self.what = {number: words.missing(leaf) for number, leaf in leaves.items()}
        self.no_history = words.missing(TherapyGiven())
        self.listed = self.circuit.input(ListGiven(PRIOR_THERAPIES))

    def tallies(self) -> Iterator[tuple[Tally, int]]:
        waits: dict[str, int] = {}
        settles: dict[str, int] = {}
        for option in self.plan.options:
            found = self._of_option(option)
            for what, alone in zip(found, self._alone(list(found.values())), strict=True):
                waits[what] = self.circuit.either(waits.get(what, NOBODY), found[what])
                settles[what] = self.circuit.either(settles.get(what, NOBODY), alone)
        for what, wire in waits.items():
            yield Tally("waits", what), wire
            yield Tally("settles", what), settles[what]
        yield from self._known()

    def _known(self) -> Iterator[tuple[Tally, int]]:
        known: dict[str, int] = {}
        for number, what in self.what.items():
            leaf = self.nodes[number].leaf
            if not (isinstance(leaf, Listed) and leaf.kind == NONE_UNLESS_STATED):  # which is never unknown
                rails = self.literals.rails(2 * number)
                known[what] = self.circuit.both(known.get(what, EVERYBODY), self.circuit.either(*rails))
        for what, wire in known.items():
            yield Tally("known", what), wire
            yield Tally("asked", what), EVERYBODY

    def _of_option(self, option: OptionPlan) -> dict[str, int]:
        """The patients for whom an option waits for each thing."""
        nodes = self.plan.program.options[option.therapy]
        _, pending, possible, _ = option.statuses
        wanted: dict[int, int] = {}
        for rule in nodes.recommending:
            self._want(wanted, self.plan.program.rules[rule], possible)
        if nodes.contraindicated is not None:
            self._want(wanted, nodes.contraindicated, self.circuit.either(pending, possible))
        found: dict[str, int] = {}
        for number in reversed(range(max(wanted, default=-1) + 1)):  # the children of a node have lower numbers
            for child in self.nodes[number].children if wanted.get(number) else ():
                self._want(wanted, child, wanted[number])
        for number, wire in wanted.items():
            for what, those in self._called(number, wire):
                found[what] = self.circuit.either(found.get(what, NOBODY), those)
        return found

    def _called(self, number: int, wire: int) -> Iterator[tuple[str, int]]:
        """What a leaf waits for; of those without a list of prior therapies that is the list."""
        if number not in self.what or wire == NOBODY:
            return
        if isinstance(self.nodes[number].leaf, TherapyGiven):
            yield self.no_history, self.circuit.but_not(wire, self.listed)
            wire = self.circuit.both(wire, self.listed)
        yield self.what[number], wire

    def _want(self, wanted: dict[int, int], reference: int, by: int) -> None:
        number = reference // 2
        undecided = self.circuit.but_not(by, self.circuit.either(*self.literals.rails(2 * number)))
        wanted[number] = self.circuit.either(wanted.get(number, NOBODY), undecided)

    def _alone(self, wires: list[int]) -> Iterable[int]:
        """For each wire those who are on no other."""
        before = [NOBODY]
        for wire in wires:
            before.append(self.circuit.either(before[-1], wire))
        after = NOBODY
        alone = []
        for place in reversed(range(len(wires))):
            alone.append(self.circuit.but_not(wires[place], self.circuit.either(before[place], after)))
            after = self.circuit.either(after, wires[place])
        return reversed(alone)
