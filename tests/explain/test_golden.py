"""Whole texts that a reader gets, kept so that a change of wording is seen.

`TXSELECT_REWRITE_GOLDEN=1` writes them anew: read the difference as a clinician would.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from knowledge.shipped import cases, rules
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.explain.compare import compare
from txselect.explain.lines import folded
from txselect.explain.markdown import markdown
from txselect.explain.report import report
from txselect.explain.text import decision_text
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.inquiry.nearest import nearest
from txselect.inquiry.next_test import next_test
from txselect.inquiry.rule_sets import diff
from txselect.inquiry.ways import nearest_explanation
from txselect.inquiry.what_if import what_if
from txselect.inquiry.worth import next_test_explanation
from txselect.pipeline import Rules, read

GOLDEN = Path(__file__).parent / "golden"
REWRITE = os.environ.get("TXSELECT_REWRITE_GOLDEN", "") not in ("", "0")


@dataclass(frozen=True)
class Example:
    """A case of one disease: a class that it is offered, another one to compare with it, and one to ask `why not`.

    changes: what to ask `what if` about. waiting: a case of the disease with options that are still open.
    """

    case: str
    offered: str
    compared_with: str
    not_offered: str
    changes: tuple[str, ...]
    waiting: str


EXAMPLES = (
    Example(
        "bedbound-after-four-lines",
        "best_supportive_care",
        "platinum_etoposide",
        "psma_radioligand",
        ("ecog=2", "biomarkers.BRCA2=positive"),
        "psma-equivocal",
    ),
    Example(
        "kidney-synchronous-metastasis-removed",
        "pd1_inhibitor",
        "hif2a_inhibitor_plus_pd1_inhibitor",
        "hif2a_inhibitor",
        ("comorbidities.liver_transplant=present", "sites.liver=present"),
        "kidney-unclassified-untested",
    ),
    Example(
        "driver-ret-first-line",
        "ret_inhibitor",
        "platinum_doublet",
        "checkpoint_inhibitor_plus_platinum_doublet",
        ("prior_therapies.ret_inhibitor=progression", "ecog=3"),
        "driver-alk-after-crizotinib",
    ),
    Example(
        "her2-her2climb-population",
        "tucatinib_trastuzumab_capecitabine",
        "topoisomerase_payload_her2_adc",
        "trop2_adc",
        ("comorbidities.heart_failure=present", "ecog=3"),
        "tnbc-sparse",
    ),
    Example(
        "crc-beacon-population",
        "braf_inhibitor_plus_egfr_antibody",
        "irinotecan_doublet_plus_vegf_antibody",
        "pd1_inhibitor",
        ("biomarkers.BRAF_V600E=negative", "ecog=3"),
        "crc-kras-only-tested",
    ),
    Example(
        "checkmate-067-population",
        "dual_checkpoint_inhibition",
        "pd1_inhibitor",
        "til_therapy",
        ("comorbidities.organ_transplant=present", "prior_therapies.dual_checkpoint_inhibition=progression"),
        "acral-untested",
    ),
    Example(
        "msi-high-pancreas-lynch",
        "pd1_inhibitor",
        "trial_investigational_adc",
        "braf_mek_inhibition",
        ("biomarkers.BRAF_V600E=positive", "comorbidities.autoimmune_disease=present"),
        "ntrk-parotid-secretory",
    ),
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

    def next_test(self) -> str:
        return str(next_test_explanation(next_test(rules(), cases()[self.example.waiting], engine="linear")))

    def what_if(self) -> str:
        return str(what_if(rules(), cases()[self.example.case], self.example.changes, engine="linear").explanation)

    def diff(self) -> str:
        """Against rules in which what recommends the offered class first is withdrawn."""
        option = self.decision.option(self.example.offered)
        assert option is not None
        kept = {name: rule for name, rule in rules().pack.rules.items() if name != option.rules[0]}
        fewer = Rules(replace(rules().pack, rules=kept, sha256=64 * "0"))
        return str(diff(rules(), fewer, cases()[self.example.case], engine="linear").explanation)

    def report(self) -> str:
        return markdown(report(cases()[self.example.case], self.reading, self.decision))

    def compare(self) -> str:
        names = self.example.offered, self.example.compared_with
        return str(compare(self.reading, self.decision, *names).explanation)


TEXTS: dict[str, Callable[[Asked], str]] = {
    "recommend": lambda asked: decision_text(asked.decision),
    "why": lambda asked: asked.why(),
    "why_depth_2": lambda asked: asked.why(depth=2),
    "why_not": lambda asked: asked.why_not(),
    "why_not_depth_1": lambda asked: asked.why_not(depth=1),
    "what_if": lambda asked: asked.what_if(),
    "diff": lambda asked: asked.diff(),
    "report": lambda asked: asked.report(),
    "nearest": lambda asked: asked.nearest(),
    "compare": lambda asked: asked.compare(),
    "next_test": lambda asked: asked.next_test(),
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.case)
@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_a_reader_gets_the_text_that_was_read_before(example: Example, kind: str):
    reading, decision = read(rules(), cases()[example.case].profile, engine="linear")
    made = TEXTS[kind](Asked(example, reading, decision))
    for shown in (decision.rule_set.sha256[:length] for length in (64, 12, 8)):
        made = made.replace(shown, "(hash)")
    made = made.rstrip() + "\n"
    file = GOLDEN / f"{example.case}.{kind}.txt"
    if REWRITE:
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


def test_every_kept_text_is_still_made():
    made = {f"{example.case}.{kind}.txt" for example in EXAMPLES for kind in TEXTS}
    assert {file.name for file in GOLDEN.iterdir()} == made
