"""The library's front door: load rules, load or build a profile, decide, look at options, ask why."""

from __future__ import annotations

from typing import Any

from txselect.decision.record import Decision, Option
from txselect.errors import InputError, InternalCheckError, TxselectError
from txselect.explain.html import show_in_notebooks
from txselect.explain.lines import Explanation
from txselect.explain.why import why as explain_why
from txselect.explain.why_not import why_not as explain_why_not
from txselect.language.case import load_case
from txselect.model.profile import Case, Profile
from txselect.pipeline import Rules, decide, load_rules, read

__all__ = [
    "Case",
    "Decision",
    "Explanation",
    "InputError",
    "InternalCheckError",
    "Option",
    "Profile",
    "TxselectError",
    "decide",
    "load_case",
    "load_rules",
    "why",
    "why_not",
]

show_in_notebooks()


def why(rules: Rules, profile: Profile | Case | dict[str, Any], therapy: str, **how: Any) -> Explanation:
    """The proof of a therapy class's status. `how` takes what `decide` takes: as_of, engine, jurisdiction."""
    return explain_why(*read(rules, profile, **how), therapy)


def why_not(rules: Rules, profile: Profile | Case | dict[str, Any], therapy: str, **how: Any) -> Explanation:
    """Every rule of a therapy class with what blocks it, the nearest first. `how` as for `decide`."""
    return explain_why_not(*read(rules, profile, **how), therapy)
