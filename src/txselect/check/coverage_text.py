"""Coverage for the terminal: a line for each file, worst first, then what no case shows, with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from txselect.check.coverage import GOALS, Coverage, Seen, SeenRule, tally
from txselect.check.said import condition_said
from txselect.decision.wording import Wording, counted, joined
from txselect.errors import Place
from txselect.model.rules import RulePack

MOST_SHOWN = 40
"""Lines of what no case shows; the page shows all of it."""
_MOST_FILES = 20
_WEIGHTS = {"decisive": 2, "true": 2, "false": 2, "unknown": 1}
"""How bad it is that a goal was missed: what was never unknown is often what nobody leaves out."""
_MISSED = {"true": "never true", "false": "never false", "unknown": "never unknown", "decisive": "never decides"}


@dataclass(frozen=True, slots=True)
class Gap:
    """Goals that no case shows, of the rule or of the condition that `what` says."""

    place: Place
    rule: str
    what: str
    missed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}: {missed_text(self.missed)}: {self.what} [{self.rule}]"


def missed_text(missed: Iterable[str]) -> str:
    """Goals that were missed, in words.

    >>> missed_text(["true", "decisive"])
    'never true and never decides'
    """
    return joined((_MISSED[goal] for goal in missed), "and")


def gaps(coverage: Coverage, pack: RulePack) -> list[Gap]:
    """Everything with a goal that no case shows: what misses most first, then by place."""
    words = Wording(pack)
    found = (gap for rule in coverage.rules for gap in _gaps(rule, words))
    return sorted(
        (gap for gap in found if gap.missed), key=lambda gap: (-sum(map(_WEIGHTS.__getitem__, gap.missed)), gap.place)
    )


def _gaps(rule: SeenRule, words: Wording) -> Iterator[Gap]:
    yield Gap(rule.rule.place, rule.rule.id, "the rule as a whole", rule.seen.missed)
    for condition in rule.conditions:
        said = condition_said(condition.condition, words)
        yield Gap(condition.place, condition.rule, said, condition.seen.missed)


def coverage_text(coverage: Coverage, pack: RulePack, most: int | None = MOST_SHOWN) -> str:
    """The whole report. most: how many gaps are listed; None lists all."""
    found = gaps(coverage, pack)
    shown = found[:most]
    lines = [
        f"What {counted(len(coverage.cases), 'case')} show of the rules",
        "",
        *_table(coverage, None if most is None else _MOST_FILES),
        "",
    ]
    if shown:
        lines += ["Not shown by any case", *map(str, shown)]
    if len(found) > len(shown):
        lines.append(f"... and {len(found) - len(shown)} more: `--only` lists those of some rules, `--html` shows all")
    lines.append(f"{coverage.percent:g} % of what there is to see was seen; {counted(len(found), 'gap')}")
    return "\n".join(lines)


HEADINGS = ("rules", "conditions", *GOALS, "all", "file")
"""What `figures_of` counts, then the file."""


def worst_first(files: Mapping[str, Sequence[SeenRule]]) -> list[str]:
    """The files, that of which least was seen first."""
    return sorted(files, key=lambda file: (tally(_everything(files[file])).percent, file))


def figures_of(rules: Sequence[SeenRule]) -> tuple[str, ...]:
    """How many rules and conditions these are, and how much was seen of them: by goal, and in all."""
    seen = _everything(rules)
    percents = (f"{tally(seen, goal).percent:.1f} %" for goal in (*GOALS, ""))
    return (str(len(rules)), str(len(seen) - len(rules)), *percents)


def _table(coverage: Coverage, most: int | None) -> Iterator[str]:
    """A line for each file of which something was not seen, worst first."""
    files = coverage.by_file()
    incomplete = [file for file in worst_first(files) if any(seen.missed for seen in _everything(files[file]))]
    yield _line(HEADINGS)
    for file in incomplete[:most]:
        yield _line((*figures_of(files[file]), file))
    if most is not None and len(incomplete) > most:
        yield _line((*[""] * 7, f"... and {counted(len(incomplete) - most, 'file')} more"))
    said = f"{counted(len(files), 'file')}, {len(files) - len(incomplete)} seen in full"
    yield _line((*figures_of(coverage.rules), said))


def _everything(rules: Iterable[SeenRule]) -> list[Seen]:
    return [seen for rule in rules for seen in rule.everything]


def _line(cells: Sequence[str]) -> str:
    *figures, name = cells
    return "".join(f"{figure:>11}" for figure in figures) + f"  {name}"
