"""A cohort that decides otherwise than alone is no answer."""

import json
from pathlib import Path

import pytest

from cohort.jobs import lines, rules
from txselect.cohort.deciding import Decider, Outcomes
from txselect.cohort.job import Asked, Job
from txselect.errors import InternalCheckError


def test_a_wrong_status_is_noticed_and_nothing_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What a fault of a kernel would do: the statuses of two options of every patient exchanged."""
    cancer = {"type": "PRAD", "extent": "metastatic"}
    people = lines(tmp_path / "p.jsonl", ({"cancer": cancer, "ecog": number % 5} for number in range(50)))
    right = Decider.decided

    def wrong(*given: object) -> Outcomes:
        found = right(*given)  # type: ignore[arg-type]
        found.status[found.status > 0] = 4 - found.status[found.status > 0]
        return found

    monkeypatch.setattr(Decider, "decided", wrong)
    with pytest.raises(InternalCheckError, match="is decided otherwise in a cohort than alone"):
        Job(Asked((people,), tmp_path / "out", rules())).run()
    assert not (tmp_path / "out" / "summary.json").exists()
    assert [json.loads(line).keys() for line in (tmp_path / "out" / "progress.jsonl").read_text().splitlines()] == [
        {"job", "txselect"}
    ]
