"""The outcome of a mutation run for the terminal: survivors with their places, and how many of each kind there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from txselect.check.coverage import Tally
from txselect.check.mutants import KINDS, Mutant
from txselect.check.mutation import Result
from txselect.decision.wording import counted


@dataclass(frozen=True)
class Score:
    """Mutants with what became of them."""

    tried: Sequence[tuple[Mutant, Result]]

    @property
    def survivors(self) -> list[tuple[Mutant, Result]]:
        """By place."""
        found = (pair for pair in self.tried if pair[1].outcome == "survived")
        return sorted(found, key=lambda pair: (pair[0].place, pair[0].id))

    @property
    def percent(self) -> float:
        """Of the mutants that are no equivalents, those killed; rounded down to tenths."""
        counts = Counter(result.outcome for _, result in self.tried)
        return Tally(counts["killed"], counts["killed"] + counts["survived"]).percent


def mutation_text(score: Score) -> str:
    """The survivors, each with its place, then a table of kinds and the score."""
    lines = list(_survivors(score))
    if lines:
        lines = ["No case notices", *lines, ""]
    return "\n".join([*lines, *_table(score), "", _summary(score)])


def _survivors(score: Score) -> Iterator[str]:
    for mutant, result in score.survivors:
        seen = f"otherwise in {counted(result.told_apart, 'case')}" if result.told_apart else "otherwise in no case"
        yield f"{mutant.place}: {mutant.kind}: {mutant.text} [{mutant.rule}; {seen}]"


def _table(score: Score) -> Iterator[str]:
    counts = Counter((mutant.kind, result.outcome) for mutant, result in score.tried)
    yield _line("mutants", "killed", "score", "what was changed")
    for kind, said in KINDS.items():
        killed, survived = counts[kind, "killed"], counts[kind, "survived"]
        if killed + survived:
            share = f"{Tally(killed, killed + survived).percent:.1f} %"
            yield _line(str(killed + survived), str(killed), share, f"{kind}: {said}")


def _line(*cells: str) -> str:
    *figures, name = cells
    return "".join(f"{figure:>9}" for figure in figures) + f"  {name}"


def _summary(score: Score) -> str:
    outcomes = Counter(result.outcome for _, result in score.tried)
    unseen = sum(not result.told_apart for _, result in score.survivors)
    text = f"{counted(len(score.tried), 'mutant')}: {outcomes['killed']} killed, {outcomes['survived']} survived"
    text += f" ({unseen} of them otherwise in no case)" if unseen else ""
    text += f", {outcomes['equivalent']} equivalent" if outcomes["equivalent"] else ""
    return f"{text}; score {score.percent:g} %"
