"""The summary of a job: options by status, tests by how many patients they would settle, exclusions by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from txselect.cohort.counts import Counts
from txselect.cohort.plan import STATUSES
from txselect.cohort.tallies import Counted
from txselect.model.rules import RulePack

SCHEMA = "txselect.cohort/1"
_MOST_SHOWN = 40
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class OptionCounts:
    """For how many patients a class has each status."""

    therapy: str
    label: str
    recommended: int
    recommended_pending: int
    possible: int
    excluded: int


@dataclass(frozen=True, slots=True)
class Missing:
    """For how many patients an option waits for something, and for how many it is all that an option waits for."""

    what: str
    waits: int
    settles: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    therapy: str
    label: str
    rule: str
    because: str
    patients: int


@dataclass(frozen=True, slots=True)
class Change:
    """For how many patients the newer rules give a class another status."""

    therapy: str
    label: str
    before: str
    after: str
    patients: int


@dataclass(frozen=True, slots=True)
class Known:
    """Of how many patients something is known, of all those whose rules ask for it."""

    what: str
    known: int
    asked: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that was counted. `ignored`: columns that nothing was read from, with a hint where there is one."""

    rule_set: str
    rows: int
    decided: int
    rejected: int
    rows_out: int
    cancers: tuple[tuple[str, str, int], ...]
    options: tuple[OptionCounts, ...]
    missing: tuple[Missing, ...]
    exclusions: tuple[Exclusion, ...]
    known: tuple[Known, ...]
    changes: tuple[Change, ...]
    problems: tuple[tuple[str, int], ...]
    ignored: Mapping[str, str]

    @property
    def never_known(self) -> int:
        """How many of the things that rules ask are known of nobody."""
        return sum(one.known == 0 for one in self.known)

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self)}


def summary_of(counts: Counts, pack: RulePack, ignored: Mapping[str, str]) -> Summary:
    """The summary of what a job counted."""
    by = _by_kind(counts)
    words = pack.vocabulary.therapies
    statuses: dict[str, Counter[str]] = {}
    for (therapy, status), many in by["status"].items():
        statuses.setdefault(therapy, Counter())[status] = many
    options = [
        OptionCounts(therapy, words[therapy].label, *(found[status] for status in STATUSES[1:]))
        for therapy, found in statuses.items()
    ]
    return Summary(
        rule_set=f"{pack.name} {pack.version} of {pack.date}",
        rows=counts.rows,
        decided=counts.decided,
        rejected=counts.rejected,
        rows_out=counts.options,
        cancers=tuple((code, pack.vocabulary.cancers[code].label, many) for code, many in _most_first(by["patients"])),
        options=_sorted(options, *STATUSES[1:]),
        missing=_sorted(
            (Missing(what, many, by["settles"][what, ""]) for (what, _), many in by["waits"].items()),
            "settles",
            "waits",
        ),
        exclusions=_sorted(_exclusions(by["excluded"], pack), "patients"),
        known=tuple(sorted(_known(by), key=lambda one: (-one.asked, one.known, one.what))),
        changes=_sorted(_changes(by["changed"], pack), "patients"),
        problems=tuple(sorted(counts.problems.items(), key=lambda pair: (-pair[1], pair[0]))),
        ignored=ignored,
    )


def _by_kind(counts: Counts) -> dict[Counted, Counter[tuple[str, str]]]:
    kinds: tuple[Counted, ...] = ("patients", "status", "excluded", "waits", "settles", "known", "asked", "changed")
    found: dict[Counted, Counter[tuple[str, str]]] = {kind: Counter() for kind in kinds}
    for tally, many in counts.tallies.items():
        found[tally.counted][tally.about, tally.detail] += many
    return found


def _exclusions(found: Mapping[tuple[str, str], int], pack: RulePack) -> Iterable[Exclusion]:
    for (therapy, rule), many in found.items():
        yield Exclusion(therapy, pack.vocabulary.therapies[therapy].label, rule, pack.rules[rule].because, many)


def _changes(found: Mapping[tuple[str, str], int], pack: RulePack) -> Iterable[Change]:
    for (therapy, turned), many in found.items():
        before, _, after = turned.partition(" > ")
        entry = pack.vocabulary.therapies.get(therapy)  # None: a class of the older rules only
        yield Change(therapy, entry.label if entry else therapy, before, after, many)


def _known(by: Mapping[Counted, Counter[tuple[str, str]]]) -> Iterable[Known]:
    return (Known(what, by["known"][what, ""], asked) for (what, _), asked in by["asked"].items())


def _sorted(items: Iterable[Any], *fields: str) -> tuple[Any, ...]:
    """Items with the largest numbers first, and equal ones in an order that is always the same."""
    return tuple(sorted(items, key=lambda item: (*(-getattr(item, name) for name in fields), astuple(item))))


def _most_first(found: Mapping[tuple[str, str], int]) -> list[tuple[str, int]]:
    return sorted(((name, many) for (name, _), many in found.items()), key=lambda pair: (-pair[1], pair[0]))


def summary_markdown(summary: Summary) -> str:
    """The summary as Markdown, the first lines of each table."""
    return _rendered("summary.md", summary, escaped=False)


def summary_page(summary: Summary) -> str:
    """The summary as one page that needs nothing else, with bars."""
    return _rendered("summary.html", summary, escaped=True)


def _rendered(name: str, summary: Summary, *, escaped: bool) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["share"] = _share
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return environment.get_template(name).render(summary=summary, most=_MOST_SHOWN)


def _share(part: int, whole: int) -> str:
    """A part in per cent of the whole.

    >>> _share(1, 3), _share(0, 0)
    ('33.3', '0.0')
    """
    return f"{100 * part / whole:.1f}" if whole else "0.0"
