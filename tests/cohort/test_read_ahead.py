"""While a batch is decided the next is read, and what is met there is added to what the two share."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cohort.both import written
from cohort.jobs import parts
from knowledge.shipped import cases, rules
from txselect.cohort import sources
from txselect.cohort.circuit import Circuit
from txselect.cohort.courses import NAMES, Courses, MetConditions
from txselect.cohort.job import Asked, Job
from txselect.cohort.statements import Met
from txselect.model.condition import TherapyGiven
from txselect.model.patient import TherapyRecord


def given(name: str) -> TherapyRecord:
    return TherapyRecord((name,), None, None, None, None, None, None, systemic=True, position=1)


def test_a_therapy_met_while_conditions_are_asked_has_its_turn_later():
    circuit = Circuit()
    circuit.input(Met(TherapyGiven(classes=("parp_inhibitor",)), True))
    met, courses = MetConditions(circuit, rules().pack.vocabulary), Courses()
    courses.course(given("docetaxel"))

    class Growing(list[object]):
        """A value that is added as soon as somebody looks at another."""

        def __getitem__(self, number):  # type: ignore[no-untyped-def]
            if number == 1 and len(self) == 2:
                courses.course(given("olaparib"))
            return super().__getitem__(number)

    courses.values[NAMES] = Growing(courses.values[NAMES])
    met.extend(courses)
    assert len(courses.values[NAMES]) == 3
    met.extend(courses)
    assert met.certain[NAMES, :3, 0].tolist() == [0, 0, 1]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Blocks of few patients, and threads that take turns as often as they can."""
    monkeypatch.setattr(sources, "_LINES_AT_ONCE", 8)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_many_small_blocks_are_decided_as_a_large_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    lines = [
        json.dumps({"id": case.id, "profile": json.loads(case.profile.model_dump_json(exclude_none=True))})
        for case in cases().values()
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    Job(Asked((tmp_path / "cases.jsonl",), tmp_path / "large", rules())).run()
    request.getfixturevalue("small_blocks")
    Job(Asked((tmp_path / "cases.jsonl",), tmp_path / "small", rules())).run()
    assert len(parts(tmp_path / "small")) > 100
    assert written(parts(tmp_path / "small")) == written(parts(tmp_path / "large"))
