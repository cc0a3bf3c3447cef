"""The ways to turn a therapy, by trying everything: each set of questions with each answer, in the real pipeline.

Nothing here knows the theory or the solver. Questions are read off the leaves. Answers are concrete values: on, below
and above every bound, and every word, whether or not somebody has found that they come to the same.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import combinations, product
from math import prod
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
from txselect.model.vocabulary import Biomarker, Measurement
from txselect.pipeline import Rules, reread

Way = frozenset[str]
"""Questions, each by the path that a change of it has, or for markers and prior therapies by what it is about."""

Asked = dict[str, list[Change]]

FIELDS: dict[str, tuple[Any, ...]] = {
    "extent": ("localised", "locally_advanced", "metastatic", "oligometastatic", "polymetastatic"),
    "volume": ("high", "low"),
    "timing": ("synchronous", "metachronous"),
    "stage": ("I", "IA", "IA1", "II", "IIA", "III", "IIIA", "IIIB", "IV", "IVA", "IVB"),
    "resectable": (True, False),
    "sex": ("male", "female"),
    "menopausal_status": ("premenopausal", "perimenopausal", "postmenopausal"),
    "hormone_state": ("hormone_sensitive", "castration_resistant", "endocrine_resistant_primary"),
}
OF_THE_CANCER = frozenset(
    {"extent", "volume", "timing", "stage", "resectable", "grade", "metastases", "months_since_diagnosis"}
)
GREATEST = {"age": 120, "ecog": 4, "grade": 5, "metastases": 999, "months_since_diagnosis": 900}
OUTCOMES = ("response", "progression", "intolerance", "ongoing")
SETTINGS = ("adjuvant", "metastatic")
ORIGINS = ("", " germline", " somatic")
ANOTHER = "another prior therapy"


class Brute:
    """One therapy for one patient."""

    def __init__(self, rules: Rules, reading: Reading, therapy: str) -> None:
        self.rules = rules
        self.reading = reading
        self.therapy = therapy
        self.vocabulary = rules.pack.vocabulary
        self.leaves = list(_leaves(reading, therapy))
        self.recommended = self.status(()) == "recommended"

    def status(self, changes: Iterable[Change]) -> Status | None:
        """The status after changes; None where they contradict each other."""
        patient = self.reading.patient
        try:
            profile = changed(patient.profile, changes, self.vocabulary).profile
        except InputError:
            return None
        after = reread(self.rules, profile, patient.as_of, None)
        nodes = after.program.options[self.therapy]
        return status_of(after.truth(nodes.indicated), after.truth(nodes.contraindicated))

    def turns(self, changes: Iterable[Change]) -> bool:
        return self.status(changes) in (("excluded", "not_indicated") if self.recommended else ("recommended",))

    def sets(self, size: int) -> int:
        """How many sets of so many answers there are."""
        return sum(prod(len(self.asked[name]) for name in names) for names in combinations(self.asked, size))

    def ways(self, most: int) -> set[Way]:
        """Every way of at most so many questions."""
        found: set[Way] = set()
        for size in range(1, most + 1):
            for names in combinations(self.asked, size):
                smaller = any(way <= set(names) for way in found)
                if not smaller and any(map(self.turns, product(*(self.asked[name] for name in names)))):
                    found.add(frozenset(names))
        return found

    @cached_property
    def asked(self) -> Asked:
        """The answers that are tried, by question."""
        asked: Asked = {}
        for leaf in self.leaves:
            for name, answers in self._about(leaf):
                asked.setdefault(name, []).extend(answer for answer in answers if answer not in asked.get(name, ()))
        return asked

    def _about(self, leaf: Leaf) -> Iterator[tuple[str, list[Change]]]:
        """The questions that a leaf asks."""
        match leaf:
            case CancerIs():
                codes = sorted(self.vocabulary.cancer_kinds.below(self.reading.patient.cancer))
                yield "cancer.type", [Change("cancer.type", code) for code in codes]
            case MarkerIs(marker, _, origin):
                about = self.rules.words.missing(MarkerIs(marker, True, origin))
                origins = (f" {origin}",) if origin else ORIGINS
                states = [state + origin for origin in origins for state in ("positive", "negative")]
                yield about, [Change(f"biomarkers.{marker}", state) for state in states]
            case MarkerMeasures(marker):
                path = f"biomarkers.{marker}"
                yield path, [Change(path, value) for value in self._marker_values(self.vocabulary.biomarkers[marker])]
            case Measures(name):
                path = f"measurements.{name}"
                entry = self.vocabulary.measurements[name]
                yield path, [Change(path, f"{value:.12g} {entry.unit}") for value in self._measured_values(entry)]
            case Listed(kind, names):
                yield from self._about_a_list(kind, names)
            case FieldIs(name):
                yield _path(name), [Change(_path(name), value) for value in FIELDS[name]]
            case FieldMeasures("prior_lines") | TherapyGiven():
                yield from self._about_therapies()
            case FieldMeasures(name):
                whole = name != "months_since_diagnosis"
                values = _around(self._bounds(FieldMeasures, name), 0, GREATEST[name], 1 if whole else 0.5)
                yield _path(name), [Change(_path(name), int(value) if whole else value) for value in values]

    def _bounds(self, kind: type[Any], name: str) -> set[float]:
        named = (leaf for leaf in self.leaves if isinstance(leaf, kind) and name in (_name(leaf), None))
        return {bound for leaf in named for bound in _bounds(leaf.comparison)}

    def _marker_values(self, marker: Biomarker) -> list[str]:
        if marker.scale:
            return list(marker.scale)
        implied = {0.0, 1.0, 50.0, 10.0}
        values = _around(self._bounds(MarkerMeasures, marker.id) | implied, marker.minimum, marker.maximum, 0.5)
        return [f"{value:g} {marker.unit}" for value in values]

    def _measured_values(self, entry: Measurement) -> list[float]:
        """On and around each bound, taken as it is and as a multiple of each limit of normal that may be meant."""
        limits = {1.0, 1.2, 12.0, 18.0}
        for limit in (entry.lower_limit, entry.upper_limit):
            limits |= set(limit.values()) if isinstance(limit, dict) else {limit} if limit else set()
        bounds = {bound * limit for bound in self._bounds(Measures, entry.id) for limit in limits}
        return _around(bounds, entry.minimum or 0, entry.maximum, 0.05)

    def _about_a_list(self, kind: str, names: Iterable[str]) -> Iterator[tuple[str, list[Change]]]:
        patient, path = self.reading.patient, LIST_NAMES[kind]
        for name in names:
            yield f"{path}.{name}", [Change(f"{path}.{name}", state) for state in ("present", "absent")]
        if kind not in patient.listings or not patient.listings[kind].complete:
            yield path, [Change(path, COMPLETE)]

    # prior therapies

    def _about_therapies(self) -> Iterator[tuple[str, list[Change]]]:
        leaves = [leaf for leaf in self.leaves if isinstance(leaf, TherapyGiven)]
        names = list(dict.fromkeys(name for leaf in leaves for name in leaf.classes))
        details = list(self._details(leaves))
        for name in names:
            yield f"prior {self.vocabulary.therapy_label(name)}", [_added(name, detail) for detail in details]
        if any(not leaf.classes for leaf in leaves) or self._counts_lines():
            free = self._of_no_class_asked(names)
            yield ANOTHER, [_added(name, detail) for name in free[:2] for detail in details]
        for record in self.reading.patient.therapies:
            path = f"prior_therapies.{record.position}"
            altered = [Change(path, detail) for detail in details if detail]
            yield path, [Change(path, "none"), *altered]
        if not self.reading.patient.therapies_complete:
            yield "prior_therapies", [Change("prior_therapies", COMPLETE)]

    def _counts_lines(self) -> bool:
        return any(isinstance(leaf, FieldMeasures) and leaf.name == "prior_lines" for leaf in self.leaves)

    def _of_no_class_asked(self, names: Iterable[str]) -> list[str]:
        kinds = self.vocabulary.therapy_kinds
        related = {other for name in names for other in kinds.related(name)}
        return [name for name in self.vocabulary.therapies if name not in related]

    def _details(self, leaves: list[TherapyGiven]) -> Iterator[dict[str, Any]]:
        """Every combination of details that some leaf asks for; None leaves one out."""
        counted = self._counts_lines()
        values: dict[str, Iterable[Any]] = {}
        if any(leaf.outcomes for leaf in leaves):
            values["outcome"] = OUTCOMES
        if counted or any(leaf.settings for leaf in leaves):
            values["setting"] = SETTINGS
        if any(leaf.hormone_states for leaf in leaves):
            values["hormone_state"] = FIELDS["hormone_state"][:2]
        for key in ("months_since_end", "months_on_therapy"):
            bounds = {bound for leaf in leaves if (asked := getattr(leaf, key)) for bound in _bounds(asked)}
            if bounds:
                values[key] = _around(bounds, 0, 900, 0.5)
        lines = {bound for leaf in leaves if leaf.line for bound in _bounds(leaf.line)}
        lines |= self._bounds(FieldMeasures, "prior_lines") if counted else set()
        if lines:
            values["line"] = [int(value) for value in _around(lines, 1, 30, 1)]
        for chosen in product(*((None, *choices) for choices in values.values())):
            yield {key: value for key, value in zip(values, chosen, strict=True) if value is not None}


def _leaves(reading: Reading, therapy: str) -> Iterator[Leaf]:
    """Every leaf below what decides a therapy."""
    nodes = reading.program.options[therapy]
    waiting = [reference // 2 for reference in (nodes.indicated, nodes.contraindicated) if reference is not None]
    seen: set[int] = set()
    while waiting:
        number = waiting.pop()
        node = reading.program.nodes[number]
        if number not in seen:
            seen.add(number)
            waiting += [child // 2 for child in node.children]
            if node.leaf is not None:
                yield node.leaf


def _name(leaf: Any) -> str:
    return str(leaf.marker if isinstance(leaf, MarkerMeasures) else leaf.name)


def _path(field: str) -> str:
    return f"cancer.{field}" if field in OF_THE_CANCER else field


def _bounds(asked: Comparison) -> set[float]:
    bounds = (asked.at_least, asked.at_most, asked.above, asked.below, asked.equals)
    return {bound for bound in bounds if bound is not None}


def _around(bounds: Iterable[float], low: float | None, high: float | None, step: float) -> list[float]:
    """The bounds and what lies a step below and above each, as far as it can be."""
    near = {round(bound + slip, 9) for bound in bounds for slip in (-step, 0, step)}
    return sorted(value for value in near if (low is None or value >= low) and (high is None or value <= high))


def _added(name: str, details: dict[str, Any]) -> Change:
    return Change("prior_therapies.new", {"therapy": [name], **details})
