"""The reasoning behind options as a graph: findings of the profile, derived facts, rules, options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from txselect.decision.options import against
from txselect.decision.reading import Reading
from txselect.decision.record import Option
from txselect.explain.lines import Line, Mark
from txselect.explain.proof import Tree
from txselect.explain.text import STATUS_WORDS
from txselect.model.condition import CancerIs
from txselect.model.profile import Status
from txselect.program.horn import opposite

BoxKind = Literal["finding", "fact", "rule", "option"]

_MARKS: dict[Status, Mark] = {"recommended": "met", "excluded": "failed", "not_indicated": "failed"}
_NOTHING = CancerIs(())  # what the compiler gives a fact that has no rule in scope


@dataclass(frozen=True, slots=True)
class Box:
    """A statement. `found`: what the profile says of it, what a rule does, what becomes of an option.

    mark: `met` it holds, `unknown` it is open, `failed` it speaks against an option, or the option is excluded.
    """

    kind: BoxKind
    mark: Mark
    text: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes by name, and arrows to each box from what it rests on or waits for. No circles."""

    boxes: Mapping[str, Box]
    arrows: tuple[tuple[str, str], ...]

    def line(self, name: str) -> Line:
        """A box with everything that it rests on nested under it."""
        box = self.boxes[name]
        return Line(
            box.mark, box.text, box.found, parts=tuple(self.line(start) for start, end in self.arrows if end == name)
        )


def graph_of(reading: Reading, options: Sequence[Option]) -> Graph:
    """What the options rest on and wait for; what several of them share is there once.

    An offered option has the rules that offer it and the absolute contraindications that are still to be ruled out,
    an excluded one the rules that exclude it. A fact that no rule names is left away: what it rests on stands for it.
    """
    drawing = _Drawing(reading)
    rules = {option.therapy: _rules(reading, option) for option in options}
    references = [reading.program.rules[rule] for bars in rules.values() for rule in bars]
    drawing.named = frozenset(drawing.statements(references))
    for option in options:
        drawing.option(option, rules[option.therapy])
    return Graph(drawing.boxes, tuple(drawing.arrows))


def _rules(reading: Reading, option: Option) -> dict[str, bool]:
    """The rules to draw for an option, and whether each speaks against it."""
    nodes = reading.program.options[option.therapy]
    if not option.offered:
        return dict.fromkeys((rule for rule in against(nodes) if reading.rule_truth(rule)), True)
    # Where another regimen avoids an agent, its contraindication is not waited for.
    waits = reading.truth(nodes.contraindicated) is None
    undecided = (rule for rule in against(nodes) if waits and reading.rule_truth(rule) is None)
    return dict.fromkeys(option.rules, False) | dict.fromkeys(undecided, True)


@dataclass
class _Drawing:
    reading: Reading
    named: frozenset[int] = frozenset()
    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: dict[tuple[str, str], None] = field(default_factory=dict)

    def option(self, option: Option, rules: Mapping[str, bool]) -> None:
        mark = _MARKS.get(option.status, "unknown")
        self.boxes[option.therapy] = Box("option", mark, option.label, STATUS_WORDS[option.status])
        for rule, bars in rules.items():
            self._rule(rule, bars)
        self._point(rules, option.therapy)

    def _point(self, names: Iterable[str], target: str) -> None:
        self.arrows.update(dict.fromkeys((name, target) for name in names))

    def _rule(self, rule: str, bars: bool) -> None:
        if rule not in self.boxes:
            reference = self.reading.program.rules[rule]
            truth = self.reading.truth(reference)
            mark: Mark = "unknown" if truth is None else "failed" if bars else "met"
            does = "" if not bars else "contraindicates" if truth else "would contraindicate"
            self.boxes[rule] = Box("rule", mark, self.reading.pack.rules[rule].title, does)
            self._point(map(self._statement, self.statements([reference])), rule)

    def _statement(self, literal: int) -> str:
        """The name of the box of a finding or a fact."""
        name = str(literal)
        if name in self.boxes:
            return name
        node = self.reading.node(literal)
        if node.kind == "leaf":
            self.boxes[name] = self._finding(literal)
            return name
        parts = [self._statement(part) for part in self._beneath(literal)]
        label = self.reading.words.vocabulary.facts[node.fact].label
        if len(parts) == 1 and self.boxes[parts[0]].text == label:
            return parts[0]  # a fact that only gives a finding its name
        holds = self.reading.truth(literal)
        self.boxes[name] = Box("fact", "met" if holds else "unknown", f"not: {label}" if literal & 1 else label)
        self._point(parts, name)
        return name

    def _finding(self, literal: int) -> Box:
        tree = Tree(self.reading)
        line = (tree.proof(literal) if self.reading.truth(literal) else tree.examined(literal))[0]
        found = replace(line, text="", told_by="").sentence().removeprefix(": ")  # with what it takes as complete
        return Box("finding", line.mark, line.text, "" if found.casefold() == line.text.casefold() else found)

    def _beneath(self, fact: int) -> Iterator[int]:
        """The findings and the facts named by rules that a fact rests on."""
        for literal in self.statements(self._rests_on(fact)):
            if literal in self.named or self.reading.node(literal).kind == "leaf":
                yield literal
            else:
                yield from self._beneath(literal)

    def statements(self, literals: Iterable[int]) -> Iterator[int]:
        """The findings and facts that the literals come down to: groups of conditions have no box."""
        for literal in literals:
            node = self.reading.node(literal)
            if node.kind not in ("leaf", "fact"):
                yield from self.statements(self._rests_on(literal))
            elif node.leaf != _NOTHING:
                yield literal

    def _rests_on(self, literal: int) -> tuple[int, ...]:
        """What a literal is concluded from or, where it is open, everything below it that is not ruled out."""
        if self.reading.truth(literal):
            return self.reading.premises(literal)
        children = self.reading.node(literal).children
        wanted = map(opposite, children) if literal & 1 else children
        return tuple(child for child in wanted if self.reading.truth(child) is not False)
