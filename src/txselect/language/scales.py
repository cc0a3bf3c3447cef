"""Comparisons of measured markers, where a scale counts by its steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from txselect.errors import did_you_mean
from txselect.model.condition import Comparison
from txselect.model.vocabulary import Biomarker

COMPARISONS = ("at_least", "at_most", "above", "below", "equals")


def marker_bounds(form: Any, marker: Biomarker) -> Comparison:
    """The comparison of a form over a measured marker, or over the steps of a scale (0 is the lowest).

    Raises ValueError that names a step the scale does not have.
    """
    return Comparison(*(scale_step(marker, getattr(form, key)) for key in COMPARISONS))


def values_off_scale(form: Any, marker: Biomarker) -> Iterator[tuple[str, str, str]]:
    """Of each comparison that names a step the scale does not have: its key, what is wrong, and a hint."""
    for key in COMPARISONS:
        try:
            scale_step(marker, getattr(form, key))
        except ValueError as error:
            yield key, str(error), did_you_mean(str(getattr(form, key)), marker.scale)


def scale_step(marker: Biomarker, value: float | str | None) -> float | None:
    """The number that stands for `value` in comparisons: itself, or its position on the marker's scale.

    A number written where the scale has it as text (`0` for `"0"`) is read as that text.
    """
    if value is None or (isinstance(value, float) and not marker.scale):
        return value
    text = f"{value:g}" if isinstance(value, float) else value
    if text in marker.scale:
        return float(marker.scale.index(text))
    raise ValueError(f"`{text}` is not a value of `{marker.id}`{_scale_text(marker)}")


def _scale_text(marker: Biomarker) -> str:
    return f", which has {', '.join(marker.scale)}" if marker.scale else ", which is a number"
