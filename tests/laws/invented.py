"""A small vocabulary that means nothing, so that the laws are about the logic and not about medicine.

It has one of everything that can go wrong: kinds of kinds, wholes made of parts, markers that exclude each other or all
parts of a whole, values that imply states, combinations that are kinds of something themselves, limits that depend on
sex.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from txselect.language.pack import read_pack
from txselect.model.rules import RulePack

DATE = "2026-06-01"
HEADER = {"pack": "invented", "language": 1, "date": DATE}
CANCERS = {"ROOT": None, "ALPHA": "ROOT", "ALPHA1": "ALPHA", "ALPHA2": "ALPHA", "BETA": "ROOT"}
MARKERS: dict[str, dict[str, Any]] = {
    "WHOLE": {"any_of": ["PART1", "PART2"]},
    "PART1": {},
    "PART2": {"any_of": ["GRAIN1", "GRAIN2"]},
    "GRAIN1": {},
    "GRAIN2": {},
    "CLASS": {},
    "KIND": {"is_a": ["CLASS"]},
    "VARIANT": {"is_a": ["KIND"]},
    "RIVAL": {"is_a": ["CLASS"], "excludes": ["KIND"]},
    "LONER": {"excludes": ["GRAIN1", "GRAIN2", "HIGH"]},
    "HIGH": {"is_a": ["ANY"]},
    "ANY": {},
    "OVER": {},
    "SCORE": {
        "unit": "%",
        "minimum": 0,
        "maximum": 100,
        "implies": [
            {"at_least": 50, "marker": "HIGH", "state": "positive"},
            {"at_least": 1, "marker": "ANY", "state": "positive"},
            {"below": 1, "marker": "ANY", "state": "negative"},
        ],
    },
    "STEPS": {
        "scale": ["0", "1+", "2+", "3+"],
        "implies": [
            {"at_least": "3+", "marker": "OVER", "state": "positive"},
            {"at_most": "1+", "marker": "OVER", "state": "negative"},
        ],
    },
}
MEASUREMENTS: dict[str, dict[str, Any]] = {
    "level": {
        "unit": "g/dL",
        "other_units": {"g/L": 0.1},
        "lower_limit": {"male": 13.5, "female": 12.0},
        "upper_limit": 17.5,
        "minimum": 0.1,
        "maximum": 40,
    },
    "count": {"unit": "G/L"},
}
TERMS: dict[str, dict[str, list[str]]] = {
    "site": {"inner": [], "inner_left": ["inner"], "inner_left_tip": ["inner_left"], "outer": []},
    "comorbidity": {"illness": [], "grave_illness": ["illness"]},
    "finding": {"sign": [], "clear_sign": ["sign"]},
    "histology": {"form": []},
    "drug": {"tonic": [], "strong_tonic": ["tonic"]},
    "preference": {"wish": []},
}
THERAPIES: dict[str, dict[str, Any]] = {
    "family": {"failed_by": []},
    "first": {"is_a": ["family"]},
    "second": {"is_a": ["family"], "failed_by": ["first", "second"]},
    "third": {},
    "pair": {"components": ["first", "third"]},
    "second_doublet": {"is_a": ["second"], "failed_by": ["second"]},
    "special_pair": {"is_a": ["second_doublet"], "components": ["second", "third"]},
    "beam": {"modality": "radiotherapy", "failed_by": []},
}
AGENTS = {
    "first_a": ["first"],
    "first_b": ["first"],
    "second_a": ["second"],
    "third_a": ["third"],
    "third_b": ["third"],
    "ready_pair": ["pair"],
    "doublet_a": ["second_doublet"],
    "special_a": ["special_pair"],
    "beam_a": ["beam"],
}
FACTS = ("low_fact", "low_other", "mid_fact", "mid_other", "top_fact", "never_derived_here")
LAYERS = (FACTS[:2], FACTS[2:4], FACTS[4:5])
"""A fact of a layer may use the facts of the layers before it."""

PLURALS = {"histology": "histologies", "comorbidity": "comorbidities"}


def vocabulary_file() -> dict[str, Any]:
    made: dict[str, Any] = {
        **HEADER,
        "about": {"title": "invented", "version": "1", "disclaimer": "means nothing"},
        "ranking": {
            "criteria": [
                {
                    "by": "status",
                    "order": ["recommended", "recommended_pending", "possible", "excluded", "not_indicated"],
                    "because": "-",
                },
                {
                    "by": "preference",
                    "order": ["preferred", "alternative", "selected", "investigational"],
                    "lowered_by_contraindications": True,
                    "because": "-",
                },
                {"by": "relative_contraindications", "because": "-"},
                {"by": "evidence_level", "order": ["phase_3", "phase_2", "phase_1"], "because": "-"},
            ],
            "ties": {"because": "-"},
            "intents": ["potentially_curative", "supportive", "disease_control"],
        },
        "cancers": [labelled(code=code, parent=parent) for code, parent in CANCERS.items()],
        "biomarkers": [labelled(id=name, **entry) for name, entry in MARKERS.items()],
        "tests": [labelled(id="panel", markers=["PART1", "PART2"])],
        "measurements": [labelled(id=name, **entry) for name, entry in MEASUREMENTS.items()],
        "facts": [labelled(id=name) for name in FACTS],
        "therapies": [labelled(id=name, **{"modality": "targeted", **entry}) for name, entry in THERAPIES.items()],
        "agents": [labelled(id=name, **{"class": classes}) for name, classes in AGENTS.items()],
        "evidence": [
            {"id": f"source_{level}", "kind": "trial", "name": level, "year": 2020, "level": level, "checked": None}
            for level in ("phase_3", "phase_2", "phase_1")
        ],
    }
    for kind, terms in TERMS.items():
        made[PLURALS.get(kind, f"{kind}s")] = [labelled(id=name, is_a=is_a) for name, is_a in terms.items()]
    return made


def labelled(**entry: Any) -> dict[str, Any]:
    name = str(entry.get("id") or entry["code"])
    return {"label": name.replace("_", " "), **{key: value for key, value in entry.items() if value is not None}}


def as_yaml(value: Mapping[str, Any]) -> bytes:
    """JSON with its quotes is YAML that means the same."""
    return json.dumps(value, default=str).encode()


def pack_of(*rule_files: list[dict[str, Any]], names: tuple[str, ...] = ()) -> RulePack:
    """The pack that files with these rules make, each named `rules0.yaml` and so on unless named otherwise."""
    files = [("vocabulary.yaml", as_yaml(vocabulary_file()))]
    for number, rules in enumerate(rule_files):
        name = names[number] if names else f"rules{number}.yaml"
        files.append((name, as_yaml({**HEADER, "rules": rules})))
    return read_pack(Path("invented"), sorted(files))


@cache
def empty_pack() -> RulePack:
    return pack_of([])
