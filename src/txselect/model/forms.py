"""What every model that is read from a file shares: strict scalars, no extra keys, its place."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from txselect.errors import PYTHON, Place, control_character

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class Form(BaseModel):
    """A frozen record that refuses keys it does not know and knows where it was written."""

    # Building a validator takes milliseconds and most commands need few of them, so each waits for its first use.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)

    place: Place = Field(default=PYTHON, exclude=True, repr=False)

    def __eq__(self, other: object) -> bool:
        """Equal in what was said, wherever it was written."""
        return isinstance(other, Form) and type(self) is type(other) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


def wrong(message: str, *, key: str = "", hint: str = "") -> PydanticCustomError:
    """What a validator raises: the message, the key of the mapping it is about (else the whole), and a hint."""
    return PydanticCustomError("wrong", "{message}", {"message": message, "key": key, "hint": hint})


def day_of(text: str) -> date:
    """A day written year-month-day. Raises ValueError that says what is wrong with it.

    >>> day_of("2026-02-30")
    Traceback (most recent call last):
        ...
    ValueError: there is no day `2026-02-30`
    """
    if not _DAY.fullmatch(text):
        raise ValueError(f"`{text}` is not a date of the form 2026-11-30")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day `{text}`") from None
    if problem := implausible_day(day):
        raise ValueError(problem)
    return day


def implausible_day(day: date) -> str:
    """What is wrong with a day that is no slip of form but cannot be meant; an empty text for any other day."""
    if _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return ""
    return f"`{day}` is too far away: years go from {_FIRST_YEAR} to {_LAST_YEAR}"


def _iso_date(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, date):
        if problem := implausible_day(value):
            raise wrong(problem)
        return value
    try:
        return day_of(str(value))
    except ValueError as error:
        raise wrong(str(error)) from None


def _without_control(text: str) -> str:
    found = control_character(text)
    if found:
        raise wrong(f"the text has a control character (U+{ord(found):04X})", hint="take it out")
    return text


def listed(value: Any) -> Any:
    """One item where a list may stand, as a list of one."""
    return (value,) if isinstance(value, (str, bool, int, float)) else value


def without_place(value: Any) -> Any:
    """The fields of a document without the place that parsing noted beside them."""
    return {key: item for key, item in value.items() if key != "place"} if isinstance(value, dict) else value


Text = Annotated[StrictStr, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(_without_control)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = StrictInt
Flag = StrictBool
Day = Annotated[date, BeforeValidator(_iso_date)]
OneOrMore = Annotated[tuple[Text, ...], BeforeValidator(listed), Field(min_length=1)]
Texts = tuple[Text, ...]
NumberByName = Annotated[dict[str, Number], BeforeValidator(without_place)]
TextByName = Annotated[dict[str, Text], BeforeValidator(without_place)]
