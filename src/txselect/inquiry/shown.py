"""What conditions can see of a history of prior therapies, as functions of the marks that it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property, reduce
from operator import or_

from txselect.inquiry.diagrams import Diagrams, Function
from txselect.inquiry.told import ToldHistory
from txselect.model.patient import Span


class ShownHistory:
    """For each condition two variables: that a therapy meets it, and that one may."""

    def __init__(self, history: ToldHistory, diagrams: Diagrams) -> None:
        self._history = history
        self._diagrams = diagrams
        lines = diagrams.variables(len(history.lines))
        self._lines = dict(zip(history.lines, lines, strict=True))
        self._seen: dict[int, tuple[Function, Function]] = {}
        self._marks = {mark: self._lines[line] for line, mark in history.lines.items()}
        for node in (*history.courses.leaves, *history.courses.counted):
            met, may = diagrams.variables(2)
            self._seen[node] = met, may
            if node in history.courses.leaves:
                self._marks |= zip(history.marks(node), (met, may), strict=True)
        self._parts = [(part, reduce(or_, part)) for part in history.parts]
        self._told: dict[frozenset[int], Function] = {}
        self._products: dict[int, Function] = {}

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

    def untold(self, nodes: Iterable[int]) -> Function:
        """Nothing is told: every one of the conditions stays open."""
        return self._diagrams.all_of(may & ~met for met, may in map(self._seen.__getitem__, nodes))

    def told(self, nodes: frozenset[int]) -> Function:
        """What all histories together show of these conditions."""
        if nodes not in self._told:
            self._told[nodes] = self._shown(nodes)
        return self._told[nodes]

    def _shown(self, nodes: frozenset[int]) -> Function:
        counted = [node for node in self._history.courses.counted if node in nodes]
        looked_at = sum(sum(self._history.marks(node)) for node in nodes.difference(counted))
        looked_at += sum(self._history.lines.values()) if counted else 0
        shown = self._diagrams.all_of(~variable for mark, variable in self._marks.items() if mark & looked_at)
        concerned = (part for part, marks in self._parts if marks & looked_at)
        parts = Counter(frozenset(marks & looked_at for marks in part) for part in concerned)
        for part, times in parts.items():
            shown = self._with(shown, part, times)
        if counted:
            shown = self._diagrams.all_of([shown, *map(self._counts, counted)])
            shown = shown.exists(self._diagrams.all_of(self._lines.values()))
        return shown

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
        """The variables of some marks as one product."""
        if marks not in self._products:
            those = (variable for mark, variable in self._marks.items() if mark & marks)
            self._products[marks] = self._diagrams.all_of(those)
        return self._products[marks]

    def _counts(self, node: int) -> Function:
        """What the lines that were given make of a condition about their number: a third line was the third."""
        met, may = self._seen[node]
        comparison = self._history.courses.counting[self._history.courses.counted.index(node)]
        result = self._diagrams.true
        for number, is_last in self._last_line.items():
            truth = Span(number, number if self._history.courses.closes else float("inf")).within(comparison)
            seen = (met if truth else ~met) & (~may if truth is False else may)
            result = result & (~is_last | seen)
        return result

    @cached_property
    def _last_line(self) -> dict[int, Function]:
        """For each number, that it was that of the last line; 0 for none."""
        found, later = {}, self._diagrams.false
        for line in sorted(self._lines, reverse=True):
            found[line] = self._lines[line] & ~later
            later = later | self._lines[line]
        return {**found, 0: ~later}
