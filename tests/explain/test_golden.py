"""Whole texts that a reader gets, kept so that a change of wording is seen.

`TXSELECT_REWRITE_GOLDEN=1` writes them anew: read the difference as a clinician would.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.shipped import cases, rules
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.explain.compare import compare
from txselect.explain.lines import folded
from txselect.explain.text import decision_text
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.inquiry.nearest import nearest
from txselect.inquiry.ways import nearest_explanation
from txselect.pipeline import read

GOLDEN = Path(__file__).parent / "golden"
REWRITE = os.environ.get("TXSELECT_REWRITE_GOLDEN", "") not in ("", "0")


@dataclass(frozen=True)
class Example:
    """A case of one disease: a class that it is offered, another one to compare with it, and one to ask `why not`."""

    case: str
    offered: str
    compared_with: str
    not_offered: str


EXAMPLES = (
    Example("bedbound-after-four-lines", "best_supportive_care", "platinum_etoposide", "psma_radioligand"),
    Example(
        "kidney-synchronous-metastasis-removed",
        "pd1_inhibitor",
        "hif2a_inhibitor_plus_pd1_inhibitor",
        "hif2a_inhibitor",
    ),
    Example("driver-ret-first-line", "ret_inhibitor", "platinum_doublet", "checkpoint_inhibitor_plus_platinum_doublet"),
    Example("msi-high-pancreas-lynch", "pd1_inhibitor", "trial_investigational_adc", "braf_mek_inhibition"),
)


@dataclass(frozen=True)
class Asked:
    """What a text is made from."""

    example: Example
    reading: Reading
    decision: Decision

    def why(self, depth: int | None = None) -> str:
        return str(folded(why(self.reading, self.decision, self.example.offered), depth))

    def why_not(self, depth: int | None = None) -> str:
        return str(folded(why_not(self.reading, self.decision, self.example.not_offered), depth))

    def nearest(self) -> str:
        profile = cases()[self.example.case].profile
        return str(nearest_explanation(nearest(rules(), profile, self.example.not_offered, engine="linear")))

    def compare(self) -> str:
        names = self.example.offered, self.example.compared_with
        return str(compare(self.reading, self.decision, *names).explanation)


TEXTS: dict[str, Callable[[Asked], str]] = {
    "recommend": lambda asked: decision_text(asked.decision),
    "why": lambda asked: asked.why(),
    "why_depth_2": lambda asked: asked.why(depth=2),
    "why_not": lambda asked: asked.why_not(),
    "why_not_depth_1": lambda asked: asked.why_not(depth=1),
    "nearest": lambda asked: asked.nearest(),
    "compare": lambda asked: asked.compare(),
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.case)
@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_a_reader_gets_the_text_that_was_read_before(example: Example, kind: str):
    reading, decision = read(rules(), cases()[example.case].profile, engine="linear")
    made = TEXTS[kind](Asked(example, reading, decision))
    made = made.replace(decision.rule_set.sha256[:12], "(hash)").rstrip() + "\n"
    file = GOLDEN / f"{example.case}.{kind}.txt"
    if REWRITE:
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


def test_every_kept_text_is_still_made():
    made = {f"{example.case}.{kind}.txt" for example in EXAMPLES for kind in TEXTS}
    assert {file.name for file in GOLDEN.iterdir()} == made
