"""What a new rule asks: each condition with a patient who meets it and one who misses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from txselect.model.vocabulary import Biomarker, Vocabulary

_MOST_ECOG = 1


@dataclass(frozen=True)
class Asked:
    """One condition of a rule file, in words, and the parts of a profile with which it holds and fails."""

    words: str
    condition: dict[str, Any]
    met: dict[str, Any]
    missed: dict[str, Any]


def asked(vocabulary: Vocabulary, marker: str | None, prior: str | None) -> list[Asked]:
    """The conditions of a rule that is about a marker, a prior therapy or both (ids); about ECOG if about neither."""
    return [*_marker(vocabulary, marker), *_prior(vocabulary, prior)] or [_well()]


def _marker(vocabulary: Vocabulary, marker: str | None) -> Iterator[Asked]:
    if marker is None:
        return
    entry = vocabulary.biomarkers[marker]
    if entry.measured:
        yield _measured(entry)
    elif entry.scale:
        highest, lowest = entry.scale[-1], entry.scale[0]
        yield _of_marker(
            f"{entry.label} {highest}", entry, {"at_least": highest}, {"value": highest}, {"value": lowest}
        )
    else:
        positive, negative = {"state": "positive"}, {"state": "negative"}
        yield _of_marker(f"{entry.label} positive", entry, positive, positive, negative)


def _measured(entry: Biomarker) -> Asked:
    """At least half of what is possible, or 1 where nothing says what is."""
    lowest = entry.minimum or 0.0
    middle = (lowest + entry.maximum) / 2 if entry.maximum is not None else lowest + 1
    unit = {"unit": entry.unit}
    words = f"{entry.label} at least {middle:g} {entry.unit}"
    met, missed = {"value": middle} | unit, {"value": lowest} | unit
    return _of_marker(words, entry, {"at_least": middle} | unit, met, missed)


def _of_marker(
    words: str, entry: Biomarker, condition: dict[str, Any], met: dict[str, Any], missed: dict[str, Any]
) -> Asked:
    name = {"marker": entry.id}
    return Asked(words, {"biomarker": name | condition}, {"biomarkers": [name | met]}, {"biomarkers": [name | missed]})


def _prior(vocabulary: Vocabulary, prior: str | None) -> Iterator[Asked]:
    if prior is None:
        return
    given = {"therapy": [prior], "setting": "metastatic", "line": 1, "outcome": "progression"}
    yield Asked(
        words=f"progression on {vocabulary.therapy_label(prior)}",
        condition={"prior_therapy": {"class": prior, "outcome": "progression"}},
        met={"prior_therapies": [given]},
        missed={"prior_therapies": []},
    )


def _well() -> Asked:
    words = f"ECOG at most {_MOST_ECOG}"
    return Asked(words, {"ecog": {"at_most": _MOST_ECOG}}, {"ecog": _MOST_ECOG}, {"ecog": _MOST_ECOG + 1})
