"""Questions about what is measured: laboratory values, and markers with a value or a step of a scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from txselect.inquiry.cells import Cell, ask, ask_value, comparison_of
from txselect.inquiry.regions import Range, bounds_of, regions
from txselect.inquiry.reports import reports_of
from txselect.inquiry.scene import Scene, literals
from txselect.inquiry.theory import Theory, quoted
from txselect.language.scales import marker_bounds
from txselect.model.change import Change
from txselect.model.condition import MarkerMeasures, Measures
from txselect.model.patient import MarkerKnowledge, MeasurementFound, Patient, Result
from txselect.model.profile import BiomarkerReport
from txselect.model.vocabulary import Biomarker, Measurement


def ask_measured(scene: Scene, theory: Theory) -> None:
    """Add a question for each measurement and each measured marker that some leaf of the cone asks about."""
    for subject, nodes in scene.by_subject.items():
        leaf = scene.cone.leaves[nodes[0]]
        measuring = [node for node in nodes if isinstance(scene.cone.leaves[node], MarkerMeasures)]
        if isinstance(leaf, Measures):
            ask_value(scene, theory, subject, nodes, list(_measured(scene, nodes, leaf.name)), fixed=False)
        elif measuring:
            _ask_measured_marker(scene, theory, subject, measuring)


def _measured(scene: Scene, nodes: Sequence[int], name: str) -> Iterator[Cell]:
    entry = scene.vocabulary.measurements[name]
    people = {"now": scene.patient, **scene.with_either_sex}
    founds = {sex: _measured_anew(scene, person, entry) for sex, person in people.items()}
    bounds = {bound for found in founds.values() for bound in _measured_bounds(scene, nodes, found)}
    known = scene.patient.measurements.get(name)
    near = known.value if known else None

    def patients(value: float) -> dict[str, Patient]:
        return {
            sex: replace(person, measurements={**person.measurements, name: replace(founds[sex], value=value)})
            for sex, person in people.items()
        }

    def seen(by_sex: Mapping[str, Patient]) -> list[tuple[bool | None, ...]]:
        return [scene.truths(nodes, person) for person in by_sex.values()]

    span = _plausible(entry, bounds)
    for region, truths in regions(bounds, span, lambda value: seen(patients(value)), near):
        if truths != seen(people):
            says = f"{entry.label} {region.comparison(span.minimum, span.maximum).text(entry.unit)}"
            by_sex = patients(region.value)
            now = by_sex.pop("now")
            yield Cell(Change(f"measurements.{name}", f"{region.value:g} {entry.unit}"), says, now, by_sex)


def _measured_anew(scene: Scene, person: Patient, entry: Measurement) -> MeasurementFound:
    """What a new value is held against: limits of normal that came with the one it replaces, or the usual ones."""
    value = next(bound for bound in (entry.minimum, entry.maximum, 1.0) if bound is not None)
    change = Change(f"measurements.{entry.id}", f"{value:g} {entry.unit}")
    return scene.after(person, change).measurements[entry.id]


def _measured_bounds(scene: Scene, nodes: Sequence[int], found: MeasurementFound) -> Iterator[float]:
    """The values at which some leaf changes; those held against a limit of normal are multiples of it."""
    for node in nodes:
        leaf = scene.cone.leaves[node]
        assert isinstance(leaf, Measures)
        limit = 1.0
        if leaf.relative_to is not None:
            limit = (found.upper_limit if leaf.relative_to == "upper_limit" else found.lower_limit) or 0.0
        yield from (bound * limit for bound in bounds_of([leaf.comparison]))


def _plausible(entry: Biomarker | Measurement, bounds: set[float]) -> Range:
    low = entry.minimum if entry.minimum is not None else min(0.0, *bounds)
    high = entry.maximum if entry.maximum is not None else 10 * max(1.0, *bounds)
    return Range(low, high)


def _ask_measured_marker(scene: Scene, theory: Theory, key: str, nodes: Sequence[int]) -> None:
    """A measured value gives literals of its own and, where it implies another marker's state, speaks of that."""
    leaf = scene.cone.leaves[nodes[0]]
    assert isinstance(leaf, MarkerMeasures)
    entry = scene.vocabulary.biomarkers[leaf.marker]
    implied = [marker_bounds(implication, entry) for implication in entry.implies]
    bounds = bounds_of([*(comparison_of(scene.cone.leaves[node]) for node in nodes), *implied])
    known = scene.patient.markers.get(entry.id)
    near = known.value if known else None

    def patient(value: float) -> Patient:
        return replace(scene.patient, markers={**scene.patient.markers, entry.id: MarkerKnowledge(value=value)})

    def seen(value: float) -> object:
        return scene.truths(nodes, patient(value)), tuple(bound.holds(value) for bound in implied)

    span = Range(0, len(entry.scale) - 1, whole=True) if entry.scale else _plausible(entry, bounds)
    now = seen(near) if near is not None else None
    cells = []
    for region, what in regions(bounds, span, seen, near):
        if what != now:
            says = f"{entry.label} {region.comparison(span.minimum, span.maximum).text(entry.unit or '', entry.scale)}"
            change = Change(f"biomarkers.{entry.id}", _value(entry, region.value))
            cells.append(Cell(change, says, patient(region.value)))
    number, by_answer = ask(scene, theory, key, nodes, cells, fixed=False)
    for answer, cell in by_answer.items():
        value = cell.patient.markers[entry.id].value or 0.0
        report = BiomarkerReport(marker=entry.id, value=_value(entry, value) if entry.scale else value, unit=entry.unit)
        reports_of(scene, theory, answer, Result(entry.id, report, value))
    for position, result in enumerate(scene.patient.results):
        if result.marker == entry.id and result.value is not None:
            measured = quoted(str(result.value))
            theory.fact("measures", f"r({position})", number, measured)
            for literal in literals(nodes, scene.truths(nodes, patient(result.value))):
                theory.fact("value_gives", number, measured, literal)


def _value(entry: Biomarker, value: float) -> Any:
    return entry.scale[int(value)] if entry.scale else f"{value:g} {entry.unit}"
