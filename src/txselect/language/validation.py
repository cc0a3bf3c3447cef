"""From plain values to typed models, with pydantic's findings said as problems with place and hint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from txselect.errors import InputError, Path, Place, Problem, did_you_mean
from txselect.language.document import PLACE

Model = TypeVar("Model", bound=BaseModel)

_MAPPING = "a mapping (`key: value` lines)"
_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": _MAPPING,
    "finite_number": "a finite number",
    "float_type": "a number",
    "int_type": "a whole number",
    "model_type": _MAPPING,
    "string_too_short": "a text",
    "string_type": "a text",
    "too_short": "at least one item",
    "tuple_type": "a list",
}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
}
_YES_OR_NO = {
    "true": "true",
    "false": "false",
    "yes": "true",
    "y": "true",
    "on": "true",
    "no": "false",
    "n": "false",
    "off": "false",
}


def validated(model: type[Model], value: Any, whole: Place) -> Model:
    """`value` as a `model`; InputError with every problem, each at the mapping, key or value it is about."""
    if not isinstance(value, dict):
        hint = f"it starts with keys such as {_some_fields(model)}"
        raise InputError([Problem(whole, "TX005", f"expected {_MAPPING}, not {_shown(value)}", hint)])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InputError(_problems(model, value, whole, error.errors(include_url=False))) from None


def _problems(model: type[BaseModel], value: Any, whole: Place, details: Sequence[Any]) -> Iterator[Problem]:
    """One problem for each place in `value`: a union reports one detail for each of its members."""
    by_path: dict[Path, list[Any]] = {}
    for detail in details:
        by_path.setdefault(_path_in(value, detail), []).append(detail)
    for path, found in by_path.items():
        # A member of a union that fails as a whole says less than one that fails further in.
        if not any(other[: len(path)] == path for other in by_path if other != path):
            yield _problem(model, value, whole, path, found)


def _path_in(value: Any, detail: Any) -> Path:
    """The keys and indices that lead to the fault; pydantic's names of union members and validators are left out."""
    path: list[str | int] = []
    for step in detail["loc"]:
        if _leads_on(value, step):
            value = value[step]
            path.append(step)
    last = detail["loc"][-1:]
    return (*path, *last) if detail["type"] == "missing" else tuple(path)


def _leads_on(value: Any, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, (list, tuple)) and isinstance(step, int) and step < len(value)


def _problem(model: type[BaseModel], value: Any, whole: Place, path: Path, details: Sequence[Any]) -> Problem:
    detail = details[0]
    place = place_of(value, path, whole)
    name = _named(path)
    match detail["type"]:
        case "extra_forbidden":
            hint = _hint_for_key(model, detail["loc"])
            return Problem(place_of(value, path, whole, of_key=True), "TX003", f"unknown key `{name}`", hint)
        case "missing":
            return Problem(place, "TX004", f"`{name}` is missing")
        case "wrong":
            key, message, hint = (detail["ctx"][part] for part in ("key", "message", "hint"))
            return Problem(place_of(value, (*path, key), whole) if key else place, "TX005", message, hint)
        case _:
            given = detail["input"]
            expected = " or ".join(dict.fromkeys(_expected(detail) for detail in details))
            hint = _hint(model, given, details)
            found = "but it is empty" if given is None or given == "" else f"not {_shown(given)}"
            return Problem(place, "TX005", f"`{name}`: expected {expected}, {found}", hint)


def _expected(detail: Any) -> str:
    kind = detail["type"]
    if kind == "literal_error":
        return ", ".join(_choices(detail)[:-1]) + " or " * (len(_choices(detail)) > 1) + _choices(detail)[-1]
    if kind in _BOUNDS:
        word, limit = _BOUNDS[kind]
        return f"{word} {detail['ctx'][limit]:g}"
    message: str = detail["msg"]
    return _EXPECTED.get(kind) or message[:1].lower() + message[1:]


def _choices(detail: Any) -> list[str]:
    expected: str = detail["ctx"]["expected"]
    return [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]


def _hint_for_key(model: type[BaseModel], steps: Sequence[str | int]) -> str:
    """What an unknown key may have meant: one that belongs elsewhere, or the nearest of those known here."""
    *path, key = steps
    here = _model_at(model, path) or model
    for name, field in here.model_fields.items():
        below = _model_in(field.annotation)
        if below and key in _keys(below):
            return f"`{key}` belongs under `{field.alias or name}`"
    while path and isinstance(path[-1], str):
        outer = path.pop()
        if key in _keys(_model_at(model, path) or model):
            return f"`{key}` belongs further out, not under `{outer}`"
    return did_you_mean(str(key), _keys(here)) or f"known keys: {', '.join(_keys(here))}"


def _hint(model: type[BaseModel], given: Any, details: Sequence[Any]) -> str:
    """How to mend a value of the wrong kind, where that can be seen from the value."""
    kinds = {detail["type"] for detail in details}
    if "literal_error" in kinds:
        return did_you_mean(str(given), _choices(details[0]))
    if kinds & {"int_type", "float_type"} and isinstance(given, str) and len(given) < 18 and _is_number(given):
        return "write the number without quotes"
    if "bool_type" in kinds and isinstance(given, str) and given.casefold() in _YES_OR_NO:
        quoted = given.casefold() in ("true", "false")
        return f"write `{_YES_OR_NO[given.casefold()]}`{' without quotes' * quoted}"
    if kinds == {"string_type"} and isinstance(given, (bool, int, float)):
        return f'put a text in quotes: "{_yaml(given)}"'
    if "tuple_type" in kinds and given not in (None, ""):
        return "put it in `[ ]`, or on its own line after `- `"
    if "model_type" in kinds:
        return f"it has keys such as {_some_fields(_model_at(model, details[0]['loc']) or model)}"
    return ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _some_fields(model: type[BaseModel]) -> str:
    return ", ".join(f"`{name}`" for name in _keys(model)[:4])


def _named(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "value")


def _shown(value: Any) -> str:
    """A value as a reader knows it from the file."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if value is None or value == "":
        return "nothing"
    text = _yaml(value)
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}...`"


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def place_of(value: Any, path: Path, whole: Place, *, of_key: bool = False) -> Place:
    """The place of what stands at the end of `path` (or of its last key), or of the innermost part that has one."""
    place = whole
    for depth, step in enumerate(path):
        if isinstance(value, dict):
            mapping: Place = value.get(PLACE, place)
            rest = path[depth + 1 :]
            place = mapping.of_key(str(step)) if of_key and not rest else mapping.at(str(step), *_indices(rest))
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return place
    return value.get(PLACE, place) if isinstance(value, dict) else place


def _indices(path: Iterable[str | int]) -> Iterator[int]:
    for step in path:
        if not isinstance(step, int):
            return
        yield step


def _model_at(model: type[BaseModel], steps: Iterable[str | int]) -> type[BaseModel] | None:
    """The model that a path of keys leads to."""
    current: type[BaseModel] | None = model
    for step in steps:
        fields = current.model_fields if current else {}
        field = next((field for name, field in fields.items() if step in (name, field.alias)), None)
        current = _model_in(field.annotation) if field else current
    return current


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if name != PLACE]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((part for part in found if part), None)
