"""Reading a decision that was stored as JSON: strictly, so that nothing in it is passed over."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pydantic import ValidationError

from txselect.decision.fields import FieldDifference, field_differences
from txselect.decision.record import SCHEMA, Decision
from txselect.decision.serialise import from_json, to_json
from txselect.errors import InputError, Place, Problem

_HINT = "`txselect recommend CASE --format json` writes what is read here"


def read_decision(text: str, place: Place) -> Decision:
    """The decision in a JSON text that stands at `place` (a file, or a line of one).

    Every key and value must be one that `to_json` writes; white space, the order of keys and the spelling of a number
    are free. Raises InputError with every problem: TX001 syntax, TX002 a repeated key, TX003 to TX005 wrong fields.
    """
    value = _plain(text, place)
    found = value.get("schema") if isinstance(value, dict) else None
    if found != SCHEMA:
        message = f"the schema is {f'`{found}`' if found else 'missing'}, expected `{SCHEMA}`"
        raise InputError([Problem(place, "TX005", message, _HINT)])
    try:
        decision = from_json(text)
    except ValidationError as error:
        raise InputError(_invalid(detail, place) for detail in error.errors(include_url=False)) from None
    problems = [_unfaithful(difference, place) for difference in field_differences(value, plain(decision))]
    if problems:
        raise InputError(problems)
    return decision


def plain(decision: Decision) -> dict[str, Any]:
    """The decision as plain JSON values."""
    value: dict[str, Any] = json.loads(to_json(decision))
    return value


def _plain(text: str, place: Place) -> Any:
    def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
        if twice:
            raise InputError(Problem(place, "TX002", f"the key `{key}` is written twice") for key in twice)
        return dict(pairs)

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"`{constant}` is no number of JSON")

    try:
        return json.loads(text, object_pairs_hook=without_repetition, parse_constant=refuse)
    except json.JSONDecodeError as error:
        there = Place(place.file, max(place.line, 1) + error.lineno - 1, error.colno)
        raise InputError([_unreadable(there, error.msg[:1].lower() + error.msg[1:])]) from None
    except (ValueError, RecursionError) as error:  # a number or a nesting beyond all measure
        raise InputError([_unreadable(place, str(error))]) from None


def _unreadable(place: Place, reason: str) -> Problem:
    return Problem(place, "TX001", f"not readable as JSON: {reason}", _HINT)


def _invalid(detail: Any, place: Place) -> Problem:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"]).lstrip(".")
    if detail["type"] == "json_invalid":
        return _unreadable(place, detail["ctx"]["error"])
    if detail["type"] == "missing":
        return Problem(place, "TX004", f"`{path}` is missing")
    message: str = detail["msg"]
    return Problem(place, "TX005", f"`{path}`: {message[:1].lower()}{message[1:]}")


def _unfaithful(difference: FieldDifference, place: Place) -> Problem:
    """A field that this version would not have written, or not in this way."""
    path = difference.path
    match difference.kind:
        case "lost":
            return Problem(place, "TX003", f"unknown key `{path}`")
        case "gained":
            return Problem(place, "TX004", f"`{path}` is missing")
        case _:
            was, expected = json.dumps(difference.before), json.dumps(difference.after)
            return Problem(place, "TX005", f"`{path}` is written `{was}`", f"write `{expected}`")
