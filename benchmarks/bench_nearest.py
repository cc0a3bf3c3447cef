"""How long `nearest` takes: one case for each disease, then one in thirty of all pairs of a shipped case and a therapy.

Run with `make bench`. Every way is confirmed by running the rules, with every part of it that is one smaller.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from txselect.inquiry.nearest import nearest
from txselect.language.case import load_case
from txselect.model.profile import Case
from txselect.pipeline import Rules, load_rules, read
from txselect.shipped import shipped_folder

ONE_EACH = {
    "kidney": ("kidney/kidney-checkmate-214-poor-risk.yaml", "dual_checkpoint_inhibition"),
    "prostate": ("prostate/vision-population.yaml", "parp_inhibitor"),
    "lung": ("lung/driver-egfr-after-osimertinib.yaml", "platinum_doublet"),
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


@pytest.mark.parametrize("disease", ONE_EACH)
def test_the_nearest_ways(benchmark: BenchmarkFixture, rules: Rules, disease: str):
    path, therapy = ONE_EACH[disease]
    case = load_case(shipped_folder("cases") / path)
    benchmark.group = "nearest, up to five ways"
    found = benchmark.pedantic(nearest, (rules, case, therapy), {"engine": "linear"}, rounds=30, warmup_rounds=2)
    assert found.ways


def test_the_nearest_ways_of_one_in_thirty_pairs_of_case_and_therapy(benchmark: BenchmarkFixture, rules: Rules):
    asked = list(_cases_with_therapies(rules))[::30]
    waiting = iter(asked)

    def following() -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Warm: the programs of all types of cancer that an answer may state are there."""
        case, therapy = next(waiting)
        nearest(rules, case, therapy, engine="linear")
        return (rules, case, therapy), {"engine": "linear"}

    benchmark.group = "nearest, up to five ways"
    benchmark.pedantic(nearest, setup=following, rounds=len(asked))


def _cases_with_therapies(rules: Rules) -> Iterator[tuple[Case, str]]:
    for path in sorted(shipped_folder("cases").rglob("*.yaml")):
        case = load_case(path)
        reading, _ = read(rules, case, engine="linear")
        for therapy in sorted(reading.program.options):
            yield case, therapy
