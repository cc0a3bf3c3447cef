"""Conditions and findings in plain words: what is asked, what was found, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from txselect.language.markers import circumstances, said, value_text
from txselect.language.statements import field_label
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
from txselect.model.patient import MarkerKnowledge, Patient, Span, TherapyRecord
from txselect.model.profile import LIST_NAMES, BiomarkerReport
from txselect.model.rules import RulePack
from txselect.program.observe import leaf_test

_FIELD_NAMES = {
    "resectable": "resectability",
    "months_since_diagnosis": "time since diagnosis",
    "prior_lines": "number of systemic lines in the metastatic setting",
}
"""Fields whose name as something that is missing is not their usual label."""
LIST_WORDS = {
    "prior_therapies": "prior therapies",
    "sites": "metastatic sites",
    "comorbidities": "comorbidities",
    "drugs": "concomitant drugs",
    "preferences": "the patient's preferences",
}
"""Lists that can be taken as complete, by their key in the profile."""
_COUNTED = {
    "age": ("year", "years"),
    "months_since_diagnosis": ("month", "months"),
    "metastases": ("metastasis", "metastases"),
    "prior_lines": ("systemic line in the metastatic setting", "systemic lines in the metastatic setting"),
}
"""What a number of the profile counts, one and many."""
_LISTED = {
    "site": "metastases in {}",
    "drug": "takes {}",
    "preference": "the patient's wish: {}",
}
_UNLISTED = {
    "site": "no metastases in {}",
    "drug": "takes no {}",
    "preference": "not the patient's wish: {}",
}
_OUTCOMES = {
    "response": "with a response",
    "stable": "with stable disease",
    "progression": "with progression",
    "intolerance": "stopped for intolerance",
    "completed": "completed as planned",
    "ongoing": "still given",
}


MOST_THERAPIES_SHOWN = 3
ROOM = 180
"""Characters that a condition takes at most, because nobody reads longer sentences."""
UNLIMITED = 100_000


def joined(words: Iterable[str], last: str = "or", none: str = "nothing") -> str:
    """Words as an enumeration.

    >>> joined(["a", "b", "c"])
    'a, b or c'
    """
    parts = list(words)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else none


def first_few(words: Iterable[str], shown: int) -> list[str]:
    """The first words, and how many more there are.

    >>> first_few(["a", "b", "c", "d"], 2)
    ['a', 'b', '2 more']
    """
    parts = list(words)
    more = len(parts) - shown
    return [*parts[:shown], f"{more} more"] if more > 0 else parts


def counted(number: int, noun: str, many: str = "") -> str:
    """A number of things.

    >>> counted(1, "rule"), counted(2, "rule"), counted(2, "class", "classes")
    ('1 rule', '2 rules', '2 classes')
    """
    return f"{number} {noun if number == 1 else many or f'{noun}s'}"


def spaced(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


def denied(statement: str) -> str:
    """The opposite of a statement, without a second no.

    >>> denied("earlier taxane chemotherapy"), denied("no ARPI so far")
    ('not: earlier taxane chemotherapy', 'untrue: no ARPI so far')
    """
    return f"{'untrue' if statement.startswith(('no ', 'not ')) else 'not'}: {statement}"


class Wording:
    """Words for one rule pack. Enumerations that take more than `room` characters are cut short, and say so."""

    def __init__(self, pack: RulePack, room: int = ROOM) -> None:
        self.pack = pack
        self.room = room
        self.vocabulary = pack.vocabulary
        self._related_therapies: dict[tuple[str, ...], frozenset[str]] = {}

    # what is asked

    def condition(self, leaf: Leaf) -> str:
        """The condition as a short phrase, true or not."""
        match leaf:
            case CancerIs(codes):
                return self._cancers(codes)
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
                return _LISTED.get(kind, "{}").format(self._terms(kind, names))
            case FieldIs(name, values):
                return self._field(name, values)
            case FieldMeasures(name, comparison):
                return self._number(name, comparison)

    def opposite(self, leaf: Leaf) -> str:
        """The opposite of the condition as a short phrase."""
        match leaf:
            case CancerIs():
                return f"a cancer other than {self.condition(leaf)}"
            case MarkerIs(state=state):
                return self.condition(replace(leaf, state=not state))
            case FieldIs("resectable", values):
                return self._field("resectable", ("false" if values == ("true",) else "true",))
            case TherapyGiven():
                return f"no {self.condition(leaf)}"
            case Listed(kind, names):
                return self._absent(kind, names)
            case _:
                return denied(self.condition(leaf))

    def _cancers(self, codes: tuple[str, ...]) -> str:
        return self._fitting([self.vocabulary.cancers[code].label for code in codes])

    def _fitting(self, labels: list[str], taken: int = 0) -> str:
        """An enumeration, of which the first few are named where there is no room for all."""
        for shown in range(len(labels), 1, -1):
            text = joined(first_few(labels, shown))
            if len(text) <= self.room - taken:
                return text
        return joined(first_few(labels, 1))

    def _terms(self, kind: str, names: tuple[str, ...], taken: int = 0) -> str:
        return self._fitting([self.vocabulary.terms[kind][name].label for name in names], taken)

    def _absent(self, kind: str, names: tuple[str, ...]) -> str:
        terms = self._terms(kind, names)
        if kind in _UNLISTED:
            return _UNLISTED[kind].format(terms)
        if len(names) > 1:
            return f"none of these: {terms}"
        return self.vocabulary.terms[kind][names[0]].absent or f"no {terms}"

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
        parts = []
        if leaf.outcomes:
            parts.append(joined(_OUTCOMES[outcome] for outcome in leaf.outcomes))
        if leaf.settings:
            parts.append(f"in the {joined(map(spaced, leaf.settings))} setting")
        if leaf.hormone_states:
            parts.append(f"while {joined(spaced(state) for state in leaf.hormone_states)}")
        if leaf.line:
            parts.append(f"as line {leaf.line.text()}")
        if leaf.months_since_end:
            parts.append(f"that ended {_duration(leaf.months_since_end)} ago")
        if leaf.months_on_therapy:
            parts.append(f"given for {_duration(leaf.months_on_therapy)}")
        how = " ".join(parts)
        return f"prior {self._classes(leaf.classes, len(how))} {how}".rstrip()

    def _classes(self, classes: tuple[str, ...], taken: int = 0) -> str:
        return self._fitting([self.vocabulary.therapy_label(name) for name in classes], taken) if classes else "therapy"

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
            case "prior_lines" | "metastases":
                return comparison.text(_noun(name, comparison.text()))
            case "months_since_diagnosis":
                return f"{_duration(comparison)} since diagnosis"
            case "ecog":
                return f"ECOG {comparison.text()}"
            case _:
                return f"{name} {comparison.text(_noun(name, comparison.text()))}"

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
        negative = (*knowledge.negative, *knowledge.germline_negative)
        excluding = [report for report in negative if report.state == "positive"]
        direct = (*knowledge.positive, *(r for r in negative if r.state != "positive"), *knowledge.measured)
        reports = dict.fromkeys(self._report(report, marker) for report in (*direct, *excluding))
        if reports:
            return f"{joined(reports, 'and')}{', ruling it out' if excluding else ''}"
        return joined(dict.fromkeys(_unsettled(report) for report in knowledge.unsettled), "and")

    def _report(self, report: BiomarkerReport, marker: str) -> str:
        """A result with its circumstances; a value of the very marker needs no name."""
        tail = circumstances(report)
        own_value = report.value is not None and self.vocabulary.marker_names.find(report.marker) == marker
        says = value_text(report) if own_value else said(self._named(report))
        return f"{says} ({tail})" if tail else says

    def _named(self, report: BiomarkerReport) -> BiomarkerReport:
        """With the label for an id that is no word; any other spelling is the reporter's own."""
        entry = self.vocabulary.biomarkers.get(report.marker)
        return report.model_copy(update={"marker": entry.label}) if entry and "_" in entry.id else report

    def _measurement_found(self, name: str, patient: Patient) -> str:
        found = patient.measurements.get(name)
        if found is None:
            known_as = self.vocabulary.measurement_names.find
            reported = any(known_as(report.name) == name for report in patient.profile.measurements)
            return "no result that counts" if reported else "not measured"
        day = f" ({found.report.date})" if found.report.date else ""
        return f"{found.report.value:g} {found.report.unit}{day}"

    def found_for(self, leaf: Leaf, patient: Patient) -> str:
        """What the profile says about this very condition: of the prior therapies those that meet or may meet it."""
        if not isinstance(leaf, TherapyGiven) or not patient.therapies:
            return self.found(leaf, patient)
        meets = leaf_test(leaf, self.vocabulary)
        alone = (
            (record, replace(patient, therapies=(record,), therapies_complete=True)) for record in patient.therapies
        )
        concerned = [record for record, patient_with_it in alone if meets(patient_with_it) is not False]
        if not concerned and not leaf.classes:
            return f"{counted(len(patient.therapies), 'prior therapy', 'prior therapies')} listed, none like this"
        if concerned:
            return self._records(concerned)
        near = self.found(leaf, patient)
        return near if near.startswith("no ") else f"none like this; listed: {near}"

    def _records(self, records: Iterable[TherapyRecord]) -> str:
        return "; ".join(first_few(map(self.therapy_record, records), MOST_THERAPIES_SHOWN))

    def _therapies_found(self, leaf: TherapyGiven, patient: Patient) -> str:
        if patient.profile.prior_therapies is None:
            return "prior therapies not stated"
        near = patient.therapies
        if leaf.classes:
            related = self._related(leaf.classes)
            if related.isdisjoint(patient.therapy_names):
                return "no such prior therapy listed"
            near = tuple(record for record in near if not related.isdisjoint(record.names))
        return self._records(near) if near else "no prior therapy listed"

    def _related(self, classes: tuple[str, ...]) -> frozenset[str]:
        known = self._related_therapies.get(classes)
        if known is None:
            related = map(self.vocabulary.therapy_kinds.related, classes)
            known = self._related_therapies[classes] = frozenset().union(*related)
        return known

    def therapy_record(self, record: TherapyRecord) -> str:
        """A prior therapy in a few words."""
        what = " + ".join(self.vocabulary.therapy_label(name) for name in record.names)
        ended = _ended(record.months_since_end) if record.months_since_end else ""
        outcome = record.outcome or ("outcome contradictory" if record.contradictory else "outcome not stated")
        details = (record.setting, record.hormone_state, outcome, ended)
        return f"{what} ({', '.join(spaced(detail) for detail in details if detail)})"

    def _listed_found(self, kind: str, names: tuple[str, ...], patient: Patient) -> str:
        listing = patient.listings.get(kind)
        if listing is None:
            return f"{spaced(LIST_NAMES[kind])} not stated"
        if not listing.states:
            return "not listed"
        near = frozenset().union(*map(self.vocabulary.term_kinds[kind].related, names))
        said = [self._listed_as(kind, other, state) for other, state in listing.states.items() if other in near]
        return joined(said, "and", none="not listed")

    def _listed_as(self, kind: str, name: str, state: bool | None) -> str:
        if state is False:
            return self._absent(kind, (name,))
        label = self.vocabulary.terms[kind][name].label
        return label if state else f"{label} unknown"

    def _number_found(self, name: str, patient: Patient) -> str:
        span = patient.numbers.get(name)
        if span is None:
            return "not stated"
        known = _between(span)
        words = known.text(_noun(name, known.text()))
        return words if name in _COUNTED else f"{_field_name(name)} {words}"

    # what is missing

    def missing(self, leaf: Leaf) -> str:
        """What would have to be known to decide the condition."""
        match leaf:
            case CancerIs():
                return "the exact type of the cancer"
            case MarkerIs(marker, _, origin):
                return f"{self.marker(marker)}{f' ({origin})' if origin else ''}"
            case MarkerMeasures(marker):
                return self.marker(marker)
            case Measures(name):
                return self.vocabulary.measurements[name].label
            case TherapyGiven(classes) if not classes:
                return "prior therapies"
            case TherapyGiven(classes):
                return f"prior {self._classes(classes, taken=self.room // 2)}"
            case Listed(kind, names):
                terms = self._terms(kind, names, taken=self.room // 2)
                return terms if kind != "site" else _LISTED[kind].format(terms)
            case FieldIs(name) | FieldMeasures(name):
                return _field_name(name)

    def state_of_missing(self, leaf: Leaf, patient: Patient) -> str:
        """Why it is unknown: not tested, failed, equivocal, contradictory, not stated."""
        match leaf:
            case MarkerIs(marker) | MarkerMeasures(marker):
                return self._marker_state(patient.markers.get(marker), leaf)
            case CancerIs():
                return f"stated only as {self.found(leaf, patient)}"
            case TherapyGiven() if patient.profile.prior_therapies is None:
                return "not stated"
            case Listed(kind, names) if kind in patient.listings:
                related = frozenset().union(*map(self.vocabulary.term_kinds[kind].related, names))
                return "contradictory" if related & patient.listings[kind].contradictory else "not stated"
            case _:
                return self.found(leaf, patient)

    def _marker_state(self, knowledge: MarkerKnowledge | None, leaf: MarkerIs | MarkerMeasures) -> str:
        if knowledge is None:
            return "not tested"
        if knowledge.contradictory or knowledge.disputed or (knowledge.measured and knowledge.value is None):
            return "contradictory results"
        if isinstance(leaf, MarkerIs) and leaf.origin and (knowledge.positive or knowledge.negative):
            return f"no {leaf.origin} result"
        if knowledge.germline_negative:
            return "germline negative, tumour not tested"
        return joined(dict.fromkeys(_unsettled(report) for report in knowledge.unsettled)) or "not tested"


def _duration(comparison: Comparison) -> str:
    months = comparison.text(_noun("months_since_diagnosis", comparison.text()))
    return months.replace("below", "less than").replace("above", "more than")


def _noun(name: str, bounds: str) -> str:
    """What a number of the profile counts, after the number that is named last."""
    one, many = _COUNTED.get(name, ("", ""))
    return one if bounds.rsplit(maxsplit=1)[-1] == "1" else many


def _between(span: Span) -> Comparison:
    """A span as the bounds that it has."""
    if span.low == span.high:
        return Comparison(equals=float(f"{span.low:.4g}"))
    return Comparison(at_least=span.low, at_most=None if span.high == float("inf") else span.high)


def _field_name(name: str) -> str:
    return _FIELD_NAMES.get(name) or field_label(name)


def _ended(months: float) -> str:
    return f"ended {counted(round(months), 'month')} ago" if months >= 1 else "ended less than a month ago"


def _unsettled(report: BiomarkerReport) -> str:
    if report.state == "positive":
        return f"alteration {report.alteration} of unknown meaning"
    state = {"test_failed": "test failed", "equivocal": "equivocal"}.get(report.state or "", "not tested")
    if report.value is not None:
        state = f"{state} ({value_text(report)})"
    return f"{state} ({report.date})" if report.date else state
