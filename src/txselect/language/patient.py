"""From a profile to a `Patient`: names resolved, units converted, intervals computed, nothing lost on the way."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from txselect.errors import PYTHON, Gathering, InputError, Place, Problem, did_you_mean
from txselect.language.markers import marker_knowledge
from txselect.language.scales import scale_step
from txselect.model.forms import implausible_day
from txselect.model.patient import Listing, MeasurementFound, Notice, Patient, Result, Span, TherapyRecord
from txselect.model.profile import (
    CLOSED_WHERE_PRESENT,
    LIST_NAMES,
    NONE_UNLESS_STATED,
    BiomarkerReport,
    MeasurementReport,
    PriorTherapy,
    Profile,
    TermList,
)
from txselect.model.vocabulary import TERM_KINDS, Biomarker, Measurement, Names, Vocabulary

LOCAL_OR_SUPPORTIVE = frozenset({"surgery", "radiotherapy", "ablation", "surveillance", "bone_health", "supportive"})
"""Modalities that are no line of systemic therapy."""

_POINT_MUTATION = re.compile(r"(p\.)?[A-Z][0-9]+[A-Z*]", re.IGNORECASE)
"""Such a change is its own name: one letter apart is another change, not a slip of the pen."""

_FIELDS = ("sex", "menopausal_status", "hormone_state")
_CANCER_FIELDS = ("extent", "volume", "timing")

STAGE = re.compile(r"(0|I{1,3}|IV)([A-E][0-9]?|S)?")
"""A stage as profiles and rules write it."""


def patient_of(profile: Profile, vocabulary: Vocabulary, as_of: date) -> Patient:
    """The profile in the vocabulary's words on the day `as_of`.

    Raises InputError with every name, unit or value that cannot be used.
    """
    wrong_day = implausible_day(as_of)
    if wrong_day:
        raise InputError([Problem(PYTHON, "TX005", wrong_day)])
    return _Normalising(profile, vocabulary, as_of).patient()


def results_of(profile: Profile, vocabulary: Vocabulary, as_of: date) -> tuple[Result, ...]:
    """The profile's biomarker reports with their markers and values; one that says nothing is left out.

    Raises InputError with every name, unit or value of a report that cannot be used.
    """
    return _Normalising(profile, vocabulary, as_of).results()


def months_between(earlier: date, later: date) -> float:
    """Calendar months between two days: whole on the same day of the month, so that six months end on that day.

    >>> months_between(date(2025, 1, 1), date(2025, 7, 1)), months_between(date(2025, 1, 31), date(2025, 2, 28))
    (6.0, 1.0)
    """
    whole = 12 * (later.year - earlier.year) + later.month - earlier.month
    if _months_after(earlier, whole) > later:
        whole -= 1
    reached, due = _months_after(earlier, whole), _months_after(earlier, whole + 1)
    return whole + (later - reached) / (due - reached)


def _months_after(day: date, months: int) -> date:
    """The same day of another month, or that month's last."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class _Normalising:
    def __init__(self, profile: Profile, vocabulary: Vocabulary, as_of: date) -> None:
        self.profile = profile
        self.vocabulary = vocabulary
        self.as_of = as_of
        self.problems = Gathering()
        self.notices: list[Notice] = []
        self.unknown_alterations: set[int] = set()

    def patient(self) -> Patient:
        cancer = self._resolved(
            "cancer type", self.profile.cancer.type, self.vocabulary.cancer_names, self._place("type")
        )
        listings = {kind: self._listing(kind, terms) for kind in TERM_KINDS if (terms := self.profile.term_list(kind))}
        listings.setdefault(NONE_UNLESS_STATED, Listing({}, complete=True))
        therapies, complete = self._therapies()
        results = tuple(self._results())
        markers, contradictions = marker_knowledge(results, self.vocabulary)
        measurements = self._measurements()
        fields = self._fields()
        self.notices += contradictions
        self.notices += [
            Notice("unrecognised_finding", f"not read by any rule: {t}") for t in self.profile.other_findings
        ]
        self.problems.raise_if_any()
        return Patient(
            profile=self.profile,
            as_of=self.as_of,
            cancer=cancer or "",
            fields=fields,
            numbers=self._numbers(therapies, complete),
            listings=listings,
            therapies=therapies,
            therapies_complete=complete,
            results=results,
            markers=markers,
            measurements=measurements,
            notices=tuple(self.notices),
        )

    def results(self) -> tuple[Result, ...]:
        results = tuple(self._results())
        self.problems.raise_if_any()
        return results

    def _place(self, key: str) -> Place:
        return self.profile.cancer.place.at(key)

    def _resolved(self, kind: str, name: str, names: Names, place: Place) -> str | None:
        """The id behind a name that the logic needs; a problem if there is none."""
        found = names.find(name)
        if found is None:
            hint = did_you_mean(name, names.all_spellings())
            self.problems.add(place, "TX006", f"unknown {kind} `{name}`", hint)
        return found

    def _fields(self) -> dict[str, str]:
        fields = {name: getattr(self.profile, name) for name in _FIELDS}
        fields |= {name: getattr(self.profile.cancer, name) for name in _CANCER_FIELDS}
        resectable = self.profile.cancer.resectable
        fields["stage"] = self._stage()
        fields["resectable"] = None if resectable is None else str(resectable).lower()
        return {name: value for name, value in fields.items() if value is not None}

    def _stage(self) -> str | None:
        """The stage as rules write it: IVB. Anything else would be no stage that a rule asks for, in silence."""
        given = self.profile.cancer.stage
        if given is None:
            return None
        stage = given.upper().removeprefix("STAGE").strip()
        if not STAGE.fullmatch(stage):
            hint = "write a Roman number with its letter, such as IIIA or IV"
            self.problems.add(self._place("stage"), "TX005", f"unknown stage `{given}`", hint)
        return stage

    def _numbers(self, therapies: tuple[TherapyRecord, ...], complete: bool) -> dict[str, Span]:
        cancer = self.profile.cancer
        since = cancer.months_since_diagnosis
        if since is None and cancer.diagnosed:
            since = months_between(cancer.diagnosed, self.as_of)
            if since < 0:
                text = f"the diagnosis ({cancer.diagnosed}) lies after the date of the decision ({self.as_of})"
                self.notices.append(Notice("data_conflict", text))
                since = None
        values = {
            "age": self.profile.age,
            "ecog": self.profile.ecog,
            "grade": cancer.grade,
            "metastases": cancer.metastases,
            "months_since_diagnosis": since,
        }
        numbers = {name: Span(value, value) for name, value in values.items() if value is not None}
        if self.profile.prior_therapies is not None:
            numbers["prior_lines"] = prior_lines(therapies, complete)
        return numbers

    def _listing(self, kind: str, terms: TermList) -> Listing:
        complete = kind in CLOSED_WHERE_PRESENT if terms.complete is None else terms.complete
        states: dict[str, bool | None] = {}
        contradictory: set[str] = set()
        for index, item in enumerate(terms.items):
            found = self._term(kind, item.name, self._place_of_term(kind, terms, index))
            if found is None:
                complete = False
                continue
            state = {"present": True, "absent": False, "unknown": None}[item.state]
            if states.setdefault(found, state) != state:
                label = self.vocabulary.terms[kind][found].label
                self.notices.append(Notice("data_conflict", f"{label} is listed both ways. It is treated as unknown."))
                states[found] = None
                contradictory.add(found)
        contradictory.update(self._against_their_kinds(kind, states))
        return Listing(states, complete, frozenset(contradictory))

    def _against_their_kinds(self, kind: str, states: Mapping[str, bool | None]) -> Iterator[str]:
        """The terms listed as present while something that they are a kind of is listed as absent, and that."""
        terms, kinds = self.vocabulary.terms[kind], self.vocabulary.term_kinds[kind]
        for name in (name for name, state in states.items() if state):
            for wider in sorted(other for other in kinds.above(name) if states.get(other) is False):
                labels = terms[name].label, terms[wider].label
                text = "{} is listed as present and {}, which includes it, as absent".format(*labels)
                self.notices.append(Notice("data_conflict", f"{text}. Both are treated as unknown."))
                yield from (name, wider)

    def _place_of_term(self, kind: str, terms: TermList, index: int) -> Place:
        """A term may be written as a mapping or as a name, in a mapping with `items` or in a plain list."""
        item = terms.items[index]
        if item.place != PYTHON:
            return item.place.at("name")
        if terms.place != PYTHON:
            return terms.place.at("items", index)
        return self.profile.holder_of(kind).place.at(LIST_NAMES[kind], index)

    def _term(self, kind: str, name: str, place: Place) -> str | None:
        names = self.vocabulary.term_names[kind]
        found = names.find(name)
        if found is not None:
            return found
        hint = did_you_mean(name, names.all_spellings())
        if hint:
            hint = f"{hint} If it is something else, name it under `other_findings`"
            self.problems.add(place, "TX006", f"unknown {kind} `{name}`", hint)
        else:
            text = f"the {kind} `{name}` is not known to the rules, so the list of this kind is taken as incomplete"
            self.notices.append(Notice("unrecognised_finding", text, (name,)))
        return None

    def _therapies(self) -> tuple[tuple[TherapyRecord, ...], bool]:
        given = self.profile.prior_therapies
        if given is None:
            return (), False
        complete = given.complete is not False
        records: list[TherapyRecord] = []
        for position, item in enumerate(given.items, 1):
            names = self._therapy_names(item)
            if self._in_the_future(item):
                complete = False
            elif names:
                records.append(self._record(item, names, position))
        return tuple(records), complete

    def _therapy_names(self, item: PriorTherapy) -> tuple[str, ...]:
        names = (
            self._resolved(
                "therapy class or agent", name, self.vocabulary.therapy_names, item.place.at("therapy", index)
            )
            for index, name in enumerate(item.therapy)
        )
        return tuple(name for name in names if name)

    def _in_the_future(self, item: PriorTherapy) -> bool:
        late = next((day for day in (item.start, item.end) if day and day > self.as_of), None)
        if late is None:
            return False
        therapy = " + ".join(item.therapy)
        text = f"the prior therapy {therapy} is dated {late}, after the date of the decision ({self.as_of})"
        self.notices.append(Notice("data_conflict", f"{text}. It is set aside, and the list is taken as incomplete."))
        return True

    def _ended_and_ongoing(self, item: PriorTherapy) -> bool:
        """Whether a therapy is given as ongoing and as ended, which is said; then neither is believed."""
        if item.outcome != "ongoing" or not (item.months_since_end or (item.end and item.end < self.as_of)):
            return False
        ended = f"with an end on {item.end}" if item.end else f"with an end {item.months_since_end:g} months ago"
        text = f"the prior therapy {' + '.join(item.therapy)} is given as ongoing and {ended}"
        self.notices.append(Notice("data_conflict", f"{text}. Its outcome and its end are treated as unknown."))
        return True

    def _record(self, item: PriorTherapy, names: tuple[str, ...], position: int) -> TherapyRecord:
        contradictory = self._ended_and_ongoing(item)
        if contradictory:
            item = item.model_copy(update={"outcome": None, "end": None, "months_since_end": None})
        since = item.months_since_end
        if since is None:
            since = 0.0 if item.outcome == "ongoing" else months_between(item.end, self.as_of) if item.end else None
        on = item.months_on_therapy
        last = item.end or (self.as_of if item.outcome == "ongoing" else None)
        if on is None and item.start and last:
            on = months_between(item.start, last)
        return TherapyRecord(
            names=names,
            setting=item.setting,
            line=item.line,
            hormone_state=item.hormone_state,
            outcome=item.outcome,
            months_since_end=since,
            months_on_therapy=on,
            systemic=any(self._systemic(name) for name in names),
            position=position,
            contradictory=contradictory,
        )

    def _systemic(self, name: str) -> bool:
        kinds = self.vocabulary.therapy_kinds.above(name) & self.vocabulary.therapies.keys()
        return not any(self.vocabulary.therapies[kind].modality in LOCAL_OR_SUPPORTIVE for kind in kinds)

    def _results(self) -> Iterator[Result]:
        for report in self.profile.biomarkers:
            marker = self._marker(report)
            if marker and report.superseded:
                text = f"an older result is set aside as superseded: {marker.label}"
                self.notices.append(Notice("caution", text, (marker.id,)))
            elif marker and self._not_yet_known(report.date, marker.label, marker.id):
                continue
            elif marker and report.value is not None:
                value = self._marker_value(report, marker)
                if value is not None:
                    yield Result(marker.id, report, value)
            elif marker and self._has_state(report, marker):
                yield Result(marker.id, report, understood=id(report) not in self.unknown_alterations)

    def _not_yet_known(self, day: date | None, label: str, about: str) -> bool:
        """Whether a result is dated after the decision, which is said; then nothing is made of it."""
        if day is None or day <= self.as_of:
            return False
        text = f"{label} is dated {day}, after the date of the decision ({self.as_of}). It is set aside."
        self.notices.append(Notice("data_conflict", text, (about,)))
        return True

    def _marker(self, report: BiomarkerReport) -> Biomarker | None:
        names = self.vocabulary.marker_names
        found = names.find(report.marker)
        if found is None:
            # Always an error: a misspelled marker that is merely noted would leave the right one untested.
            hint = did_you_mean(report.marker, names.all_spellings()) or self._marker_within(report.marker)
            other = "if it is another marker, name it under `other_findings`"
            hint = f"{hint} {other[0].upper()}{other[1:]}" if hint else other
            self.problems.add(report.place.at("marker"), "TX006", f"unknown marker `{report.marker}`", hint)
            return None
        return self._alteration(report, found) if report.alteration else self.vocabulary.biomarkers[found]

    def _marker_within(self, text: str) -> str:
        found = next((marker for word in text.split() if (marker := self.vocabulary.marker_names.find(word))), None)
        return f"did you mean `{found}`, with the rest as its `alteration`?" if found else ""

    def _alteration(self, report: BiomarkerReport, marker: str) -> Biomarker | None:
        names = self.vocabulary.marker_names
        label = self.vocabulary.biomarkers[marker].label
        for spelling in (
            f"{report.marker} {report.alteration}",
            f"{label} {report.alteration}",
            report.alteration or "",
        ):
            found = names.find(spelling)
            if found and marker in self.vocabulary.marker_kinds.above(found):
                return self.vocabulary.biomarkers[found]
        similar = did_you_mean(report.alteration or "", self._alterations_of(marker))
        if similar and not _POINT_MUTATION.fullmatch(report.alteration or ""):
            hint = f"{similar} If it is another one, leave `alteration` out and name it under `other_findings`"
            message = f"unknown alteration `{report.alteration}` of {label}"
            self.problems.add(report.place.at("alteration"), "TX006", message, hint)
            return None
        text = f"the alteration `{report.alteration}` of {label} is not known to the rules"
        text = f"{text} ({similar})" if similar else text
        if report.state != "positive":
            self.notices.append(Notice("unrecognised_finding", f"{text}; its result is not used", (marker,)))
            return None
        tail = "so the marker stays unknown; if it counts as positive, report it without `alteration`"
        self.notices.append(Notice("unrecognised_finding", f"{text}, {tail}", (marker,)))
        self.unknown_alterations.add(id(report))
        return self.vocabulary.biomarkers[marker]

    def _alterations_of(self, marker: str) -> list[str]:
        """The spellings of a marker's kinds, without the marker's own name in front."""
        kinds = [self.vocabulary.biomarkers[kind] for kind in self.vocabulary.marker_kinds.below(marker)]
        own = {marker, self.vocabulary.biomarkers[marker].label}
        spellings = [spelling for kind in kinds if kind.id != marker for spelling in (kind.label, *kind.aliases)]
        return [spelling.removeprefix(f"{name} ") for spelling in spellings for name in own if name in spelling]

    def _has_state(self, report: BiomarkerReport, marker: Biomarker) -> bool:
        if report.unit:
            self.problems.add(report.place.at("unit"), "TX009", f"`{report.marker}`: a unit without a value")
        if (marker.measured or marker.scale) and report.state in ("positive", "negative"):
            wanted = f"a value in {marker.unit}" if marker.unit else f"one of {', '.join(marker.scale)}"
            place = report.place.at("state")
            self.problems.add(place, "TX005", f"`{report.marker}` has a value, not a state", f"give {wanted}")
            return False
        return True

    def _marker_value(self, report: BiomarkerReport, marker: Biomarker) -> float | None:
        place = report.place.at("value")
        if not (marker.measured or marker.scale):
            measured = [f"`{other.id}`" for other in self._measured_for(marker)]
            hint = f"the value belongs to {' or '.join(measured)}; " if measured else ""
            hint += "here give `state: positive` or `state: negative`"
            self.problems.add(place, "TX005", f"`{report.marker}` has no value, only a state", hint)
            return None
        if isinstance(report.value, str) or marker.scale:
            return self._scale_value(report, marker, place)
        value = self._in_unit(report.marker, float(report.value or 0), report.unit, marker, report.place)
        self._plausible(report.marker, value, marker, place)
        return value

    def _measured_for(self, marker: Biomarker) -> list[Biomarker]:
        """The markers with a value that settle the state of this one."""
        others = self.vocabulary.biomarkers.values()
        return [other for other in others if any(implied.marker == marker.id for implied in other.implies)]

    def _scale_value(self, report: BiomarkerReport, marker: Biomarker, place: Place) -> float | None:
        if marker.scale and report.unit:
            self.problems.add(report.place.at("unit"), "TX009", f"`{report.marker}` has no unit", "leave `unit` out")
        try:
            return scale_step(marker, report.value)
        except ValueError as error:
            hint = did_you_mean(str(report.value), marker.scale)
            if not marker.scale:
                hint = f"write the number as `value` and `unit: {marker.unit}`"
            self.problems.add(place, "TX009", str(error), hint)
            return None

    def _in_unit(
        self, name: str, value: float, unit: str | None, entry: Biomarker | Measurement, place: Place
    ) -> float | None:
        if unit == entry.unit:
            return value
        if unit in entry.other_units:
            return _converted(value, entry.other_units[unit])
        known = [entry.unit or "", *entry.other_units]
        said = f"`{unit}`" if unit else "missing"
        hint = f"use {' or '.join(known)}"
        self.problems.add(place.at("unit"), "TX009", f"the unit of `{name}` is {said}", hint)
        return None

    def _plausible(self, name: str, value: float | None, entry: Biomarker | Measurement, place: Place) -> None:
        low, high = entry.minimum, entry.maximum
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            bounds = f"{'-' if low is None else f'{low:g}'} to {'-' if high is None else f'{high:g}'} {entry.unit}"
            hint = f"plausible values are {bounds}; is the unit right?"
            self.problems.add(place, "TX009", f"`{name}` cannot be {value:g} {entry.unit}", hint)

    def _measurements(self) -> dict[str, MeasurementFound]:
        by_name: dict[str, list[MeasurementFound]] = {}
        for name, measured in filter(None, map(self._measurement, self.profile.measurements)):
            by_name.setdefault(name, []).append(measured)
        newest = {name: self._newest(name, found) for name, found in by_name.items()}
        return {name: found for name, found in newest.items() if found}

    def _newest(self, name: str, found: Sequence[MeasurementFound]) -> MeasurementFound | None:
        """The newest of one measurement; none where values differ on that day or without a day: no order says which."""
        day = max(_day(measured) for measured in found)
        newest = sorted((measured for measured in found if _day(measured) in (day, date.min)), key=_day)
        if len({(measured.value, measured.lower_limit, measured.upper_limit) for measured in newest}) > 1:
            label = self.vocabulary.measurements[name].label
            given = "twice for one day" if newest[0].report.date else "without a date"
            text = f"{label} is given {given} with different values. It is treated as unknown."
            self.notices.append(Notice("data_conflict", text, (name,)))
            return None
        return newest[-1]

    def _measurement(self, report: MeasurementReport) -> tuple[str, MeasurementFound] | None:
        names = self.vocabulary.measurement_names
        name = self._resolved("measurement", report.name, names, report.place.at("name"))
        if name is None:
            return None
        entry = self.vocabulary.measurements[name]
        value = self._in_unit(report.name, report.value, report.unit, entry, report.place)
        self._plausible(report.name, value, entry, report.place.at("value"))
        if value is None or self._not_yet_known(report.date, entry.label, name):
            return None
        factor = entry.other_units.get(report.unit, 1.0)
        lower, lower_assumed = self._limit(report.lower_limit, entry.lower_limit, factor)
        upper, upper_assumed = self._limit(report.upper_limit, entry.upper_limit, factor)
        assumed = (("lower_limit", lower_assumed), ("upper_limit", upper_assumed))
        return name, MeasurementFound(value, lower, upper, tuple(limit for limit, own in assumed if own), report)

    def _limit(
        self, given: float | None, usual: float | dict[str, float] | None, factor: float
    ) -> tuple[float | None, bool]:
        """The limit of normal in the vocabulary's unit, and whether it is the vocabulary's own."""
        if given is not None:
            return _converted(given, factor), False
        if isinstance(usual, dict):
            usual = usual.get(self.profile.sex or "")
        return usual, usual is not None


def _day(measured: MeasurementFound) -> date:
    return measured.report.date or date.min


def _converted(value: float, factor: float) -> float:
    """In the other unit, without the float's dust: 129 g/L is 12.9 g/dL and not a little more."""
    return float(f"{value * factor:.12g}")


def prior_lines(therapies: Collection[TherapyRecord], complete: bool) -> Span:
    """How many lines of systemic therapy were given in the metastatic setting, at least and at most."""
    systemic = [record for record in therapies if record.systemic]
    low = _lines(record for record in systemic if record.setting == "metastatic")
    high = _lines(record for record in systemic if record.setting in ("metastatic", None))
    return Span(low, high if complete else float("inf"))


def _lines(records: Iterable[TherapyRecord]) -> int:
    """Therapies of one line count once; a third line was the third, whatever else is listed."""
    lines = [record.line for record in records]
    numbered = {line for line in lines if line is not None}
    return max(max(numbered, default=0), len(numbered) + lines.count(None))
