"""The shipped rules and cases, read once for all tests about them."""

from collections.abc import Iterator
from functools import cache

from txselect.language.case import load_case, load_lines
from txselect.model.condition import FactHolds, Leaf, occurrences_in
from txselect.model.profile import Case
from txselect.model.rules import Rule
from txselect.pipeline import Rules, load_rules
from txselect.shipped import shipped_folder


@cache
def rules() -> Rules:
    return load_rules()


@cache
def cases() -> dict[str, Case]:
    return {path.stem: load_case(path) for path in sorted(shipped_folder("cases").rglob("*.yaml"))}


@cache
def margins() -> dict[str, Case]:
    """The cases that the solver made."""
    found = load_lines(str(shipped_folder("cases") / "margins.jsonl"))
    return {case.id: case for case in found if isinstance(case, Case)}


def written_rules() -> list[Rule]:
    """The rules that somebody wrote, without those that the loader adds for every class."""
    return list(rules().pack.written.values())


def parts_of_rule(rule: Rule) -> Iterator[Leaf | FactHolds]:
    for condition in (rule.when, *rule.unless):
        yield from occurrences_in(condition)
