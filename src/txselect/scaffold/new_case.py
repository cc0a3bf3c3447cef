"""A case to begin with, which expects what the rules decide now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from txselect.decision.record import Decision
from txselect.errors import Gathering
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, decide
from txselect.scaffold.files import already_there, write
from txselect.scaffold.names import CASE_ID, check_name, known
from txselect.scaffold.yaml_text import yaml_text

_TELLING = ("out_of_scope", "insufficient_data")
"""Flags that stand in for options where there are none."""


def new_case(case_id: str, cancer: str, rules: Path, cases: Path) -> Path:
    """Write a case of a cancer (code, name or alias) to `cases`, as the rules in `rules` decide it; its path.

    Raises InputError for names that are unknown or none, and where the file exists.
    """
    problems = Gathering()
    path = cases / f"{case_id}.yaml"
    check_name(case_id, CASE_ID, "case", "write lower-case words joined by `-`, such as `after-two-lines`", problems)
    problems.found += already_there([path])
    pack = read_pack(rules)
    code = known("--cancer", "cancer type", cancer, pack.vocabulary.cancer_names, problems)
    problems.raise_if_any()
    label = pack.vocabulary.cancers[code or ""].label
    about = {"id": case_id, "title": f"A case of {label}", "narrative": f"Metastatic {label}. To be described."}
    write({path: decided_case(about, profile_of(code or "", pack.date), Rules(pack), path)})
    return path


def profile_of(cancer: str, day: object) -> dict[str, Any]:
    """A patient of whom little is known: in fair condition and not treated yet."""
    return {
        "as_of": day,
        "ecog": 1,
        "cancer": {"type": cancer, "extent": "metastatic"},
        "prior_therapies": [],
        "biomarkers": [],
        "comorbidities": [],
        "drugs": [],
        "preferences": [],
    }


def decided_case(about: dict[str, Any], profile: dict[str, Any], rules: Rules, path: Path) -> str:
    """The text of a case that expects what the rules decide of it. Raises InputError for what they cannot."""
    text = yaml_text({**about, "profile": profile})
    return text + yaml_text({"expect": _expectation(decide(rules, read_case(text, path.as_posix())))})


def _expectation(decision: Decision) -> dict[str, Any]:
    """What a case can claim of a decision. A rank is left out where options share it."""
    ranks = [option.rank for option in decision.options]
    options = [
        {"therapy": option.therapy, "status": option.status}
        | ({"rank": option.rank} if option.rank and ranks.count(option.rank) == 1 else {})
        for option in decision.options
        if option.status != "not_indicated"
    ]
    flags = [{"kind": kind} for kind in dict.fromkeys(flag.kind for flag in decision.flags) if kind in _TELLING]
    claims = {"intent": decision.intent, "options": options, "flags": flags}
    return {key: claim for key, claim in claims.items() if claim}
