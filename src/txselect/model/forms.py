"""What every model that is read from a file shares: strict scalars, no extra keys, its place."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, StringConstraints

from txselect.errors import PYTHON, Place


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


def _iso_date(value: Any) -> Any:
    if isinstance(value, date) or value is None:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"`{value}` is not a date of the form 2026-11-30") from None


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, (str, bool, int)) else value


def _without_place(value: Any) -> Any:
    return {key: item for key, item in value.items() if key != "place"} if isinstance(value, dict) else value


Text = Annotated[StrictStr, StringConstraints(min_length=1, strip_whitespace=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = StrictInt
Flag = StrictBool
Day = Annotated[date, BeforeValidator(_iso_date)]
OneOrMore = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
Texts = tuple[Text, ...]
NumberByName = Annotated[dict[str, Number], BeforeValidator(_without_place)]
