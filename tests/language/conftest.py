from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.language.patient import patient_of
from txselect.model.patient import Patient
from txselect.model.vocabulary import Vocabulary

HEALTHY = Path(__file__).parents[1] / "bad" / "healthy_pack"
SHIPPED = Path(__file__).parents[2] / "rules"
AS_OF = date(2026, 7, 1)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """A small vocabulary, so that tests do not change with the knowledge."""
    return read_pack(HEALTHY).vocabulary


@pytest.fixture(scope="session")
def shipped_vocabulary() -> Vocabulary:
    return read_pack(SHIPPED).vocabulary


@pytest.fixture
def patient(vocabulary: Vocabulary) -> Callable[..., Patient]:
    """The patient of a profile in YAML, decided on 2026-07-01; a cancer type is added where there is none."""

    def read(text: str, as_of: date = AS_OF) -> Patient:
        whole = text if "cancer:" in text else f"cancer: {{type: PRAD}}\n{text}"
        return patient_of(read_case(whole, "profile.yaml").profile, vocabulary, as_of)

    return read
