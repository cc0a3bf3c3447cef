"""How long `next-test` takes: a usual case of each disease, those of which least is known, then all shipped cases.

Run with `make bench`. The time grows with the open options and with what is unknown.
"""

from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from txselect.inquiry.next_test import next_test
from txselect.language.case import load_case
from txselect.pipeline import Rules, load_rules
from txselect.shipped import shipped_folder

USUAL = {
    "kidney": "kidney/kidney-unclassified-untested.yaml",
    "prostate": "prostate/vision-population.yaml",
    "lung": "lung/driver-alk-after-crizotinib.yaml",
}
SPARSE = {
    "kidney": "kidney/kidney-sparse-subtype-unknown.yaml",
    "prostate": "prostate/sparse-metastatic.yaml",
    "lung": "lung/nsclc-histology-not-specified.yaml",
    "breast": "breast/hr-sparse.yaml",
    "colorectal": "colorectal/crc-sparse.yaml",
    "melanoma": "melanoma/sparse-metastatic-melanoma.yaml",
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


@pytest.mark.parametrize("disease", USUAL)
def test_the_next_test_of_a_usual_case(benchmark: BenchmarkFixture, rules: Rules, disease: str):
    case = load_case(shipped_folder("cases") / USUAL[disease])
    benchmark.group = "next test, all open options"
    found = benchmark.pedantic(next_test, (rules, case), {"engine": "linear"}, rounds=30, warmup_rounds=2)
    assert found.smallest


@pytest.mark.parametrize("disease", SPARSE)
def test_the_next_test_where_next_to_nothing_is_known(benchmark: BenchmarkFixture, rules: Rules, disease: str):
    case = load_case(shipped_folder("cases") / SPARSE[disease])
    benchmark.group = "next test, all open options"
    found = benchmark.pedantic(next_test, (rules, case), {"engine": "linear"}, rounds=5, warmup_rounds=1)
    assert found.smallest


def test_the_next_test_of_every_shipped_case(benchmark: BenchmarkFixture, rules: Rules):
    cases = [load_case(path) for path in sorted(shipped_folder("cases").rglob("*.yaml"))]
    waiting = iter(cases)

    def following() -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Warm: it was asked once before, as for `nearest`."""
        case = next(waiting)
        next_test(rules, case, engine="linear")
        return (rules, case), {"engine": "linear"}

    benchmark.group = "next test, all open options"
    benchmark.pedantic(next_test, setup=following, rounds=len(cases))
