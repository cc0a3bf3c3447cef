"""The question of `nearest`, put to four solvers: each has to find ways of the same sizes.

Clingo grounds the theory for all. The others get the ground program as clauses: Clark's completion, with a level for
each step of the few derivations that could go round in a circle. All minimise the number of questions and nothing else,
and leave out what contains a way already found. How to install them: README.md beside this file.

    python benchmarks/solvers/compare.py 60      # so many pairs of a case and a therapy, drawn at random
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import clingo
import z3
from ortools.sat.python import cp_model
from pysat.examples.hitman import Hitman
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from pysat.solvers import Cadical153

from txselect.decision.options import status_of
from txselect.inquiry.ask import theory_of
from txselect.inquiry.cone import cone_of
from txselect.language.case import load_case
from txselect.pipeline import load_rules, read
from txselect.shipped import shipped_folder

WAYS = 5
Clause = list[int]
Ways = Iterator[frozenset[int]]


@dataclass
class Ground(clingo.Observer):
    """A ground program as Clingo tells it: rules as (head, body), cardinality rules, choices, and what is asked."""

    rules: list[tuple[int, list[int]]] = field(default_factory=list)
    counts: list[tuple[int, int, list[int]]] = field(default_factory=list)
    choices: list[tuple[list[int], list[int]]] = field(default_factory=list)
    questions: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    def rule(self, choice: bool, head: list[int], body: list[int]) -> None:
        if choice:
            self.choices.append((list(head), list(body)))
        else:
            self.rules.append((head[0] if head else 0, list(body)))

    def weight_rule(self, choice: bool, head: list[int], lower_bound: int, body: list[tuple[int, int]]) -> None:
        assert not choice
        assert all(weight == 1 for _, weight in body)
        self.counts.append((head[0] if head else 0, lower_bound, [literal for literal, _ in body]))


def program(theory: str) -> Ground:
    """The ground program; `questions` are the literals that say whether a question is answered anew."""
    ground = Ground()
    control = clingo.Control(["--warn=none"])
    control.register_observer(ground)
    started = perf_counter()
    control.add("base", [], theory)
    control.ground([("base", [])])
    ground.seconds = perf_counter() - started
    for atom in control.symbolic_atoms.by_signature("tried", 2):
        ground.questions[atom.symbol.arguments[1].number] = atom.literal
    return ground


def clauses(ground: Ground) -> tuple[list[Clause], int]:
    """The ground program as clauses, and its highest variable; variables that are Clingo's atoms keep their numbers."""
    return _Completion(ground).clauses()


class _Completion:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        atoms = {abs(literal) for head, body in ground.rules for literal in (head, *body)}
        atoms |= {abs(literal) for head, _, body in ground.counts for literal in (head, *body)}
        atoms |= {atom for heads, body in ground.choices for atom in (*heads, *map(abs, body))}
        self.top = max(atoms)
        self.made: list[Clause] = []
        self.supports: dict[int, list[int]] = {atom: [] for atom in atoms if atom}
        self.chosen: set[int] = set()

    def clauses(self) -> tuple[list[Clause], int]:
        circles = _circles(self.ground.rules)
        for heads, body in self.ground.choices:
            support = self._all(body)
            for head in heads:
                self.made.append([-head, support])
                self.chosen.add(head)
        for head, least, body in self.ground.counts:
            self._support(head, self._at_least(least, body))
        for head, body in self.ground.rules:
            if head not in circles:
                self._support(head, self._all(body))
        for members in {id(circle): circle for circle in circles.values()}.values():
            self._unroll(members)
        for atom, supports in self.supports.items():
            if atom not in self.chosen and atom not in circles:
                self.made.append([-atom, *supports])
        return self.made, self.top

    def _new(self) -> int:
        self.top += 1
        return self.top

    def _support(self, head: int, support: int) -> None:
        """What makes an atom true; for a constraint (head 0) what may not hold."""
        self.made.append([head, -support] if head else [-support])
        if head:
            self.supports[head].append(support)

    def _all(self, body: list[int]) -> int:
        """A literal that holds exactly where all of a body do."""
        if len(body) == 1:
            return body[0]
        together = self._new()
        self.made += [[-together, literal] for literal in body]
        self.made.append([together, *(-literal for literal in body)])
        return together

    def _at_least(self, least: int, body: list[int]) -> int:
        """A literal that holds exactly where so many of a body do: a counter, one step for each literal."""
        reached = {0: self._all([])}
        for literal in body:
            following = {0: reached[0]}
            for number in range(1, least + 1):
                ways = [reached[number]] if number in reached else []
                if number - 1 in reached:
                    ways.append(self._all([reached[number - 1], literal]))
                if ways:
                    following[number] = self._any(ways)
            reached = following
        return reached.get(least) or -reached[0]

    def _any(self, literals: list[int]) -> int:
        return -self._all([-literal for literal in literals])

    def _unroll(self, members: set[int]) -> None:
        """An atom of a circle holds where it does after as many steps as the circle has atoms."""
        rules = [(head, body) for head, body in self.ground.rules if head in members]
        before: dict[int, int] = {}
        for _ in members:
            now: dict[int, int] = {}
            for atom in members:
                bodies = [
                    body for head, body in rules if head == atom and all(b not in members or b in before for b in body)
                ]
                if bodies:
                    now[atom] = self._any(
                        [self._all([before.get(literal, literal) for literal in body]) for body in bodies]
                    )
            before = now
        for atom in members:
            same = before.get(atom)
            self.made += [[-atom, same], [atom, -same]] if same else [[-atom]]


