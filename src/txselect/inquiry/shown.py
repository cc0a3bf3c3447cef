"""What conditions can see of a history of prior therapies, as functions of the marks that it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from txselect.inquiry.diagrams import Diagrams, Function
from txselect.inquiry.told import ToldHistory
from txselect.model.patient import Span
from txselect.program.horn import negative, positive


class ShownHistory:
    """For each condition two variables: that a therapy meets it, and that one may."""

    def __init__(self, history: ToldHistory, variables: Mapping[int, Function], diagrams: Diagrams) -> None:
        """`variables`: the two of each condition (by its node) under the numbers of its literals."""
        self._history = history
        self._diagrams = diagrams
        self._lines = dict(zip(history.lines, diagrams.variables(len(history.lines)), strict=True))
        self._marks = {mark: self._lines[line] for line, mark in history.lines.items()}
        nodes = (*history.courses.leaves, *history.courses.counted)
        self._seen = {node: (variables[positive(node)], variables[negative(node)]) for node in nodes}
        for node in history.courses.leaves:
            self._marks |= zip(history.marks(node), self._seen[node], strict=True)
        self._told: dict[frozenset[int], Function] = {}
        self._products = {0: diagrams.true}

    def nodes(self, among: Iterable[int]) -> frozenset[int]:
        """The leaves (nodes) about prior therapies and their lines."""
        return frozenset(self._seen).intersection(among)

    def rails(self, node: int) -> tuple[Function, Function]:
        """When a condition is known to be met, and when known not to be."""
        met, may = self._seen[node]
        return met, ~may

    def variables(self, nodes: Iterable[int]) -> Function:
        """All that can be seen of these conditions, as one product."""
        return self._diagrams.all_of(variable for node in nodes for variable in self._seen[node])

    def told(self, nodes: frozenset[int]) -> Function:
        """What all histories together show of these conditions."""
        if nodes not in self._told:
            self._told[nodes] = self._shown(nodes)
        return self._told[nodes]

    def _shown(self, nodes: frozenset[int]) -> Function:
        counted = [node for node in self._history.courses.counted if node in nodes]
        lines = self._telling_lines(counted)
        looked_at = sum(sum(self._history.marks(node)) for node in nodes.difference(counted))
        looked_at += sum(self._history.lines[line] for line in lines)
        shown = self._diagrams.all_of(~variable for mark, variable in self._marks.items() if mark & looked_at)
        parts_with_marks = zip(self._history.parts, self._history.marks_of_parts, strict=True)
        concerned = (part for part, marks in parts_with_marks if marks & looked_at)
        parts = Counter(frozenset({marks & looked_at for marks in part}) for part in concerned)
        for part, times in parts.items():
            shown = self._with(shown, part, times)
        last = self._last_of(lines)
        shown = self._diagrams.all_of([shown, *(self._counts(node, last) for node in counted)])
        return shown.exists(self._diagrams.all_of(self._lines[line] for line in lines))

    def _with(self, shown: Function, part: frozenset[int], times: int) -> Function:
        """What was shown, with as many more therapies that can leave these marks; often fewer show the same."""
        added = [self._together(marks) for marks in part]
        for _ in range(times):
            before = shown
            shown = self._diagrams.any_of(before.exists(marks) & marks for marks in added)
            if shown == before:
                break
        return shown

    def _together(self, marks: int) -> Function:
        """The variables of some marks as one product: the lowest mark's and that of the others."""
        if marks not in self._products:
            others = marks & marks - 1
            self._products[marks] = self._marks[marks ^ others] & self._together(others)
        return self._products[marks]

    def _counts(self, node: int, last: Mapping[int, Function]) -> Function:
        """What the number of lines makes of a condition about it; `last`: for each number, that it is this one."""
        met, may = self._seen[node]
        result = self._diagrams.true
        for number, function in last.items():
            truth = self._truth(node, number)
            seen = (met if truth else ~met) & (~may if truth is False else may)
            result = result & (~function | seen)
        return result

    def _truth(self, node: int, number: int) -> bool | None:
        courses = self._history.courses
        span = Span(number, number if courses.closes else float("inf"))
        return span.within(courses.counting[courses.counted.index(node)])

    def _telling_lines(self, counted: Iterable[int]) -> list[int]:
        """The numbers of lines from which on some condition about their number comes out otherwise than before."""
        numbers = [0, *sorted(self._lines)]
        truths = {number: [self._truth(node, number) for node in counted] for number in numbers}
        return [number for before, number in pairwise(numbers) if truths[before] != truths[number]]

    def _last_of(self, lines: Iterable[int]) -> dict[int, Function]:
        """For each of these lines that no later one was given, and for 0 that none was: a third line was the third."""
        found, later = {}, self._diagrams.false
        for line in sorted(lines, reverse=True):
            found[line] = self._lines[line] & ~later
            later = later | self._lines[line]
        return {**found, 0: ~later}
