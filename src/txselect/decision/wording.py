"""Conditions and findings in plain words: what is asked, what was found, what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from txselect.language.markers import said, value_text
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
from txselect.model.patient import MarkerKnowledge, Patient, TherapyRecord
from txselect.model.profile import LIST_NAMES, BiomarkerReport
from txselect.model.rules import RulePack

_FIELD_NAMES = {
    "extent": "extent of the disease",
    "volume": "volume of the disease",
    "timing": "timing of the metastases",
    "resectable": "resectability",
    "sex": "sex",
    "menopausal_status": "menopausal status",
    "hormone_state": "hormone state",
    "stage": "stage",
    "grade": "grade",
    "age": "age",
    "ecog": "ECOG performance status",
    "metastases": "number of metastases",
    "months_since_diagnosis": "time since diagnosis",
    "prior_lines": "number of systemic lines in the metastatic setting",
}
_UNITS = {"age": "years", "months_since_diagnosis": "months"}
_LISTED = {
    "site": "metastases in {}",
    "drug": "takes {}",
    "preference": "the patient's wish: {}",
}
_OUTCOMES = {
    "response": "with a response",
    "stable": "with stable disease",
    "progression": "with progression",
    "intolerance": "stopped for intolerance",
    "completed": "completed as planned",
    "ongoing": "still given",
}
_SETTINGS = {
    "definitive": "with curative intent",
    "metastatic": "in the metastatic setting",
    "locally_advanced": "for locally advanced disease",
    "maintenance": "as maintenance",
}


MOST_CLASSES_SHOWN = 6


def joined(words: Iterable[str], last: str = "or") -> str:
    """Words as an enumeration.

    >>> joined(["a", "b", "c"])
    'a, b or c'
    """
    parts = list(words)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else "nothing"


def first_few(words: Iterable[str], shown: int) -> list[str]:
    """The first words, and how many more there are.

    >>> first_few(["a", "b", "c", "d"], 2)
    ['a', 'b', '2 more']
    """
    parts = list(words)
    more = len(parts) - shown
    return [*parts[:shown], f"{more} more"] if more > 0 else parts


def spaced(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


class Wording:
    """Words for one rule pack."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        self.vocabulary = pack.vocabulary
        self._related_therapies: dict[tuple[str, ...], frozenset[str]] = {}

    # what is asked

    def condition(self, leaf: Leaf) -> str:
        """The condition as a short phrase, true or not."""
        match leaf:
            case CancerIs(codes):
                return joined(self.vocabulary.cancers[code].label for code in codes) if codes else "nothing"
            case MarkerIs(marker, state, origin):
                source = f" ({origin})" if origin else ""
                return f"{self.marker(marker)} {'positive' if state else 'negative'}{source}"
            case MarkerMeasures(marker, comparison):
                entry = self.vocabulary.biomarkers[marker]
                return f"{entry.label} {comparison.text(entry.unit or '', entry.scale)}"
            case Measures():
                return self._measure(leaf)
            case TherapyGiven():
                return self._therapy(leaf)
            case Listed(kind, names):
                labels = joined(self.vocabulary.terms[kind][name].label for name in names)
                return _LISTED.get(kind, "{}").format(labels)
            case FieldIs(name, values):
                return self._field(name, values)
            case FieldMeasures(name, comparison):
                return self._number(name, comparison)

    def marker(self, marker: str) -> str:
        return self.vocabulary.biomarkers[marker].label

    def _measure(self, leaf: Measures) -> str:
        entry = self.vocabulary.measurements[leaf.name]
        if leaf.relative_to is None:
            return f"{entry.label} {leaf.comparison.text(entry.unit)}"
        factor = leaf.comparison.above or leaf.comparison.below
        times = "" if factor == 1 else f"{factor:g} times "
        where = ("above", "upper") if leaf.relative_to == "upper_limit" else ("below", "lower")
        return f"{entry.label} {where[0]} {times}the {where[1]} limit of normal"

    def _therapy(self, leaf: TherapyGiven) -> str:
        what = self._classes(leaf.classes) if leaf.classes else "therapy"
        parts = [f"prior {what}"]
        if leaf.outcomes:
            parts.append(joined(_OUTCOMES[outcome] for outcome in leaf.outcomes))
        if leaf.settings:
            parts.append(joined(_SETTINGS.get(setting, f"as {setting} therapy") for setting in leaf.settings))
        if leaf.hormone_states:
            parts.append(f"while {joined(spaced(state) for state in leaf.hormone_states)}")
        if leaf.line:
            parts.append(f"as line {leaf.line.text()}")
        if leaf.months_since_end:
            parts.append(f"that ended {_duration(leaf.months_since_end)} ago")
        if leaf.months_on_therapy:
            parts.append(f"given for {_duration(leaf.months_on_therapy)}")
        return " ".join(parts)

    def _classes(self, classes: tuple[str, ...]) -> str:
        """Labels; of a long list the first few and how many more, since the rule's own page shows them all."""
        labels = [self.vocabulary.therapy_label(name) for name in classes]
        shown = labels if len(labels) <= MOST_CLASSES_SHOWN else labels[: MOST_CLASSES_SHOWN - 1]
        return joined([*shown, *([f"{len(labels) - len(shown)} more classes"] if len(shown) < len(labels) else [])])

    def _field(self, name: str, values: tuple[str, ...]) -> str:
        words = joined(spaced(value) for value in values)
        match name:
            case "resectable":
                return "every lesion resectable" if values == ("true",) else "not every lesion resectable"
            case "volume":
                return f"{words}-volume disease"
            case "timing":
                return f"{words} metastases"
            case "stage":
                return f"stage {words}"
            case "extent":
                return f"{words} disease"
            case _:
                return words

    def _number(self, name: str, comparison: Comparison) -> str:
        match name:
            case "prior_lines" if comparison == Comparison(at_most=0):
                return "no systemic therapy yet in the metastatic setting"
            case "prior_lines":
                return f"systemic lines in the metastatic setting: {comparison.text()}"
            case "metastases":
                return f"{comparison.text()} metastases"
            case "months_since_diagnosis":
                return f"{_duration(comparison)} since diagnosis"
            case "ecog":
                return f"ECOG {comparison.text()}"
            case _:
                return f"{name} {comparison.text(_UNITS.get(name, ''))}"

    # what was found

    def found(self, leaf: Leaf, patient: Patient) -> str:
        """What the profile says about it, with its value and unit."""
        match leaf:
            case CancerIs():
                return self.vocabulary.cancers[patient.cancer].label
            case MarkerIs(marker) | MarkerMeasures(marker):
                return self.marker_found(marker, patient)
            case Measures(name):
                return self._measurement_found(name, patient)
            case TherapyGiven():
                return self._therapies_found(leaf, patient)
            case Listed(kind, names):
                return self._listed_found(kind, names, patient)
            case FieldIs(name) if name == "resectable" and name in patient.fields:
                return "resectable" if patient.fields[name] == "true" else "not resectable"
            case FieldIs(name):
                return spaced(patient.fields[name]) if name in patient.fields else "not stated"
            case FieldMeasures(name):
                return self._number_found(name, patient)

    def marker_found(self, marker: str, patient: Patient) -> str:
        knowledge = patient.markers.get(marker)
        if knowledge is None:
            return "not tested"
        reports = (*knowledge.positive, *knowledge.negative, *knowledge.germline_negative, *knowledge.measured)
        if reports:
            return joined(dict.fromkeys(self._report(report) for report in reports), "and")
        return joined(dict.fromkeys(_unsettled(report) for report in knowledge.unsettled), "and")

    def _report(self, report: BiomarkerReport) -> str:
        details = [report.origin or "", report.assay or "", report.specimen or "", str(report.date or "")]
        tail = ", ".join(detail for detail in details if detail)
        return f"{said(report)} ({tail})" if tail else said(report)

    def _measurement_found(self, name: str, patient: Patient) -> str:
        found = patient.measurements.get(name)
        if found is None:
            known_as = self.vocabulary.measurement_names.find
            reported = any(known_as(report.name) == name for report in patient.profile.measurements)
            return "no result that counts" if reported else "not measured"
        day = f" ({found.report.date})" if found.report.date else ""
        return f"{found.report.value:g} {found.report.unit}{day}"

    def _therapies_found(self, leaf: TherapyGiven, patient: Patient) -> str:
        if patient.profile.prior_therapies is None:
            return "prior therapies not stated"
        near = patient.therapies
        if leaf.classes:
            related = self._related(leaf.classes)
            if related.isdisjoint(patient.therapy_names):
                return "no such prior therapy listed"
            near = tuple(record for record in near if not related.isdisjoint(record.names))
        return joined(map(self.therapy_record, near), "and") if near else "no prior therapy listed"

    def _related(self, classes: tuple[str, ...]) -> frozenset[str]:
        known = self._related_therapies.get(classes)
        if known is None:
            related = map(self.vocabulary.therapy_kinds.related, classes)
            known = self._related_therapies[classes] = frozenset().union(*related)
        return known

    def therapy_record(self, record: TherapyRecord) -> str:
        """A prior therapy in a few words."""
        what = " + ".join(self.vocabulary.therapy_label(name) for name in record.names)
        ended = f"ended {record.months_since_end:.0f} months ago" if record.months_since_end else ""
        outcome = record.outcome or ("outcome contradictory" if record.contradictory else "outcome not stated")
        details = (record.setting, record.hormone_state, outcome, ended)
        return f"{what} ({', '.join(spaced(detail) for detail in details if detail)})"

    def _listed_found(self, kind: str, names: tuple[str, ...], patient: Patient) -> str:
        listing = patient.listings.get(kind)
        if listing is None:
            return f"{spaced(LIST_NAMES[kind])} not stated"
        if not listing.states:
            return "not listed"
        terms = self.vocabulary.terms[kind]
        near = frozenset().union(*map(self.vocabulary.term_kinds[kind].related, names))
        related = [
            f"{terms[other].label}{'' if state else ' absent' if state is False else ' unknown'}"
            for other, state in listing.states.items()
            if other in near
        ]
        return joined(related, "and") if related else "not listed"

    def _number_found(self, name: str, patient: Patient) -> str:
        span = patient.numbers.get(name)
        if span is None:
            return "not stated"
        if span.low == span.high:
            unit = _UNITS.get(name, "")
            return f"{_FIELD_NAMES[name]} {span.low:.4g} {unit}".strip()
        upper = "" if span.high == float("inf") else f" and at most {span.high:g}"
        return f"{_FIELD_NAMES[name]} at least {span.low:g}{upper}"

    # what is missing

    def missing(self, leaf: Leaf) -> str:
        """What would have to be known to decide the condition."""
        match leaf:
            case CancerIs(codes):
                return f"whether the cancer type is {joined(self.vocabulary.cancers[code].label for code in codes)}"
            case MarkerIs(marker, _, origin):
                return f"{self.marker(marker)}{f' ({origin})' if origin else ''}"
            case MarkerMeasures(marker):
                return self.marker(marker)
            case Measures(name):
                return self.vocabulary.measurements[name].label
            case TherapyGiven(classes) if not classes:
                return "prior therapies"
            case TherapyGiven(classes):
                return f"prior {self._classes(classes)}"
            case Listed(kind, names):
                labels = joined(self.vocabulary.terms[kind][name].label for name in names)
                return labels if kind != "site" else _LISTED[kind].format(labels)
            case FieldIs(name) | FieldMeasures(name):
                return _FIELD_NAMES[name]

    def state_of_missing(self, leaf: Leaf, patient: Patient) -> str:
        """Why it is unknown: not tested, failed, equivocal, contradictory, not stated."""
        match leaf:
            case MarkerIs(marker) | MarkerMeasures(marker):
                return self._marker_state(patient.markers.get(marker), leaf)
            case Listed(kind, names) if kind in patient.listings:
                related = frozenset().union(*map(self.vocabulary.term_kinds[kind].related, names))
                return "contradictory" if related & patient.listings[kind].contradictory else "not stated"
            case _:
                return self.found(leaf, patient)

    def _marker_state(self, knowledge: MarkerKnowledge | None, leaf: MarkerIs | MarkerMeasures) -> str:
        if knowledge is None:
            return "not tested"
        if knowledge.contradictory or (knowledge.measured and knowledge.value is None):
            return "contradictory results"
        if isinstance(leaf, MarkerIs) and leaf.origin and (knowledge.positive or knowledge.negative):
            return f"no {leaf.origin} result"
        if knowledge.germline_negative:
            return "germline negative, tumour not tested"
        return joined(dict.fromkeys(_unsettled(report) for report in knowledge.unsettled)) or "not tested"


def _duration(comparison: Comparison) -> str:
    return comparison.text("months").replace("below", "less than").replace("above", "more than")


def _unsettled(report: BiomarkerReport) -> str:
    if report.state == "positive":
        return f"alteration {report.alteration} of unknown meaning"
    state = {"test_failed": "test failed", "equivocal": "equivocal"}.get(report.state or "", "not tested")
    if report.value is not None:
        state = f"{state} ({value_text(report)})"
    return f"{state} ({report.date})" if report.date else state
