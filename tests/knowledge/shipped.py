"""The shipped rules and cases, read once for all tests about them."""

from collections.abc import Iterator
from functools import cache

from txselect.language.case import load_case
from txselect.model.condition import All, AnyOf, AtLeast, Condition, FactHolds, Leaf, Not
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
    return [rule for rule in rules().pack.rules.values() if not getattr(rule.head, "exactly", False)]


def parts_of(condition: Condition) -> Iterator[Leaf | FactHolds]:
    """The leaves of a condition and the facts it uses."""
    match condition:
        case All(parts) | AnyOf(parts) | AtLeast(_, parts):
            for part in parts:
                yield from parts_of(part)
        case Not(part):
            yield from parts_of(part)
        case _:
            yield condition


def parts_of_rule(rule: Rule) -> Iterator[Leaf | FactHolds]:
    for condition in (rule.when, *rule.unless):
        yield from parts_of(condition)
