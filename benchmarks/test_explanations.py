"""How long `why` and `why-not` take for every shipped case with each therapy, the decision being made already."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.explain.lines import Explanation
from txselect.explain.why import why
from txselect.explain.why_not import why_not
from txselect.language.case import load_case
from txselect.pipeline import load_rules, read
from txselect.shipped import shipped_folder

Asked = tuple[Reading, Decision, str]


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    rules = load_rules()
    cases = (load_case(path) for path in sorted(shipped_folder("cases").rglob("*.yaml")))
    decided = (read(rules, case, engine="linear") for case in cases)
    return [(reading, decision, therapy) for reading, decision in decided for therapy in reading.program.options]


@pytest.mark.parametrize("explain", [why, why_not], ids=["why", "why_not"])
def test_every_case_with_each_therapy(
    benchmark: BenchmarkFixture, asked: list[Asked], explain: Callable[..., Explanation]
):
    waiting = islice(asked, len(asked))

    def following() -> tuple[Asked, dict[str, Any]]:
        return next(waiting), {}

    benchmark.group = "why and why-not, warm"
    benchmark.pedantic(explain, setup=following, rounds=len(asked))
