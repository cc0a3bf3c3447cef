"""What a job counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from txselect.cohort.tallies import Tally


@dataclass
class Counts:
    """What was read, decided and rejected; how many rows of options came of it; what was counted of those decided.

    problems: how often each problem was found, by its code.
    """

    rows: int = 0
    decided: int = 0
    rejected: int = 0
    options: int = 0
    tallies: Counter[Tally] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Count these as well."""
        self.rows += other.rows
        self.decided += other.decided
        self.rejected += other.rejected
        self.options += other.options
        self.tallies.update(other.tallies)
        self.problems.update(other.problems)

    def as_json(self) -> dict[str, Any]:
        """The counts as plain values."""
        tallies = [[*asdict(tally).values(), many] for tally, many in self.tallies.items()]
        return {**{name: getattr(self, name) for name in _NUMBERS}, "tallies": tallies, "problems": self.problems}

    @staticmethod
    def of_json(value: dict[str, Any]) -> Counts:
        """The counts that plain values stand for."""
        tallies = Counter({Tally(*key): many for *key, many in value["tallies"]})
        numbers = {name: value[name] for name in _NUMBERS}
        return Counts(**numbers, tallies=tallies, problems=Counter(value["problems"]))


_NUMBERS = ("rows", "decided", "rejected", "options")
