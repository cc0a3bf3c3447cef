"""Decides cases with another rule engine, one after the other, and says how long that took.

    python benchmarks/peers/peer.py clipspy 10 < asked.json

Standard input: {"clauses": [[head, [body, ...]], ...], "cases": [[literal, ...], ...]}, as in `txselect.program.horn`.
Standard output: {"engine": version, "seconds": for each case, "prepared": seconds, "found": for each case all literals
that hold}; cases are left out once the seconds that were allowed are used up, but for the first three.
Neither preparing nor reading back what was found is counted. Nothing of txselect is imported, so that any environment
will do.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

Clauses = list[tuple[int, list[int]]]
Case = list[int]
Decide = Callable[[Case], Iterable[int]]


def clipspy(clauses: Clauses) -> Decide:
    """An environment grows slower with each case that is read back from it; `main` makes new ones."""
    import clips

    environment = clips.Environment()
    for literal in sorted({literal for head, body in clauses for literal in (head, *body)}):
        environment.build(f"(deftemplate l{literal})")
    for number, (head, body) in enumerate(clauses):
        environment.build(f"(defrule c{number} {' '.join(f'(l{one})' for one in body)} => (assert (l{head})))")
    templates = {template.name: template for template in environment.templates()}

    def decide(case: Case) -> Iterable[int]:
        environment.reset()
        for literal in case:
            template = templates.get(f"l{literal}")
            if template:
                template.assert_fact()
        environment.run()
        return (int(fact.template.name[1:]) for fact in environment.facts() if fact.template.name[0] == "l")

    return decide


def experta(clauses: Clauses) -> Decide:
    import collections.abc

    collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]  # it was written for Python 3.9
    from experta import Fact, KnowledgeEngine, Rule

    class Literal(Fact):
        pass

    def concluding(head: int) -> Callable[[Any], None]:
        def conclude(self: Any) -> None:
            self.declare(Literal(number=head))

        return conclude

    rules = {
        f"c{number}": Rule(*(Literal(number=one) for one in body))(concluding(head))
        for number, (head, body) in enumerate(clauses)
    }
    engine = type("Engine", (KnowledgeEngine,), rules)()

    def decide(case: Case) -> Iterable[int]:
        engine.reset()
        for literal in case:
            engine.declare(Literal(number=literal))
        engine.run()
        return (fact["number"] for fact in engine.facts.values() if isinstance(fact, Literal))

    return decide


def zen(clauses: Clauses) -> Decide:
    """One expression for each literal that is concluded, after those that it depends on."""
    import zen as library

    bodies: dict[int, list[list[int]]] = {}
    for head, body in clauses:
        bodies.setdefault(head, []).append(body)

    def said(literal: int) -> str:
        return f"($.l{literal} or g{literal})" if literal in bodies else f"g{literal}"

    expressions = [
        {
            "id": f"e{head}",
            "key": f"l{head}",
            "value": " or ".join(f"({' and '.join(map(said, body))})" for body in bodies[head]),
        }
        for head in in_order(bodies)
    ]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {
            "id": "rules",
            "type": "expressionNode",
            "name": "rules",
            "position": {"x": 0, "y": 0},
            "content": {"expressions": expressions},
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    decision = library.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    every = {f"g{literal}": False for head, body in clauses for literal in (head, *body)}

    def decide(case: Case) -> Iterable[int]:
        result = decision.evaluate({**every, **{f"g{literal}": True for literal in case}})["result"]
        return (int(name[1:]) for name, holds in result.items() if holds)

    return decide


def in_order(bodies: dict[int, list[list[int]]]) -> list[int]:
    """The literals that are concluded, each after those it is concluded from."""
    order: dict[int, None] = {}

    def put(literal: int) -> None:
        if literal in bodies and literal not in order:
            for body in bodies[literal]:
                for one in body:
                    put(one)
            order[literal] = None

    sys.setrecursionlimit(100_000)
    for literal in bodies:
        put(literal)
    return list(order)


_CASES_OF_ONE = 20
ENGINES = {"clipspy": (clipspy, "clipspy"), "experta": (experta, "experta"), "zen-engine": (zen, "zen-engine")}


def main() -> None:
    make, package = ENGINES[sys.argv[1]]
    allowed = float(sys.argv[2])
    asked = json.load(sys.stdin)
    start = time.perf_counter()
    decide = make(asked["clauses"])
    prepared = time.perf_counter() - start
    seconds: list[float] = []
    found: list[list[int]] = []
    for number, case in enumerate(asked["cases"]):
        if number and number % _CASES_OF_ONE == 0 and package == "clipspy":
            decide = make(asked["clauses"])
        if len(seconds) >= 3 and sum(seconds) > allowed:
            break
        start = time.perf_counter()
        literals = decide(case)
        seconds.append(time.perf_counter() - start)
        found.append(sorted(set(literals) | set(case)))
    json.dump({"engine": version(package), "seconds": seconds, "prepared": prepared, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
