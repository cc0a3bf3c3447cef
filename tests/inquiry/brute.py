"""Which changes turn a therapy, by trying all of them: every set of questions with every answer, in the real pipeline.

Nothing here knows the theory or the solver. Questions are read off the leaves; answers are concrete values on, below and
above every bound that a leaf names, whether or not somebody has found that they come to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Any

from txselect.decision.options import status_of
from txselect.decision.reading import Reading
from txselect.errors import InputError
from txselect.language.changes import changed
from txselect.model.change import COMPLETE, Change
from txselect.model.condition import (
    CancerIs,
    Comparison,
    FieldIs,
    FieldMeasures,
    Leaf,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    TherapyGiven,
)
from txselect.model.profile import LIST_NAMES, Status
from txselect.pipeline import Rules, reread
from txselect.program.program import Program

Question = str
"""The words for what is asked, as `NeededChange.about` has them."""

WORDS = {
    "extent": ("localised", "locally_advanced", "metastatic", "oligometastatic", "polymetastatic"),
    "volume": ("high", "low"),
    "timing": ("synchronous", "metachronous"),
    "resectable": (True, False),
    "sex": ("male", "female"),
    "menopausal_status": ("premenopausal", "perimenopausal", "postmenopausal"),
    "stage": ("I", "IA", "IA1", "IB", "II", "IIIA", "IIIB", "IV", "IVA", "IVB"),
    "hormone_state": (
        "hormone_sensitive",
        "castration_resistant",
        "endocrine_resistant_primary",
        "endocrine_resistant_secondary",
    ),
}
OUTCOMES = ("response", "stable", "progression", "intolerance", "completed", "ongoing")
SETTINGS = ("neoadjuvant", "adjuvant", "definitive", "locally_advanced", "metastatic", "maintenance")
OF_THE_CANCER = {"extent", "volume", "timing", "resectable", "stage", "grade", "metastases", "months_since_diagnosis"}
MOST = {"age": 120, "ecog": 4, "grade": 5, "metastases": 999}
