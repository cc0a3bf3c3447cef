"""Candidate therapy classes for a case of advanced cancer, ranked, each with its evidence and its proof.

For discussion and teaching; no medical device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from txselect.api import (
        Case,
        Change,
        Decision,
        Explanation,
        InputError,
        InternalCheckError,
        Option,
        Profile,
        TxselectError,
        compare,
        decide,
        diff,
        load_case,
        load_rules,
        nearest,
        next_test,
        read_decision,
        replay,
        report,
        what_if,
        why,
        why_not,
    )

__all__ = [
    "Case",
    "Change",
    "Decision",
    "Explanation",
    "InputError",
    "InternalCheckError",
    "Option",
    "Profile",
    "TxselectError",
    "compare",
    "decide",
    "diff",
    "load_case",
    "load_rules",
    "nearest",
    "next_test",
    "read_decision",
    "replay",
    "report",
    "what_if",
    "why",
    "why_not",
]


def __getattr__(name: str) -> Any:
    """Names are imported on first use, so that commands that need few of them start fast."""
    if name not in __all__:
        raise AttributeError(f"module `txselect` has no attribute `{name}`")
    from txselect import api

    return getattr(api, name)
