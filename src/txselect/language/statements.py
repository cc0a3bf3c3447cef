"""What a profile states, item by item, in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from txselect.language.markers import reported
from txselect.model.profile import BiomarkerReport, MeasurementReport, Observation, PriorTherapy

Item = BiomarkerReport | MeasurementReport | Observation | PriorTherapy

FIELD_LABELS = {
    "as_of": "date of the decision",
    "ecog": "ECOG performance status",
    "type": "cancer type",
    "extent": "extent of the disease",
    "volume": "volume of the disease",
    "timing": "timing of the metastases",
    "metastases": "number of metastases",
    "diagnosed": "date of diagnosis",
    "months_since_diagnosis": "months since diagnosis",
    "resectable": "lesions",
    "site": "metastatic site",
}
"""Keys that do not read well with their underscores taken out."""


def field_label(key: str) -> str:
    """A field of the profile, or a kind of listed terms, as a reader calls it."""
    return FIELD_LABELS.get(key) or key.replace("_", " ")


def value_text(value: Any) -> str:
    """A field's value.

    >>> value_text("hormone_sensitive"), value_text(True), value_text(None), value_text(3.0)
    ('hormone sensitive', 'all resectable', 'not stated', '3')
    """
    match value:
        case None:
            return "not stated"
        case bool():  # of the one field that is true or false
            return "all resectable" if value else "not all resectable"
        case float():
            return f"{value:g}"
        case _:
            return str(value).replace("_", " ")


def item_text(item: Item) -> str:
    """An item of one of the profile's lists."""
    match item:
        case BiomarkerReport():
            return reported(item)
        case MeasurementReport():
            return _measured(item)
        case Observation():
            return f"{value_text(item.name)}: {item.state}"
        case PriorTherapy():
            return _prior(item)


def items_text(items: Iterable[Item], none: str) -> str:
    """Several items, or what is said where there are none."""
    return "; ".join(map(item_text, items)) or none


def _measured(report: MeasurementReport) -> str:
    limits = [f"{word} limit {limit:g}" for word, limit in _limits(report) if limit is not None]
    details = ", ".join([*limits, *([str(report.date)] if report.date else [])])
    return f"{value_text(report.name)} {report.value:g} {report.unit}{f' ({details})' if details else ''}"


def _limits(report: MeasurementReport) -> tuple[tuple[str, float | None], tuple[str, float | None]]:
    return ("lower", report.lower_limit), ("upper", report.upper_limit)


def _prior(record: PriorTherapy) -> str:
    named = {name: getattr(record, name) for name in type(record).model_fields if name not in ("place", "therapy")}
    details = [prior_detail(key, value) for key, value in named.items() if value is not None]
    name = " + ".join(map(value_text, record.therapy))
    return f"{name} ({', '.join(details)})" if details else name


def prior_detail(key: str, value: Any) -> str:
    """One key of a prior therapy with its value.

    >>> prior_detail("months_since_end", 6.0), prior_detail("outcome", "progression"), prior_detail("line", 2)
    ('ended 6 months ago', 'progression', 'line 2')
    """
    text = value_text(value)
    match key:
        case "months_since_end":
            return f"ended {text} month{'' if value == 1 else 's'} ago"
        case "months_on_therapy":
            return f"given for {text} month{'' if value == 1 else 's'}"
        case "start":
            return f"from {text}"
        case "end":
            return f"until {text}"
        case "line":
            return f"line {text}"
        case _:
            return text
