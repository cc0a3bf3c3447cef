"""From the rules in scope to a two-rail Horn program (design, section 4).

    all(a,b):   x+ <- a+, b+      x- <- a-      x- <- b-
    any(a,b):   x+ <- a+          x+ <- b+      x- <- a-, b-
    not(a):     no node: its references are a's, exchanged

Equal conditions are one node. A rule's scope is a condition like any other, left out where the cancer meets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

from txselect.model.condition import (
    All,
    AnyOf,
    AtLeast,
    CancerIs,
    Condition,
    FactHolds,
    Leaf,
    Not,
)
from txselect.model.rules import ConcerningRules, Contraindicate, Derive, Head, Rule, RulePack, by_therapy
from txselect.program.horn import Clause, HornProgram, opposite, positive
from txselect.program.program import Concern, Node, NodeKind, OptionNodes, Program, Regimen


def compiled(
    pack: RulePack,
    cancer: str,
    as_of: date,
    jurisdiction: str | None = None,
    beside: Iterable[Condition] = (),
) -> Program:
    """The program for a cancer code on a day; `jurisdiction` None takes the rules of all.

    beside: conditions that no rule has, compiled as well.
    """
    return _compiled(pack, cancer, as_of, jurisdiction, _Nodes(), beside)


def compiled_together(
    packs: Iterable[RulePack], cancer: str, as_of: date, beside: Iterable[Condition] = ()
) -> list[Program]:
    """The programs of several packs with one vocabulary over the same nodes: what they say alike is one node."""
    nodes, asked = _Nodes(), tuple(beside)
    programs = [_compiled(pack, cancer, as_of, None, nodes, asked) for pack in packs]
    return [replace(program, horn=programs[-1].horn, nodes=programs[-1].nodes) for program in programs]


def _compiled(
    pack: RulePack, cancer: str, as_of: date, jurisdiction: str | None, nodes: _Nodes, beside: Iterable[Condition]
) -> Program:
    reasons = {rule.id: _out_of_scope(rule, pack, cancer, as_of, jurisdiction) for rule in pack.rules.values()}
    left_out = {name: reason for name, reason in reasons.items() if reason}
    rules = {rule.id: rule for rule in pack.rules.values() if rule.id not in left_out}
    return _Compiler(pack, rules, cancer, nodes).program(left_out, beside)


def _out_of_scope(rule: Rule, pack: RulePack, cancer: str, as_of: date, jurisdiction: str | None) -> str:
    if rule.applies_to and _in_scope(rule, pack, cancer) is False:
        return "cancer"
    if not rule.valid_on(as_of):
        return "date"
    if jurisdiction and rule.jurisdiction and jurisdiction not in rule.jurisdiction:
        return "jurisdiction"
    return ""


def _in_scope(rule: Rule, pack: RulePack, cancer: str) -> bool | None:
    relations = {pack.vocabulary.cancer_kinds.relation(cancer, code) for code in rule.applies_to}
    return True if True in relations else None if None in relations else False


@dataclass
class _Nodes:
    """Nodes with their clauses, and the reference of each by what it is."""

    nodes: list[Node] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    known: dict[object, int] = field(default_factory=dict)


class _Compiler:
    def __init__(self, pack: RulePack, rules: Mapping[str, Rule], cancer: str, nodes: _Nodes) -> None:
        self.pack = pack
        self.rules = rules
        self.cancer = cancer
        self.nodes, self.clauses, self.known = nodes.nodes, nodes.clauses, nodes.known
        self.facts: dict[str, int] = {}
        self.rule_references: dict[str, int] = {}
        self.concerning = ConcerningRules(rules.values(), pack.vocabulary.therapy_kinds)
        self.deriving: dict[str, list[Rule]] = {}
        for rule in rules.values():
            if isinstance(rule.head, Derive):
                self.deriving.setdefault(rule.head.fact, []).append(rule)

    def program(self, left_out: Mapping[str, str], beside: Iterable[Condition]) -> Program:
        for rule in self.rules.values():
            if not isinstance(rule.head, Derive):
                self.rule(rule)
        options = {therapy: self._option(therapy, made) for therapy, made in by_therapy(self.rules.values()).items()}
        asked = tuple(map(self.condition, beside))
        return Program(
            horn=HornProgram(len(self.nodes), tuple(self.clauses)),
            nodes=tuple(self.nodes),
            leaves=tuple(number for number, node in enumerate(self.nodes) if node.kind == "leaf"),
            rules=self.rule_references,
            by_head=self._by_head(),
            options=options,
            left_out=left_out,
            beside=asked,
        )

    def _by_head(self) -> dict[type[Head], tuple[str, ...]]:
        result: dict[type[Head], list[str]] = {}
        for rule in self.rules.values():
            result.setdefault(type(rule.head), []).append(rule.id)
        return {head: tuple(rules) for head, rules in result.items()}

    def rule(self, rule: Rule) -> int:
        """The reference of the rule's whole condition."""
        reference = self.rule_references.get(rule.id)
        if reference is None:
            scope = (CancerIs(rule.applies_to),) if self._scope_is_open(rule) else ()
            references = (self.condition(All((*scope, rule.condition))), *map(opposite, self._lifting(rule)))
            reference = self.rule_references[rule.id] = self._joined("all", tuple(dict.fromkeys(references)))
        return reference

    def _lifting(self, rule: Rule) -> Iterator[int]:
        """Rules in force that offer a class again although it failed."""
        if isinstance(rule.head, Contraindicate):
            yield from (self.rule(self.rules[name]) for name in rule.head.lifted_by if name in self.rules)

    def _scope_is_open(self, rule: Rule) -> bool:
        return bool(rule.applies_to) and _in_scope(rule, self.pack, self.cancer) is None

    def condition(self, condition: Condition) -> int:
        match condition:
            case Not(part):
                return opposite(self.condition(part))
            case All():
                return self._joined("all", self._parts(condition, All))
            case AnyOf():
                return self._joined("any", self._parts(condition, AnyOf))
            case AtLeast(count, parts):
                return self._at_least(count, tuple(map(self.condition, parts)))
            case FactHolds(fact):
                return self._fact(fact)
            case _:
                return self._leaf(condition)

    def _parts(self, condition: All | AnyOf, kind: type[All] | type[AnyOf]) -> tuple[int, ...]:
        """References of the parts; an `all` within an `all` is read as one list."""
        references: list[int] = []
        for part in condition.parts:
            references += self._parts(part, kind) if isinstance(part, kind) else (self.condition(part),)
        return tuple(dict.fromkeys(references))

    def _leaf(self, leaf: Leaf) -> int:
        known = self.known.get(leaf)
        return self._add(leaf, Node("leaf", leaf=leaf)) if known is None else known

    def _add(self, key: object, node: Node) -> int:
        reference = self.known[key] = positive(len(self.nodes))
        self.nodes.append(node)
        return reference

    def _joined(self, kind: NodeKind, children: tuple[int, ...]) -> int:
        if len(children) == 1:
            return children[0]
        key = (kind, children)
        if key in self.known:
            return self.known[key]
        reference = self._add(key, Node(kind, children))
        self._clauses_of(kind, reference, children)
        return reference

    def _clauses_of(self, kind: NodeKind, reference: int, children: tuple[int, ...]) -> None:
        # `any` is `all` with every literal exchanged (De Morgan).
        whole, parts = (reference, children) if kind == "all" else (opposite(reference), tuple(map(opposite, children)))
        self.clauses.append(Clause(whole, parts))
        self.clauses += [Clause(opposite(whole), (opposite(part),)) for part in parts]

    def _at_least(self, count: int, children: tuple[int, ...]) -> int:
        key = ("at_least", count, children)
        if key in self.known:
            return self.known[key]
        reference = self._add(key, Node("at_least", children, count=count))
        falsifying = len(children) - count + 1
        self.clauses += [Clause(reference, _once(chosen)) for chosen in combinations(children, count)]
        self.clauses += [
            Clause(opposite(reference), _once(map(opposite, chosen))) for chosen in combinations(children, falsifying)
        ]
        return reference

    def _fact(self, fact: str) -> int:
        if fact not in self.facts:
            children = tuple(self.rule(rule) for rule in self.deriving.get(fact, []))
            self.facts[fact] = self._fact_of(fact, children)
        return self.facts[fact]

    def _fact_of(self, fact: str, children: tuple[int, ...]) -> int:
        key = ("fact", fact, children)
        if key in self.known:
            return self.known[key]
        reference = self._add(key, Node("fact", children, fact=fact))
        if children:
            self._clauses_of("any", reference, tuple(dict.fromkeys(children)))
        else:
            self._never(reference)
        return reference

    def _never(self, reference: int) -> None:
        """A fact whose rules are all out of scope is false, which a leaf that is always false gives it."""
        nothing = self._leaf(CancerIs(()))
        self.clauses.append(Clause(opposite(reference), (opposite(nothing),)))

    def _option(self, therapy: str, recommending: Iterable[Rule]) -> OptionNodes:
        regimens = self._regimens(therapy, recommending)
        agents = tuple(dict.fromkeys(agent for regimen in regimens for agent in regimen.agents))
        absolute = tuple(self.concerning.of("absolute", therapy))
        barred: list[int] = [self.rule_references[name] for name in absolute]
        if any(regimen.contraindicated is not None for regimen in regimens):
            barred.append(self._joined("all", tuple(dict.fromkeys(map(self._out_of_reach, regimens)))))
        return OptionNodes(
            therapy=therapy,
            indicated=self._any(self.rule_references[rule.id] for rule in recommending),
            contraindicated=self._any(barred) if barred else None,
            recommending=tuple(rule.id for rule in recommending),
            absolute=absolute,
            concerns=tuple(self._concerns(therapy, agents)),
            regimens=regimens,
        )

    def _out_of_reach(self, regimen: Regimen) -> int:
        """Whether a regimen is contraindicated, or no rule that names it holds."""
        named = opposite(self._any(self.rule_references[rule] for rule in regimen.rules))
        return named if regimen.contraindicated is None else self._any((regimen.contraindicated, named))

    def _any(self, references: Iterable[int]) -> int:
        return self._joined("any", tuple(dict.fromkeys(references)))

    def _regimens(self, therapy: str, recommending: Iterable[Rule]) -> tuple[Regimen, ...]:
        naming: dict[tuple[str, ...], list[str]] = {}
        for rule in recommending:
            for agents in rule.regimens or self._agents_of(therapy):
                naming.setdefault(agents, []).append(rule.id)
        return tuple(self._regimen(therapy, agents, tuple(rules)) for agents, rules in naming.items())

    def _agents_of(self, therapy: str) -> tuple[tuple[str, ...], ...]:
        return tuple((agent,) for agent in self.pack.vocabulary.agents_of.get(therapy, ()))

    def _regimen(self, therapy: str, agents: tuple[str, ...], rules: tuple[str, ...]) -> Regimen:
        of_class = set(self.concerning.of("absolute", therapy))
        against = dict.fromkeys(rule for agent in agents for rule in self.concerning.of("absolute", agent))
        of_agents = tuple(rule for rule in against if rule not in of_class)
        barred = self._any(self.rule_references[rule] for rule in of_agents) if of_agents else None
        return Regimen(agents, rules, of_agents, barred)

    def _concerns(self, therapy: str, agents: tuple[str, ...]) -> Iterable[Concern]:
        """Relative contraindications, then cautions, of the class or of agents among its regimens."""
        for kind in ("relative", "caution"):
            of_class = dict.fromkeys(self.concerning.of(kind, therapy))
            of_agents: dict[str, list[str]] = {}
            for agent in agents:
                for rule in self.concerning.of(kind, agent):
                    of_agents.setdefault(rule, []).append(agent)
            yield from (Concern(rule, None) for rule in of_class)
            yield from (Concern(rule, tuple(named)) for rule, named in of_agents.items() if rule not in of_class)


def _once(literals: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(literals))
