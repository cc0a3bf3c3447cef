"""Questions with one answer each: fields, numbers, measurements, measured markers, the exact cancer type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from txselect.decision.wording import first_few, joined
from txselect.inquiry.question import Answer, Question
from txselect.inquiry.regions import Range, bounds_of, regions
from txselect.inquiry.reports import reports_of
from txselect.inquiry.scene import Scene, literals
from txselect.inquiry.theory import Theory, quoted
from txselect.language.changes import changed
from txselect.language.patient import patient_of
from txselect.language.scales import marker_bounds
from txselect.model.change import Change
from txselect.model.condition import (
    CancerIs,
    Comparison,
    FieldIs,
    FieldMeasures,
    Leaf,
    MarkerMeasures,
    Measures,
)
from txselect.model.patient import MarkerKnowledge, MeasurementFound, Patient, Result, Span
from txselect.model.profile import BiomarkerReport, CancerReport, Profile
from txselect.model.vocabulary import Biomarker, Measurement
from txselect.program.observe import subject_of

FIXED_FIELDS = frozenset({"age", "sex", "cancer.timing", "cancer.months_since_diagnosis"})
"""What nobody can change once it is known: who the patient is, and the history."""

_STAGES = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class _Cell:
    """One value that may be given: the change that gives it, its words, and the patient of whom it is true.

    by_sex: that patient if the sex were another, where that makes a difference.
    """

    change: Change
    says: str
    patient: Patient
    by_sex: Mapping[str, Patient] = field(default_factory=dict)


def ask_cells(scene: Scene, theory: Theory) -> None:
    """Add a question for each subject with one answer that some leaf of the cone asks about."""
    for subject, nodes in scene.by_subject.items():
        leaf = scene.cone.leaves[nodes[0]]
        match leaf:
            case FieldIs() | FieldMeasures() if subject != "field prior_lines":
                _ask_field(scene, theory, subject, nodes)
            case Measures():
                _ask_value(scene, theory, subject, nodes, list(_measured(scene, nodes, leaf.name)), fixed=False)
            case CancerIs():
                _ask_cancer(scene, theory, nodes)
            case _:
                measuring = [node for node in nodes if isinstance(scene.cone.leaves[node], MarkerMeasures)]
                if measuring:
                    _ask_measured_marker(scene, theory, subject, measuring)


def _ask(
    scene: Scene, theory: Theory, key: str, nodes: Sequence[int], cells: Sequence[_Cell], *, fixed: bool
) -> tuple[int, dict[int, _Cell]]:
    """Add a question whose answers are the cells; gives its number and the cells by the numbers of their answers."""
    leaf = scene.cone.leaves[nodes[0]]
    now = scene.truths(nodes, scene.patient)
    cells = [cell for cell in cells if scene.keeps_what_is_known(subject_of(leaf), cell.patient)]
    # a more exact type of cancer takes back nothing that is known
    known = not isinstance(leaf, CancerIs) and any(truth is not None for truth in now)
    question = Question(
        about=scene.words.missing(leaf),
        now=scene.now(leaf, known=known),
        known=known,
        fixed=fixed and known,
        key=key,
        answers=tuple(Answer(cell.change, cell.says) for cell in cells),
    )
    number, answers = theory.ask(question)
    by_answer = dict(zip(answers, cells, strict=True))
    truths = {answer: scene.truths(nodes, cell.patient) for answer, cell in by_answer.items()}
    for answer, given in truths.items():
        theory.gives(answer, _holding(scene, nodes, by_answer[answer].patient, by_answer[answer].by_sex))
        if None in given and not all(None in other for other in truths.values()):
            theory.fact("vague", answer)
    return number, by_answer


def _ask_value(
    scene: Scene, theory: Theory, key: str, nodes: Sequence[int], cells: Sequence[_Cell], *, fixed: bool
) -> dict[int, _Cell]:
    """The same for what a profile says once: where it is not answered anew, that stays. Gives the cells by answer."""
    number, by_answer = _ask(scene, theory, key, nodes, cells, fixed=fixed)
    by_sex = _persons(scene) if isinstance(scene.cone.leaves[nodes[0]], Measures) else {}
    for literal in _holding(scene, nodes, scene.patient, by_sex):
        theory.fact("given", number, literal)
    return by_answer


def _holding(scene: Scene, nodes: Sequence[int], patient: Patient, by_sex: Mapping[str, Patient]) -> list[object]:
    """The literals that hold of a patient or, for each sex that may be answered, of the one who had it."""
    if not by_sex:
        return [*literals(nodes, scene.truths(nodes, patient))]
    persons = {"now": patient, **by_sex}
    return [
        f"of({sex},{literal})"
        for sex, person in persons.items()
        for literal in literals(nodes, scene.truths(nodes, person))
    ]


def _told_apart(scene: Scene, nodes: Sequence[int], cells: Sequence[_Cell]) -> list[_Cell]:
    """One cell for each thing that the leaves can see, its words naming all that come to the same; none for what is."""
    seen: dict[object, list[_Cell]] = {}
    for cell in cells:
        seen.setdefault(scene.truths(nodes, cell.patient), []).append(cell)
    seen.pop(scene.truths(nodes, scene.patient), None)
    return [replace(group[0], says=joined(first_few((cell.says for cell in group), 3))) for group in seen.values()]


# fields


def _ask_field(scene: Scene, theory: Theory, subject: str, nodes: Sequence[int]) -> None:
    leaf = scene.cone.leaves[nodes[0]]
    assert isinstance(leaf, (FieldIs, FieldMeasures))
    model = Profile if leaf.name in Profile.model_fields else CancerReport
    path = leaf.name if model is Profile else f"cancer.{leaf.name}"
    if isinstance(leaf, FieldIs):
        cells = _told_apart(scene, nodes, list(_stated(scene, nodes, leaf.name, path, model.model_fields[leaf.name])))
    else:
        cells = list(_counted(scene, nodes, leaf.name, path, model.model_fields[leaf.name]))
    by_answer = _ask_value(scene, theory, subject, nodes, cells, fixed=path in FIXED_FIELDS)
    for answer, cell in by_answer.items() if path == "sex" else ():
        theory.fact("sex_is", answer, cell.change.value)


def _stated(scene: Scene, nodes: Sequence[int], name: str, path: str, info: FieldInfo) -> Iterator[_Cell]:
    asked = [value for node in nodes if isinstance(leaf := scene.cone.leaves[node], FieldIs) for value in leaf.values]
    for value in dict.fromkeys((*asked, *_choices(name, info))):
        patient = replace(scene.patient, fields={**scene.patient.fields, name: value})
        given = value == "true" if name == "resectable" else value
        yield _Cell(Change(path, given), scene.words.condition(FieldIs(name, (value,))), patient)


def _choices(name: str, info: FieldInfo) -> tuple[str, ...]:
    """The values that a field of the profile allows."""
    match name:
        case "resectable":
            return ("true", "false")
        case "stage":
            return _STAGES
        case _:
            literal = next(part for part in get_args(info.annotation) if part is not type(None))
            return tuple(get_args(literal)) or tuple(get_args(info.annotation)[:-1])


def _counted(scene: Scene, nodes: Sequence[int], name: str, path: str, info: FieldInfo) -> Iterator[_Cell]:
    whole, low, high = _limits(info)
    found = scene.patient.numbers.get(name)
    near = found.low if found and found.low == found.high else None

    def patient(value: float) -> Patient:
        return replace(scene.patient, numbers={**scene.patient.numbers, name: Span(value, value)})

    def says(comparison: Comparison) -> str:
        return scene.words.condition(FieldMeasures(name, comparison))

    given = int if whole else float
    for comparison, value in _regions(scene, nodes, Range(low, high, whole), patient, near):
        yield _Cell(Change(path, given(value)), says(comparison), patient(value))


def _limits(info: FieldInfo) -> tuple[bool, float, float]:
    """Whether a field takes whole numbers only, and the least and greatest that it takes."""
    annotated = next(part for part in get_args(info.annotation) if part is not type(None))
    kind, *notes = get_args(annotated)
    bounds = [bound for note in notes for bound in getattr(note, "metadata", ())]
    low = next(bound.ge for bound in bounds if isinstance(bound, Ge))
    high = next(bound.le for bound in bounds if isinstance(bound, Le))
    return kind is int, float(str(low)), float(str(high))


def _regions(
    scene: Scene, nodes: Sequence[int], span: Range, patient: Callable[[float], Patient], near: float | None
) -> Iterator[tuple[Comparison, float]]:
    """The regions of a number that the leaves tell apart, without the one in which it lies now."""
    bounds = bounds_of(_comparison(scene.cone.leaves[node]) for node in nodes)
    now = scene.truths(nodes, scene.patient)
    for region, truths in regions(bounds, span, lambda value: scene.truths(nodes, patient(value)), near):
        if truths != now:
            yield region.comparison(span.minimum, span.maximum), region.value


def _comparison(leaf: Leaf) -> Comparison:
    assert isinstance(leaf, (FieldMeasures, MarkerMeasures, Measures))
    return leaf.comparison


# measurements


def _measured(scene: Scene, nodes: Sequence[int], name: str) -> Iterator[_Cell]:
    entry = scene.vocabulary.measurements[name]
    persons = {"now": scene.patient, **_persons(scene)}
    founds = {sex: _measured_anew(scene, person, entry) for sex, person in persons.items()}
    bounds = {bound for found in founds.values() for bound in _measured_bounds(scene, nodes, found)}
    known = scene.patient.measurements.get(name)
    near = known.value if known else None

    def patients(value: float) -> dict[str, Patient]:
        return {
            sex: replace(person, measurements={**person.measurements, name: replace(founds[sex], value=value)})
            for sex, person in persons.items()
        }

    def seen(people: Mapping[str, Patient]) -> list[tuple[bool | None, ...]]:
        return [scene.truths(nodes, person) for person in people.values()]

    span = _plausible(entry, bounds)
    for region, truths in regions(bounds, span, lambda value: seen(patients(value)), near):
        if truths != seen(persons):
            says = f"{entry.label} {region.comparison(span.minimum, span.maximum).text(entry.unit)}"
            by_sex = patients(region.value)
            now = by_sex.pop("now")
            yield _Cell(Change(f"measurements.{name}", f"{region.value:g} {entry.unit}"), says, now, by_sex)


def _measured_anew(scene: Scene, person: Patient, entry: Measurement) -> MeasurementFound:
    """What a new value is held against: limits of normal that came with the one it replaces, or the usual ones."""
    value = next(bound for bound in (entry.minimum, entry.maximum, 1.0) if bound is not None)
    change = Change(f"measurements.{entry.id}", f"{value:g} {entry.unit}")
    return _changed(scene, person, change).measurements[entry.id]


def _persons(scene: Scene) -> dict[str, Patient]:
    """The patient with either sex, where the rules ask for it: limits of normal can depend on it."""
    if "field sex" not in scene.by_subject:
        return {}
    return {sex: _changed(scene, scene.patient, Change("sex", sex)) for sex in ("male", "female")}


def _changed(scene: Scene, person: Patient, change: Change) -> Patient:
    return patient_of(changed(person.profile, [change], scene.vocabulary).profile, scene.vocabulary, person.as_of)


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


# measured markers


def _ask_measured_marker(scene: Scene, theory: Theory, key: str, nodes: Sequence[int]) -> None:
    """A measured value gives literals of its own and, where it implies another marker's state, speaks of that."""
    leaf = scene.cone.leaves[nodes[0]]
    assert isinstance(leaf, MarkerMeasures)
    entry = scene.vocabulary.biomarkers[leaf.marker]
    implied = [marker_bounds(implication, entry) for implication in entry.implies]
    bounds = bounds_of([*(_comparison(scene.cone.leaves[node]) for node in nodes), *implied])
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
            cells.append(_Cell(change, says, patient(region.value)))
    number, by_answer = _ask(scene, theory, key, nodes, cells, fixed=False)
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


# the cancer type


def _ask_cancer(scene: Scene, theory: Theory, nodes: Sequence[int]) -> None:
    """A more exact type than the profile's, where the rules tell kinds of it apart."""
    cells = _told_apart(scene, nodes, list(_kinds_of_cancer(scene)))
    _ask_value(scene, theory, "cancer", nodes, cells, fixed=False)


def _kinds_of_cancer(scene: Scene) -> Iterator[_Cell]:
    kinds = scene.vocabulary.cancer_kinds
    for code in sorted(kinds.below(scene.patient.cancer), key=lambda code: (len(kinds.above(code)), code)):
        patient = replace(scene.patient, cancer=code)
        yield _Cell(Change("cancer.type", code), scene.vocabulary.cancers[code].label, patient)
