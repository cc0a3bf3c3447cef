"""What is inherited is the same wherever it was looked for."""

import pytest

from knowledge.shipped import rules
from txselect.pipeline import decide


@pytest.mark.parametrize("origin", [None, "germline", "somatic"])
@pytest.mark.parametrize(("state", "status"), [("negative", "recommended"), ("positive", "excluded")])
def test_the_origin_of_a_pharmacogenetic_result_changes_nothing(origin: str | None, state: str, status: str):
    report = {"marker": "DPYD_POOR", "state": state} | ({"origin": origin} if origin else {})
    others = [{"marker": name, "state": "negative"} for name in ("RAS", "BRAF", "MSI", "HER2", "DPYD_INTERMEDIATE")]
    profile = {
        "age": 60,
        "ecog": 0,
        "cancer": {"type": "COAD", "extent": "metastatic", "sites": ["liver", "lung"], "resectable": False},
        "prior_therapies": [],
        "comorbidities": [],
        "drugs": [],
        "biomarkers": [report, *others],
    }
    found = decide(rules(), profile, engine="linear").option("oxaliplatin_doublet")
    assert found is not None
    assert found.status.startswith(status)
