"""The shipped rules and cases, read once for all tests about them."""

from collections.abc import Iterator
from functools import cache

from txselect.language.case import load_case
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


def written_rules() -> list[Rule]:
    """The rules that somebody wrote, without those that the loader adds for every class."""
    return list(rules().pack.written.values())


def parts_of_rule(rule: Rule) -> Iterator[Leaf | FactHolds]:
    for condition in (rule.when, *rule.unless):
        yield from occurrences_in(condition)
