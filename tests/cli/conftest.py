import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import txselect

CHECKOUT = Path(__file__).parents[2]
SOURCE = Path(txselect.__file__).parents[1]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def environment(cache_folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return {**kept, "PYTHONPATH": str(SOURCE), "XDG_CACHE_HOME": str(cache_folder), "COLUMNS": "100"}


@pytest.fixture
def txselect_run(environment: dict[str, str]) -> Run:
    """A real run of the command in a process of its own, from the top of the checkout."""

    def run(
        *arguments: str, stdin: str = "", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "txselect", *arguments],
            cwd=CHECKOUT,
            env={**environment, **(extra or {})},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def small_rules() -> list[str]:
    """The option that takes a small pack, which loads at once and does not change with the knowledge."""
    return ["--rules", str(CHECKOUT / "tests" / "bad" / "healthy_pack")]


CASE = """\
id: fit
title: A fit patient
narrative: Metastatic prostate cancer in a fit patient.
profile:
  as_of: 2026-06-01
  ecog: 1
  cancer: {type: PRAD, extent: metastatic}
  prior_therapies: []
  comorbidities: []
expect:
  options: [{therapy: taxane, status: recommended, rank: 1}]
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "fit.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture
def bad_case(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text("cancer: {type: PRAD}\necog: 7\nage: old\n", encoding="utf-8")
    return path


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Lets a command find these bytes on standard input."""

    def typed(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))

    return typed
