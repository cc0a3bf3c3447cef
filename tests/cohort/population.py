"""An invented population as a flat table: what registries have, three tenths of it unknown.

Columns come from the vocabulary, values from what is plausible there; nothing is meant to be a likely patient.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from txselect.model.vocabulary import Vocabulary

UNKNOWN = 0.3
CANCERS = (
    *("LUAD", "LUSC", "NSCLC", "SCLC", "BREAST", "IDC", "ILC", "COAD", "READ", "COADREAD", "PRAD", "SKCM", "UM", "MEL"),
    *("CCRCC", "PRCC", "RCC", "GBM", "STAD", "PAAD", "BLCA", "HCC", "OVARY", "UCEC"),
)
_OUTCOMES = ("progression", "progression", "progression", "response", "stable", "intolerance", "completed", "ongoing")
_SETTINGS = ("metastatic", "metastatic", "metastatic", "adjuvant", "neoadjuvant", "locally_advanced", "maintenance")


class Population:
    """Draws columns, each with its share of unknowns."""

    def __init__(self, vocabulary: Vocabulary, size: int, seed: int) -> None:
        self.vocabulary = vocabulary
        self.size = size
        self.random = np.random.default_rng(seed)

    def table(self, *, markers: int = 40, measurements: int = 12, terms: int = 12, courses: int = 3) -> pa.Table:
        columns: dict[str, pa.Array] = {
            "id": pa.array(np.char.add("p", np.arange(self.size).astype(str))),
            "cancer.type": self._of([c for c in CANCERS if self.vocabulary.cancer_names.find(c)], unknown=0),
            "age": self._whole(30, 95),
            "sex": self._of(("male", "female")),
            "ecog": self._whole(0, 5),
            "menopausal_status": self._of(("premenopausal", "postmenopausal")),
            "hormone_state": self._of(("hormone_sensitive", "castration_resistant", "endocrine_resistant_primary")),
            "cancer.extent": self._of(
                ("metastatic", "metastatic", "metastatic", "oligometastatic", "locally_advanced")
            ),
            "cancer.metastases": self._whole(1, 12),
            "cancer.resectable": self._flags(0.1),
            "cancer.timing": self._of(("synchronous", "metachronous")),
            "cancer.months_since_diagnosis": self._numbers(0, 120),
            "cancer.sites": self._several([*self.vocabulary.terms["site"]][:12], 3),
            "comorbidities": self._several([*self.vocabulary.terms["comorbidity"]][:20], 2),
        }
        columns |= (
            self._findings(terms) | self._markers(markers) | self._measured(measurements) | self._courses(courses)
        )
        return pa.table(columns)

    def table_with_days(self) -> pa.Table:
        """The same with days of decisions, results and treatments, origins, limits, and contradictions."""
        plain = self.table(markers=30, measurements=6, courses=3)
        columns = {name: plain.column(name).combine_chunks() for name in plain.column_names}
        columns["as_of"] = self._days(2024, 2026, unknown=0.1)
        columns["cancer.diagnosed"] = self._days(2018, 2027)
        markers = [name for name in columns if name.startswith("biomarker.")]
        for name in markers[::2]:
            columns[f"{name}.origin"] = self._of(("germline", "somatic"))
            columns[f"{name}.date"] = self._days(2023, 2027)
        for name in [name for name in columns if name.startswith("measurement.")][::2]:
            short = name.partition(" [")[0]
            columns[f"{short}.upper_limit"] = self._numbers(1, 100)
            columns[f"{short}.date"] = self._days(2023, 2027)
        for number in (1, 2):
            columns[f"prior.{number}.start"] = self._days(2018, 2022, unknown=0.5)
            columns[f"prior.{number}.end"] = self._days(2022, 2027, unknown=0.5)
        return pa.table(columns)

    def _days(self, first: int, last: int, unknown: float = UNKNOWN) -> pa.Array:
        start = np.datetime64(f"{first}-01-01")
        days = start + self.random.integers(0, 365 * (last - first), self.size).astype("timedelta64[D]")
        return self._known(days, unknown)

    def _findings(self, count: int) -> dict[str, pa.Array]:
        return {f"findings.{term}": self._flags(0.15) for term in [*self.vocabulary.terms["finding"]][:count]}

    def _markers(self, count: int) -> dict[str, pa.Array]:
        entries = list(self.vocabulary.biomarkers.values())
        chosen = self.random.permutation(len(entries))[:count]
        columns: dict[str, pa.Array] = {}
        for entry in (entries[number] for number in sorted(chosen)):
            name = f"biomarker.{entry.id}"
            if entry.scale:
                columns[name] = self._of(entry.scale)
            elif entry.measured:
                columns[name] = self._numbers(entry.minimum or 0, entry.maximum or 100)
            else:
                columns[name] = self._of(("positive", "negative", "negative", "negative", "equivocal", "not_tested"))
        return columns

    def _measured(self, count: int) -> dict[str, pa.Array]:
        entries = list(self.vocabulary.measurements.values())[:count]
        return {
            f"measurement.{entry.id} [{entry.unit}]": self._numbers(entry.minimum or 0, entry.maximum or 1000)
            for entry in entries
        }

    def _courses(self, count: int) -> dict[str, pa.Array]:
        every = [*self.vocabulary.agents, *self.vocabulary.therapies]
        names = self.random.permutation(every)[:150].tolist()
        columns: dict[str, pa.Array] = {"prior_therapies.complete": self._flags(0.9)}
        for number in range(1, count + 1):
            there = self.random.random(self.size) < 0.7**number
            columns |= {
                f"prior.{number}.therapy": _where(there, self._of(names, unknown=0)),
                f"prior.{number}.setting": _where(there, self._of(_SETTINGS)),
                f"prior.{number}.outcome": _where(there, self._of(_OUTCOMES)),
                f"prior.{number}.line": _where(there, self._whole(number, number + 1)),
                f"prior.{number}.months_since_end": _where(there, self._numbers(0, 40)),
            }
        return columns

    def _of(self, values: Sequence[str], unknown: float = UNKNOWN) -> pa.Array:
        codes = self.random.integers(len(values), size=self.size, dtype=np.int32)
        return pa.DictionaryArray.from_arrays(self._known(codes, unknown), pa.array(list(values)))

    def _whole(self, low: int, high: int) -> pa.Array:
        return self._known(self.random.integers(low, high, size=self.size))

    def _numbers(self, low: float, high: float) -> pa.Array:
        return self._known(np.round(self.random.uniform(low, high, self.size), 1))

    def _flags(self, share: float) -> pa.Array:
        return self._known(self.random.random(self.size) < share)

    def _several(self, values: Sequence[str], most: int) -> pa.Array:
        return self._of(
            [
                ";".join(self.random.choice(values, count, replace=False))
                for count in range(1, most + 1)
                for _ in range(30)
            ]
        )

    def _known(self, values: np.ndarray, unknown: float = UNKNOWN) -> pa.Array:
        return pa.array(values, mask=self.random.random(self.size) < unknown)


def _where(there: np.ndarray, column: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(there), column, pa.scalar(None, column.type))
