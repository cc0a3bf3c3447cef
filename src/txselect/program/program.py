"""A compiled program: nodes of conditions over numbered literals, and where the options' literals are.

A *reference* to a condition is the literal that says it is true; its opposite says it is false. So `not` needs no node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from txselect.model.condition import Leaf
from txselect.model.rules import Head
from txselect.program.horn import HornProgram

NodeKind = Literal["leaf", "all", "any", "at_least", "fact"]


@dataclass(frozen=True, slots=True)
class Node:
    """One node. `children` are references; those of a fact are the conditions of its rules."""

    kind: NodeKind
    children: tuple[int, ...] = ()
    leaf: Leaf | None = None
    count: int = 0
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Regimen:
    """Agents given together, the rules that name them, and the absolute contraindications of single agents."""

    agents: tuple[str, ...]
    rules: tuple[str, ...]
    contraindications: tuple[str, ...]
    contraindicated: int | None


@dataclass(frozen=True, slots=True)
class Concern:
    """A caution or relative contraindication; `agents` None: it concerns the class and not some agents only."""

    rule: str
    agents: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class OptionNodes:
    """What decides one therapy class. References; None stands for known false (no such rule in scope)."""

    therapy: str
    indicated: int
    contraindicated: int | None
    recommending: tuple[str, ...]
    absolute: tuple[str, ...]
    concerns: tuple[Concern, ...]
    regimens: tuple[Regimen, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """Everything in scope for one cancer code, day and jurisdiction.

    rules: the reference of each rule's whole condition (`when` and not `unless`), by rule id.
    by_head: rule ids by the kind of their head (a class of `txselect.model.rules`).
    left_out: rules not in scope, with the reason (cancer, date or jurisdiction).
    beside: the references of conditions that no rule has, in the order in which they were asked for.
    """

    horn: HornProgram
    nodes: tuple[Node, ...]
    leaves: tuple[int, ...]
    rules: Mapping[str, int]
    by_head: Mapping[type[Head], tuple[str, ...]]
    options: Mapping[str, OptionNodes]
    left_out: Mapping[str, str]
    beside: tuple[int, ...] = ()
