"""Comparisons of measured markers, where a scale counts by its steps."""

from __future__ import annotations

from typing import Any

from txselect.model.condition import Comparison
from txselect.model.vocabulary import Biomarker


def marker_bounds(form: Any, marker: Biomarker) -> Comparison:
    """The comparison of a form over a measured marker, or over the steps of a scale (0 is the lowest).

    Raises ValueError that names a step the scale does not have.
    """
    values = (form.at_least, form.at_most, form.above, form.below, form.equals)
    return Comparison(*(scale_step(marker, value) for value in values))


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
