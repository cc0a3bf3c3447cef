"""A small rule set for coverage and mutants: one fact, one option with an exception."""

from pathlib import Path

HEALTHY = Path(__file__).parents[1] / "bad" / "healthy_pack"
RULES = """\
pack: healthy
language: 1
date: 2026-01-01
evidence:
  - {id: tax_327, kind: trial, name: TAX 327, year: 2004, level: phase_3, checked: null}
rules:
  - id: fitness.fit  # <b>not bold</b>
    title: fit for chemotherapy
    when: {ecog: {at_most: 2}}
    derive: fit
    because: Chemotherapy was studied up to ECOG 2.
  - id: prostate.docetaxel
    title: docetaxel
    applies_to: [PROSTATE]
    when: {any: [{all: [{fact: fit}, {extent: metastatic}]}, {site: liver}]}
    unless: [{comorbidity: rheumatoid_arthritis}]
    recommend: {therapy: taxane, agents: [docetaxel], preference: alternative}
    evidence: [tax_327]
    because: It prolongs survival.
"""


def written(folder: Path) -> Path:
    """The rule set as files in a new folder."""
    folder.mkdir()
    for name in ("pack.yaml", "vocabulary.yaml"):
        (folder / name).write_bytes((HEALTHY / name).read_bytes())
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return folder
