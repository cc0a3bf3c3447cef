"""From plain values to typed models, with pydantic's findings said as problems with place and hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.language.document import PLACE

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], value: Any, whole: Place) -> Model:
    """`value` as a `model`; InputError with every problem, each at the place of the mapping or key it is about."""
    if not isinstance(value, dict):
        hint = f"it starts with keys such as {_some_fields(model)}"
        raise InputError([Problem(whole, "TX005", "expected a mapping (`key: value` lines)", hint)])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise InputError(_problem(model, value, whole, detail) for detail in details) from None


def _some_fields(model: type[BaseModel]) -> str:
    return ", ".join(f"`{name}`" for name in list(model.model_fields)[:4] if name != PLACE)


def _problem(model: type[BaseModel], value: Any, whole: Place, detail: Any) -> Problem:
    path = [step for step in detail["loc"] if _is_step(step)]
    place = place_of(value, path, whole)
    name = str(path[-1]) if path else "value"
    match detail["type"]:
        case "extra_forbidden":
            known = [field for field in _fields_at(model, path[:-1]) if field != PLACE]
            hint = did_you_mean(name, known) or f"known keys: {', '.join(known)}"
            return Problem(place, "TX003", f"unknown key `{name}`", hint)
        case "missing":
            return Problem(place, "TX004", f"`{name}` is missing")
        case "literal_error":
            return _not_one_of(place, str(detail["input"]), detail["ctx"]["expected"])
        case "value_error":
            return Problem(place, "TX005", str(detail["ctx"]["error"]))
        case _:
            message = detail["msg"][:1].lower() + detail["msg"][1:]
            return Problem(place, "TX005", f"`{_named(path)}`: {message}, not `{_short(detail['input'])}`")


def _not_one_of(place: Place, given: str, expected: str) -> Problem:
    choices = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    hint = did_you_mean(given, choices)
    return Problem(place, "TX005", f"`{given}` is not one of {', '.join(choices)}", hint)


def _is_step(step: Any) -> bool:
    """Pydantic puts markers such as `function-before[...]` or a class name of a union among the keys."""
    return isinstance(step, int) or not ("[" in step or step[:1].isupper())


def _named(path: Sequence[Any]) -> str:
    words = [step for step in path if isinstance(step, str)]
    return words[-1] if words else "value"


def _short(value: Any) -> str:
    shown = {k: v for k, v in value.items() if k != PLACE} if isinstance(value, dict) else value
    text = str(shown)
    return text if len(text) <= 40 else f"{text[:37]}..."


def place_of(value: Any, path: Sequence[Any], whole: Place) -> Place:
    """The place of what stands at the end of `path`, or of the innermost part of it that has one."""
    place = whole
    for depth, step in enumerate(path):
        if isinstance(value, dict):
            mapping = value.get(PLACE, place)
            follows = path[depth + 1] if depth + 1 < len(path) else None
            place = mapping.at(step, follows if isinstance(follows, int) else None)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
    return place


def _fields_at(model: type[BaseModel], path: Sequence[Any]) -> list[str]:
    """The field names of the model that `path` leads to, so that a hint can name the nearest."""
    current: Any = model
    for step in path:
        current = _model_in(current.model_fields[step].annotation) if isinstance(step, str) and current else current
    return list(current.model_fields) if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((part for part in found if part), None)
