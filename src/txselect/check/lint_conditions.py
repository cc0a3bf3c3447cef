"""The form of conditions: what says nothing, says it twice, or can only be meant otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads, nested
from txselect.errors import Place
from txselect.model.condition import All, AnyOf, AtLeast, Condition, Not
from txselect.model.rules import Rule

Group = All | AnyOf | AtLeast


def forms_of_conditions(reads: Reads) -> Iterator[Finding]:
    """Repeated conditions (TX114), a condition beside its negation (TX115), double negations (TX116) and groups that
    group nothing (TX117).
    """
    for rule in reads.rules:
        for condition in (rule.when, *rule.unless):
            for part in nested(condition):
                yield from _about(part, rule)
        yield from _beside_exceptions(rule)


def _about(condition: Condition, rule: Rule) -> Iterator[Finding]:
    match condition:
        case All() | AnyOf() | AtLeast():
            yield from _repeated(condition, rule)
            yield from _needless(condition, rule)
            if not isinstance(condition, AtLeast):
                yield from _with_its_negation(condition, rule)
        case Not(Not()):
            yield Finding("TX116", condition.place, "a `not` of a `not`", "take both out", rule.id)
        case _:
            pass


def _repeated(group: Group, rule: Rule) -> Iterator[Finding]:
    for index, part in enumerate(group.parts):
        if part in group.parts[:index]:
            first = _place_of(group, group.parts.index(part))
            message = f"this condition stands twice in one `{_key(group)}`"
            yield Finding("TX114", _place_of(group, index), message, f"first: {first}", rule.id)


def _needless(group: Group, rule: Rule) -> Iterator[Finding]:
    key, place = _key(group), group.place.of_key(_key(group))
    if len(group.parts) == 1:
        yield Finding("TX117", place, f"`{key}` of a single condition", "write the condition itself", rule.id)
    elif isinstance(group, AtLeast):
        same = {1: "any", len(group.parts): "all"}.get(group.count)
        if same:
            message = f"`at_least` {group.count} of {len(group.parts)} is `{same}`"
            yield Finding("TX117", place, message, f"write `{same}`", rule.id)
    else:
        for index, part in enumerate(group.parts):
            if type(part) is type(group):
                message, hint = f"`{key}` directly inside `{key}`", "write their conditions in one list"
                yield Finding("TX117", _place_of(group, index), message, hint, rule.id)


def _with_its_negation(group: All | AnyOf, rule: Rule) -> Iterator[Finding]:
    says = "is never true" if isinstance(group, All) else "says nothing beyond whether it is known"
    for index, part in enumerate(group.parts):
        if isinstance(part, Not) and part.part in group.parts:
            message = f"a condition and its negation in one `{_key(group)}`, which {says}"
            other = _place_of(group, group.parts.index(part.part))
            yield Finding("TX115", _place_of(group, index), message, f"the condition stands at {other}", rule.id)


def _beside_exceptions(rule: Rule) -> Iterator[Finding]:
    """`unless` is `and not`, so what stands there is held against `when` and against the other exceptions."""
    required = rule.when.parts if isinstance(rule.when, All) else (rule.when,)
    for index, barring in enumerate(rule.unless):
        place = rule.place.at("unless", index)
        if isinstance(barring, Not):
            yield Finding("TX116", place, "a `not` under `unless`", "put what it denies under `when`", rule.id)
        if barring in required:
            message = "`unless` takes back a condition of `when`, so the rule is never true"
            yield Finding("TX115", place, message, "take one of the two out", rule.id)
        if Not(barring) in required or barring in rule.unless[:index]:
            message = "this exception was made before"
            yield Finding("TX114", place, message, "take one of the two out", rule.id)


def _key(group: Group) -> str:
    return "all" if isinstance(group, All) else "any" if isinstance(group, AnyOf) else "at_least"


def _place_of(group: Group, index: int) -> Place:
    """Where a part begins. The list of an `at_least` is not kept, so there it is where the part says."""
    return group.parts[index].place if isinstance(group, AtLeast) else group.place.at(_key(group), index)