def _circles(rules: Iterable[tuple[int, list[int]]]) -> dict[int, set[int]]:
    """For each atom that could support itself, all that could support each other (Tarjan)."""
    following: dict[int, set[int]] = {}
    for head, body in rules:
        following.setdefault(head, set()).update(literal for literal in body if literal > 0)
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    found: dict[int, set[int]] = {}
    numbers = count()

    def visit(atom: int) -> None:
        index[atom] = low[atom] = next(numbers)
        stack.append(atom)
        for other in following.get(atom, ()):
            if other not in index:
                visit(other)
                low[atom] = min(low[atom], low[other])
            elif other in stack:
                low[atom] = min(low[atom], index[other])
        if low[atom] == index[atom]:
            members = set(stack[stack.index(atom) :])
            del stack[stack.index(atom) :]
            if len(members) > 1:
                found.update(dict.fromkeys(members, members))

    sys.setrecursionlimit(100_000)
    for atom in list(following):
        if atom and atom not in index:
            visit(atom)
    return found


# the solvers: each gives a function that finds ways, smallest first


def by_clingo(theory: str) -> Ways:
    control = clingo.Control(["--warn=none", "--opt-strategy=usc"])
    control.add("base", [], theory + "#minimize { 1,Q : tried(1,Q) }.")
    control.ground([("base", [])])
    tried = {a.literal: a.symbol.arguments[1].number for a in control.symbolic_atoms.by_signature("tried", 2)}

    def ways() -> Ways:
        while True:
            way: list[int] = []
            with control.solve(yield_=True) as handle:
                for model in handle:
                    way = [literal for literal in tried if model.is_true(literal)]
            if not way:
                return
            yield frozenset(tried[literal] for literal in way)
            with control.backend() as backend:
                backend.add_rule([], way)

    return ways()


def by_rc2(ground: Ground, formula: list[Clause], top: int) -> Ways:
    weighted = WCNF()
    weighted.extend(formula)
    for literal in ground.questions.values():
        weighted.append([-literal], weight=1)
    solver = RC2(weighted)

    def ways() -> Ways:
        while (model := solver.compute()) is not None:
            holding = set(model)
            way = {number: literal for number, literal in ground.questions.items() if literal in holding}
            yield frozenset(way)
            solver.add_clause([-literal for literal in way.values()])

    return ways()


def by_hitting_sets(ground: Ground, formula: list[Clause], top: int) -> Ways:
    """The smallest set of questions that hits every reason why those outside it are not enough."""
    solver = Cadical153(bootstrap_with=formula)
    by_literal = {literal: number for number, literal in ground.questions.items()}
    hitting = Hitman(solver="g4", htype="sorted")

    def ways() -> Ways:
        chosen: list[int] | None = []
        while chosen is not None:
            if solver.solve(assumptions=[-literal for literal in by_literal if literal not in chosen]):
                yield frozenset(by_literal[literal] for literal in chosen)
                hitting.block(chosen)
            elif core := [-literal for literal in solver.get_core() or ()]:
                hitting.hit(core)
            else:
                return
            chosen = hitting.get()

    return ways()


def by_cp_sat(ground: Ground, formula: list[Clause], top: int) -> Ways:
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(top + 1)]

    def literal(number: int) -> Any:
        return variables[number] if number > 0 else ~variables[-number]

    for clause in formula:
        model.add_bool_or([literal(number) for number in clause])
    model.minimize(sum(map(literal, ground.questions.values())))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1

    def ways() -> Ways:
        while solver.solve(model) == cp_model.OPTIMAL:
            way = {n: number for n, number in ground.questions.items() if solver.boolean_value(literal(number))}
            yield frozenset(way)
            model.add_bool_or([literal(-number) for number in way.values()])

    return ways()


