"""Replay: a stored decision is made again from its own profile, and must come out the same in every field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from txselect.decision.fields import FieldDifference, Kind, field_differences
from txselect.decision.record import Decision
from txselect.decision.stored import plain
from txselect.engine import ENGINE_NAMES
from txselect.explain.lines import Explanation, Line, Mark
from txselect.pipeline import Rules, decide

Outcome = Literal["identical", "same_answer", "differs"]

_GROUPS: dict[str, tuple[str, ...]] = {
    "Options": ("options",),
    "Conclusion": ("conclusion", "intent", "intent_reasons", "cancer", "as_of", "jurisdiction"),
    "Flags": ("flags",),
    "Assumptions": ("assumptions",),
    "What it was made with": ("rule_set", "profile_sha256", "profile", "txselect", "engine", "schema"),
    "Disclaimer": ("disclaimer",),
    "Derivation": ("derivation",),
}
"""The fields of a decision, the most important first."""

_ANSWER = ("Options", "Conclusion", "Flags", "Assumptions")
_FIRST_FIELDS = ("", "status", "rank", "preference", "pending", "cautions")
"""Of an option: first that it is there at all."""
_MARKS: dict[Kind, Mark] = {"changed": "moved", "gained": "gained", "lost": "lost", "reordered": "moved"}
_LONGEST_VALUE = 80
_SAYING = ("text", "says", "title", "label", "name", "what")
"""Where an item of a list says in words what it is."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it.

    outcome: `same_answer` where options, flags, assumptions and conclusion are the same and something else is not.
    causes: sentences on why it may differ. notes: what was set aside because it is no difference in content.
    differences: the most important first.
    """

    outcome: Outcome
    causes: tuple[str, ...]
    notes: tuple[str, ...]
    differences: tuple[FieldDifference, ...]


def replay(rules: Rules, decision: Decision) -> Replay:
    """The decision made again with these rules on its own profile, day, jurisdiction and engine, and compared.

    Where its engine is not available here another runs, which is no difference. Raises InputError for a profile, engine
    or jurisdiction that cannot be used, and InternalCheckError as `decide` does.
    """
    assumed = _day_was_assumed(decision)
    again = decide(
        rules,
        decision.profile,
        as_of=None if assumed and decision.as_of == rules.pack.date else decision.as_of,
        engine=decision.engine.name,
        jurisdiction=decision.jurisdiction,
    )
    expected = {**_about_the_engine(decision, again), **_about_the_day(decision, again, assumed)}
    found = field_differences(plain(decision), plain(again))
    differences = tuple(sorted((each for each in found if each.path not in expected), key=_importance))
    causes = tuple(_causes(decision, again)) if differences else ()
    return Replay(_outcome(differences), causes, tuple(dict.fromkeys(expected.values())), differences)


def _day_was_assumed(decision: Decision) -> bool:
    """Whether the date of the rules stood in for a date that nobody gave."""
    nobody_gave_one = "as_of" not in decision.profile and _assumes(decision, "as_of")
    return nobody_gave_one and decision.as_of == decision.rule_set.date


def _assumes(decision: Decision, name: str) -> bool:
    return any(assumption.id == name for assumption in decision.assumptions)


def _about_the_engine(stored: Decision, again: Decision) -> dict[str, str]:
    """The paths that differ only because an engine is missing here, or was missing there, each with its note."""
    there, here = stored.engine, again.engine
    if here.stands_in_for:
        note = f"`{here.stands_in_for}` is not available here, so `{here.name}` ran; each run is certified"
        return dict.fromkeys(("engine.name", "engine.version", "engine.stands_in_for", "assumptions[engine]"), note)
    if there.stands_in_for in ENGINE_NAMES and _assumes(stored, "engine"):
        note = f"`{there.stands_in_for}` was asked for and not available there, so `{there.name}` ran, as it does here"
        return dict.fromkeys(("engine.stands_in_for", "assumptions[engine]"), note)
    return {}


def _about_the_day(stored: Decision, again: Decision, assumed: bool) -> dict[str, str]:
    if assumed and not _assumes(again, "as_of"):
        return {"assumptions[as_of]": f"the day is kept: {stored.as_of}, the date of the rules then"}
    return {}


def _outcome(differences: Iterable[FieldDifference]) -> Outcome:
    groups = {_group(difference) for difference in differences}
    if not groups:
        return "identical"
    return "same_answer" if groups.isdisjoint(_ANSWER) else "differs"


def _group(difference: FieldDifference) -> str:
    field = difference.path.partition(".")[0].partition("[")[0]
    return next(title for title, fields in _GROUPS.items() if field in fields)


def _importance(difference: FieldDifference) -> tuple[int, int]:
    _, item, inner = difference.path.partition("]")
    field = re.split(r"[.\[]", inner.removeprefix("."))[0]
    known = item and field in _FIRST_FIELDS
    return list(_GROUPS).index(_group(difference)), _FIRST_FIELDS.index(field) if known else len(_FIRST_FIELDS)


# Why it may differ


def _causes(stored: Decision, again: Decision) -> Iterator[str]:
    causes = [*_edited(stored, again), *_other_rules(stored, again), *_other_versions(stored, again)]
    if not causes:
        yield (
            "Profile, rules and versions are the same, so the stored decision was changed after it was made, "
            "or it was made by other code of the same version."
        )
    yield from causes


def _edited(stored: Decision, again: Decision) -> Iterator[str]:
    if stored.profile_sha256 != again.profile_sha256:
        yield (
            "The profile was changed after the decision was made, or its hash was: the decision says "
            f"{_short(stored.profile_sha256)}, and the profile in it has {_short(again.profile_sha256)}."
        )


def _other_rules(stored: Decision, again: Decision) -> Iterator[str]:
    there, here = stored.rule_set, again.rule_set
    if there.sha256 != here.sha256:
        yield (
            f"The rules are others: {there.name} {there.version} of {there.date} ({_short(there.sha256)}) then, "
            f"{here.name} {here.version} of {here.date} ({_short(here.sha256)}) now."
        )
    elif there != here:
        yield "The rules are the same by their hash, so their name, version or date was changed in the stored decision."


def _other_versions(stored: Decision, again: Decision) -> Iterator[str]:
    if stored.txselect != again.txselect:
        yield f"The versions are others: txselect {stored.txselect} then, {again.txselect} now."
    there, here = stored.engine, again.engine
    if there.name == here.name and there.version != here.version:
        yield f"The engine `{there.name}` has another version: {there.version} then, {here.version} now."


def _short(digest: str) -> str:
    return f"sha256 {digest[:12]}"


# In words


def explained(found: Replay, title: str, most: int) -> Explanation:
    """The replay in words, with at most so many differences of each group."""
    lines = [Line("note", text) for text in (*found.causes, *found.notes)]
    renumbered = any(difference.path == "rule_set.sha256" for difference in found.differences)
    for group in _GROUPS:
        belonging = [difference for difference in found.differences if _group(difference) == group]
        shown = (_RENUMBERED,) if renumbered and group == "Derivation" else tuple(_shown(belonging, most))
        if belonging:
            lines.append(Line("note", f"{group}: {_counted(len(belonging))}", parts=shown))
    return Explanation("", title, _ANSWERS[found.outcome].format(_counted(len(found.differences))), tuple(lines))


_RENUMBERED = Line(
    "note", "Each rule set numbers its conditions anew, so the lines of two derivations do not correspond."
)
_ANSWERS: dict[Outcome, str] = {
    "identical": "Identical: made again, the decision is the same in every field.",
    "same_answer": "The answer is the same, but not all around it: {}.",
    "differs": "Not identical: {}.",
}


def _counted(fields: int) -> str:
    return "1 field differs" if fields == 1 else f"{fields} fields differ"


def _shown(differences: list[FieldDifference], most: int) -> Iterator[Line]:
    for difference in differences[:most]:
        yield Line(_MARKS[difference.kind], difference.path, _found(difference))
    if len(differences) > most:
        yield Line("note", f"{len(differences) - most} more, which `--format json` lists")


def _found(difference: FieldDifference) -> str:
    before, after = difference.before, difference.after
    match difference.kind:
        case "gained":
            return f"now there: {_value(after)}"
        case "lost":
            return f"gone: {_value(before)}"
        case "reordered":
            old, new = next(pair for pair in zip(before, after, strict=True) if pair[0] != pair[1])
            return f"another order: {_value(new)} stands where {_value(old)} stood"
        case "changed":
            return f"{_value(before)} -> {_value(after)}"


def _value(value: Any) -> str:
    """A JSON value on part of a line."""
    match value:
        case dict():
            return _value(next((value[key] for key in _SAYING if key in value), "there"))
        case list():
            text = ", ".join(map(_value, value)) or "empty"
        case str():
            text = value or "empty"
        case _:
            text = json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
