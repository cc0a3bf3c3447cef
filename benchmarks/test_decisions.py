"""What a user waits for: one decision with its explanation, the command line from cold, the rules from disk.

Run with `make bench`. The cases are shipped ones, one for each disease, the largest program among them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from txselect.cache import cached_pack
from txselect.engine import ENGINE_NAMES
from txselect.engine.durable import available
from txselect.explain.why import why
from txselect.language.case import load_case
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, load_rules, read
from txselect.shipped import shipped_folder

CASES = {
    "kidney": "kidney/kidney-checkmate-214-poor-risk.yaml",
    "prostate": "prostate/vision-population.yaml",
    "lung": "lung/driver-egfr-after-osimertinib.yaml",
}
each_engine = pytest.mark.parametrize("engine", [name for name in ENGINE_NAMES if name != "durable" or available()])
each_case = pytest.mark.parametrize("disease", CASES)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


@each_engine
@each_case
def test_a_warm_certified_decision_with_its_explanation(
    benchmark: BenchmarkFixture, rules: Rules, engine: str, disease: str
):
    profile = load_case(shipped_folder("cases") / CASES[disease]).profile
    benchmark.group = f"one decision, {disease}"

    def decide_and_explain() -> str:
        reading, decision = read(rules, profile, engine=engine)
        return str(why(reading, decision, decision.offered[0].therapy))

    assert benchmark.pedantic(decide_and_explain, rounds=300, warmup_rounds=20)


@pytest.mark.parametrize("disease", CASES)
def test_the_command_line_from_a_cold_start(benchmark: BenchmarkFixture, disease: str):
    command = [sys.executable, "-m", "txselect", "recommend", str(shipped_folder("cases") / CASES[disease])]
    benchmark.group = "txselect recommend, whole process"
    benchmark.pedantic(
        subprocess.run, (command,), {"check": True, "stdout": subprocess.DEVNULL}, rounds=15, warmup_rounds=2
    )


def test_an_empty_python_process(benchmark: BenchmarkFixture):
    benchmark.group = "txselect recommend, whole process"
    benchmark.pedantic(subprocess.run, ([sys.executable, "-c", ""],), {"check": True}, rounds=15, warmup_rounds=2)


def test_reading_and_checking_all_rules(benchmark: BenchmarkFixture):
    benchmark.group = "all rules"
    benchmark.pedantic(read_pack, (shipped_folder("rules"),), rounds=5, warmup_rounds=1)


def test_all_rules_from_the_cache(benchmark: BenchmarkFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(os.environ, "XDG_CACHE_HOME", str(tmp_path))
    cached_pack(shipped_folder("rules"))
    benchmark.group = "all rules"
    benchmark.pedantic(cached_pack, (shipped_folder("rules"),), rounds=20, warmup_rounds=1)
