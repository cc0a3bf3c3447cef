"""Whole texts that a reader gets, kept so that a change of wording is seen.

`TXSELECT_REWRITE_GOLDEN=1` writes them anew: read the difference as a clinician would.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.shipped import cases, rules
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.explain.text import decision_text
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.pipeline import read

GOLDEN = Path(__file__).parent / "golden"
REWRITE = os.environ.get("TXSELECT_REWRITE_GOLDEN", "") not in ("", "0")

# A case, a class that it is offered, and one that it is not.
CASES = {
    "bedbound-after-four-lines": ("best_supportive_care", "psma_radioligand"),
    "kidney-synchronous-metastasis-removed": ("pd1_inhibitor", "hif2a_inhibitor"),
    "driver-ret-first-line": ("ret_inhibitor", "checkpoint_inhibitor_plus_platinum_doublet"),
}
TEXTS: dict[str, Callable[[Reading, Decision, str, str], str]] = {
    "recommend": lambda reading, decision, offered, other: decision_text(decision),
    "why": lambda reading, decision, offered, other: str(why(reading, decision, offered)),
    "why_not": lambda reading, decision, offered, other: str(why_not(reading, decision, other)),
}


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize("text", sorted(TEXTS))
def test_a_reader_gets_the_text_that_was_read_before(name: str, text: str):
    reading, decision = read(rules(), cases()[name].profile, engine="linear")
    made = TEXTS[text](reading, decision, *CASES[name])
    made = made.replace(decision.rule_set.sha256[:12], "(hash)").rstrip() + "\n"
    file = GOLDEN / f"{name}.{text}.txt"
    if REWRITE:
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")
