"""From the form of a condition to the closed union, every name looked up in the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import comb
from typing import Any

from txselect.errors import Gathering, Place, did_you_mean
from txselect.language.patient import STAGE
from txselect.language.rule_forms import BiomarkerForm, Bounds, ConditionForm, CountForm, MeasurementForm, TherapyForm
from txselect.language.scales import COMPARISONS, marker_bounds, values_off_scale
from txselect.model.condition import (
    All,
    AnyOf,
    AtLeast,
    CancerIs,
    Comparison,
    Condition,
    FactHolds,
    FieldIs,
    FieldMeasures,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    Not,
    TherapyGiven,
)
from txselect.model.vocabulary import TERM_KINDS, Biomarker, Vocabulary

MAXIMUM_SUBSETS = 500
"""`at_least` compiles to one clause for each subset that settles it."""

_NUMBERS = ("grade", "age", "ecog", "metastases", "months_since_diagnosis", "prior_lines")


class ConditionReader:
    """Turns forms into conditions; what is wrong goes to `problems`, and reading goes on."""

    def __init__(self, vocabulary: Vocabulary, problems: Gathering) -> None:
        self.vocabulary = vocabulary
        self.problems = problems

    def read(self, form: ConditionForm) -> Condition:
        key = form.keys()[0]
        value: Any = getattr(form, key)
        place = form.place
        if key in TERM_KINDS:
            return Listed(key, self._known_all(f"{key}", value, self.vocabulary.terms[key], place), place)
        if key in _NUMBERS:
            return FieldMeasures(key, value.comparison(), place)
        special = self._special(key)
        if special:
            return special(value, place)
        if key == "stage":
            self._check_stages(value, place)
        return FieldIs(key, _texts(value), place)

    def _check_stages(self, stages: tuple[str, ...], place: Place) -> None:
        for index, stage in enumerate(stages):
            if not STAGE.fullmatch(stage):
                hint = "write a Roman number with its letter, such as IIIA or IV"
                self.problems.add(place.at("stage", index), "TX005", f"unknown stage `{stage}`", hint)

    def _special(self, key: str) -> Callable[[Any, Place], Condition] | None:
        readers: dict[str, Callable[[Any, Place], Condition]] = {
            "all": lambda parts, place: All(tuple(map(self.read, parts)), place),
            "any": lambda parts, place: AnyOf(tuple(map(self.read, parts)), place),
            "not_": lambda part, place: Not(self.read(part), place),
            "at_least": self._at_least,
            "fact": self._fact,
            "cancer": lambda codes, place: CancerIs(
                self._known_all("cancer code", codes, self.vocabulary.cancers, place), place
            ),
            "biomarker": lambda form, _: self._biomarker(form),
            "measurement": lambda form, _: self._measurement(form),
            "prior_therapy": lambda form, _: self._prior_therapy(form),
        }
        return readers.get(key)

    def known(self, kind: str, name: str, names: Collection[str], place: Place) -> str:
        """`name`, reported if it is not among `names`."""
        if name not in names:
            hint = self._id_spelled(name, names) or did_you_mean(name, names)
            self.problems.add(place, "TX006", f"unknown {kind} `{name}`", hint)
        return name

    def _id_spelled(self, spelling: str, names: Collection[str]) -> str:
        """A hint for a label or an alias where rules give the id."""
        words = self.vocabulary
        lists = (words.cancer_names, words.marker_names, words.measurement_names, words.therapy_names)
        found = {spelled.find(spelling) for spelled in (*lists, *words.term_names.values())} & set(names)
        return f"rules name it by its id, `{min(filter(None, found))}`" if found else ""

    def _known_all(self, kind: str, given: tuple[str, ...], names: Collection[str], place: Place) -> tuple[str, ...]:
        return tuple(self.known(kind, name, names, place.at(kind, index)) for index, name in enumerate(given))

    def _at_least(self, form: CountForm, place: Place) -> Condition:
        total = len(form.of)
        if form.count > total:
            message = f"at least {form.count} of {total} conditions can never hold"
            self.problems.add(form.place.at("count"), "TX005", message)
        elif (subsets := max(comb(total, form.count), comb(total, form.count - 1))) > MAXIMUM_SUBSETS:
            hint = "split the list into derived facts"
            self.problems.add(
                form.place.at("count"),
                "TX012",
                f"at least {form.count} of {total} is too large: {subsets} combinations",
                hint,
            )
        return AtLeast(form.count, tuple(map(self.read, form.of)), place)

    def _fact(self, fact: str, place: Place) -> Condition:
        return FactHolds(self.known("fact", fact, self.vocabulary.facts, place.at("fact")), place)

    def _biomarker(self, form: BiomarkerForm) -> Condition:
        marker = self.vocabulary.biomarkers.get(form.marker)
        if marker is None:
            self.known("marker", form.marker, self.vocabulary.biomarkers, form.place.at("marker"))
            return MarkerIs(form.marker, True, place=form.place)
        if form.state is None:
            return self._measured_marker(form, marker)
        if marker.measured or marker.scale:
            hint = "compare its value, for example with at_least"
            self.problems.add(form.place.at("state"), "TX005", f"`{form.marker}` has a value, not a state", hint)
        elif form.unit or any(getattr(form, name) is not None for name in COMPARISONS):
            hint = "keep `state`; this marker has no value to compare"
            self.problems.add(form.place, "TX005", f"`{form.marker}`: a state and a comparison together", hint)
        return MarkerIs(form.marker, form.state == "positive", form.origin, form.place)

    def _measured_marker(self, form: BiomarkerForm, marker: Biomarker) -> Condition:
        if not (marker.measured or marker.scale):
            message = f"`{form.marker}` needs `state: positive` or `state: negative`"
            self.problems.add(form.place, "TX005", message)
            return MarkerIs(form.marker, True, place=form.place)
        if form.origin:
            hint = "leave `origin` out"
            self.problems.add(form.place.at("origin"), "TX005", f"`{form.marker}` is measured, without origin", hint)
        self._same_unit(form.marker, form.unit, marker.unit, form.place)
        comparison = self._bounds(form, marker)
        return MarkerMeasures(form.marker, comparison, form.place)

    def _bounds(self, form: BiomarkerForm, marker: Biomarker) -> Comparison:
        try:
            comparison = marker_bounds(form, marker)
        except ValueError:
            self._not_on_the_scale(form, marker)
            return Comparison(at_least=0)
        if comparison == Comparison():
            hint = "use at_least, at_most, above, below or equals"
            self.problems.add(form.place, "TX005", f"`{form.marker}` needs a comparison", hint)
        elif comparison.contradictory() or (marker.scale and not any(map(comparison.holds, range(len(marker.scale))))):
            said = comparison.text(marker.unit or "", marker.scale)
            self.problems.add(form.place, "TX005", f"no value of `{form.marker}` meets this comparison: {said}")
        return comparison

    def _not_on_the_scale(self, form: BiomarkerForm, marker: Biomarker) -> None:
        for key, message, hint in values_off_scale(form, marker):
            self.problems.add(form.place.at(key), "TX009", message, hint)

    def _same_unit(self, name: str, given: str | None, unit: str | None, place: Place) -> None:
        if given != unit:
            said = f"`{given}`" if given else "none"
            hint = f"write `unit: {unit}`" if unit else "leave `unit` out"
            self.problems.add(place.at("unit"), "TX009", f"the unit of `{name}` is {unit or 'none'}, not {said}", hint)

    def _measurement(self, form: MeasurementForm) -> Condition:
        entry = self.vocabulary.measurements.get(form.name)
        if entry is None:
            self.known("measurement", form.name, self.vocabulary.measurements, form.place.at("name"))
            return Measures(form.name, Comparison(), place=form.place)
        absolute = Comparison(form.at_least, form.at_most, form.above, form.below, form.equals)
        relative = [limit for limit in (form.above_upper_limit, form.below_lower_limit) if limit is not None]
        if (absolute == Comparison()) == (not relative) or len(relative) > 1:
            hint = "give either numbers with a unit, or above_upper_limit, or below_lower_limit"
            self.problems.add(form.place, "TX005", f"`{form.name}` needs one comparison", hint)
        elif absolute.contradictory():
            said = absolute.text(entry.unit)
            self.problems.add(form.place, "TX005", f"no value of `{form.name}` meets this comparison: {said}")
        if form.above_upper_limit is not None:
            return Measures(form.name, Comparison(above=form.above_upper_limit), "upper_limit", form.place)
        if form.below_lower_limit is not None:
            return Measures(form.name, Comparison(below=form.below_lower_limit), "lower_limit", form.place)
        self._same_unit(form.name, form.unit, entry.unit, form.place)
        return Measures(form.name, absolute, None, form.place)

    def _prior_therapy(self, form: TherapyForm) -> Condition:
        known = self.vocabulary.therapies.keys() | self.vocabulary.agents.keys()
        for index, name in enumerate(form.classes or ()):
            self.known("therapy class or agent", name, known, form.place.at("class", index))
        return TherapyGiven(
            form.classes or (),
            form.outcome,
            form.setting,
            form.hormone_state,
            _comparison(form.line),
            _comparison(form.months_since_end),
            _comparison(form.months_on_therapy),
            form.place,
        )


def _comparison(bounds: Bounds | None) -> Comparison | None:
    return bounds.comparison() if bounds else None


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return (value,) if isinstance(value, str) else tuple(value)