def by_z3(ground: Ground, formula: list[Clause], top: int) -> Ways:
    optimize = z3.Optimize()
    variables = [z3.Bool(str(number)) for number in range(top + 1)]

    def literal(number: int) -> z3.BoolRef:
        return variables[number] if number > 0 else z3.Not(variables[-number])

    optimize.add([z3.Or([literal(number) for number in clause]) for clause in formula])
    for number in ground.questions.values():
        optimize.add_soft(literal(-number))

    def ways() -> Ways:
        while optimize.check() == z3.sat:
            found = optimize.model()
            way = {n: number for n, number in ground.questions.items() if z3.is_true(found.eval(literal(number)))}
            yield frozenset(way)
            optimize.add(z3.Or([literal(-number) for number in way.values()]))

    return ways()


OTHERS: dict[str, Callable[[Ground, list[Clause], int], Ways]] = {
    "python-sat, RC2": by_rc2,
    "python-sat, hitting sets": by_hitting_sets,
    "OR-Tools, CP-SAT": by_cp_sat,
    "Z3, Optimize": by_z3,
}


# the measurement


def timed(build: Callable[..., Ways], *given: object) -> tuple[list[float], list[int]]:
    """Seconds to build, to the first way and to the last of those wanted; and the sizes of the ways."""
    times, sizes, started = [], [], perf_counter()
    ways = build(*given)
    times.append(perf_counter() - started)
    for way in ways:
        sizes.append(len(way))
        if len(sizes) == 1:
            times.append(perf_counter() - started - times[0])
        if len(sizes) == WAYS:
            break
    times += [perf_counter() - started - times[0]] * (3 - len(times))
    return times, sizes


def theories(number: int) -> Iterator[tuple[str, str]]:
    """The theories, with their goals, of cases and therapies drawn at random from those shipped."""
    rules, random = load_rules(), Random(1)
    paths = sorted(shipped_folder("cases").rglob("*.yaml"))
    for _ in range(number):
        case = load_case(random.choice(paths))
        reading, _ = read(rules, case, engine="linear")
        therapy = random.choice(sorted(reading.program.options))
        nodes = reading.program.options[therapy]
        theory = theory_of(rules, reading, None, cone_of(reading.program, (nodes.indicated, nodes.contraindicated)))
        status = status_of(reading.truth(nodes.indicated), reading.truth(nodes.contraindicated))
        yield f"{case.id} {therapy}", theory.text() + goal(nodes.indicated, nodes.contraindicated, status)


def goal(indicated: int, contraindicated: int | None, status: str) -> str:
    """What a way has to reach, as in `nearest`."""
    if status != "recommended":
        allowed = f":- not holds(1,{contraindicated ^ 1})." if contraindicated is not None else ""
        return f" :- not holds(1,{indicated}). {allowed}"
    barred = f"turned :- holds(1,{contraindicated})." if contraindicated is not None else ""
    return f" turned :- holds(1,{indicated ^ 1}). {barred} :- not turned. "


def main() -> None:
    measured: dict[str, list[list[float]]] = {name: [] for name in ("Clingo", *OTHERS)}
    grounding, sizes_of_programs, circles = [], [], 0
    for name, theory in theories(int(sys.argv[1])):
        times, sizes = timed(by_clingo, theory)
        measured["Clingo"].append(times)
        ground = program(theory)
        grounding.append(ground.seconds)
        circles += bool(_circles(ground.rules))
        for other, build in OTHERS.items():
            started = perf_counter()
            formula, top = clauses(ground)
            completing = perf_counter() - started
            times, found = timed(build, ground, formula, top)
            assert found == sizes, (name, other, sizes, found)
            measured[other].append([times[0] + completing, *times[1:]])
        sizes_of_programs.append((len(formula), len(ground.questions)))
    print(f"grounding alone: median {1e3 * median(grounding):.0f} ms, worst {1e3 * max(grounding):.0f} ms")
    for what, sizes in zip(("clauses", "questions"), zip(*sizes_of_programs, strict=True), strict=True):
        print(f"{what}: median {median(sizes):.0f}, most {max(sizes)}")
    print(f"programs with circles: {circles} of {len(grounding)}")
    print("| | build | first way | five ways |\n|---|---|---|---|")
    for name, runs in measured.items():
        columns = (f"{1e3 * median(column):.0f} / {1e3 * max(column):.0f}" for column in zip(*runs, strict=True))
        print(f"| {name} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
