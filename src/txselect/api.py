"""The library's front door: load rules, load or build a profile, decide, and ask what the decision rests on."""

from __future__ import annotations

from typing import Any

from txselect.decision.record import Decision, Option
from txselect.decision.stored import read_decision
from txselect.errors import InputError, InternalCheckError, TxselectError
from txselect.explain.compare import Compared
from txselect.explain.compare import compare as explain_compared
from txselect.explain.html import page, show_in_notebooks
from txselect.explain.lines import Explanation
from txselect.explain.report import report as report_on
from txselect.explain.why import why as explain_why
from txselect.explain.why_not import why_not as explain_why_not
from txselect.inquiry.nearest import nearest
from txselect.inquiry.next_test import next_test
from txselect.inquiry.rule_sets import diff
from txselect.inquiry.what_if import what_if
from txselect.language.case import load_case
from txselect.model.change import Change
from txselect.model.profile import Case, Profile
from txselect.pipeline import Rules, decide, load_rules, read
from txselect.replay import replay

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

show_in_notebooks()


def why(rules: Rules, profile: Profile | Case | dict[str, Any], therapy: str, **how: Any) -> Explanation:
    """The proof of a therapy class's status. `how` takes what `decide` takes: as_of, engine, jurisdiction."""
    return explain_why(*read(rules, profile, **how), therapy)


def why_not(rules: Rules, profile: Profile | Case | dict[str, Any], therapy: str, **how: Any) -> Explanation:
    """Every rule of a therapy class with what blocks it, the nearest first. `how` as for `decide`."""
    return explain_why_not(*read(rules, profile, **how), therapy)


def compare(rules: Rules, profile: Profile | Case | dict[str, Any], one: str, other: str, **how: Any) -> Compared:
    """Why one option stands before another, criterion by criterion. `how` as for `decide`."""
    return explain_compared(*read(rules, profile, **how), one, other)


def report(rules: Rules, case: Case, **how: Any) -> str:
    """The self-contained HTML page of a case for a tumour board. `how` as for `decide`."""
    return page(report_on(case, *read(rules, case, **how)))
