"""Questions about the fields of a profile, words and numbers, and about the exact cancer type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import get_args

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from txselect.inquiry.cells import Cell, ask_value, comparison_of, told_apart
from txselect.inquiry.regions import Range, bounds_of, regions
from txselect.inquiry.scene import Scene
from txselect.inquiry.theory import Theory
from txselect.model.change import Change
from txselect.model.condition import CancerIs, Comparison, FieldIs, FieldMeasures
from txselect.model.patient import Patient, Span
from txselect.model.profile import CancerReport, Profile

FIXED_FIELDS = frozenset({"age", "sex", "cancer.timing", "cancer.months_since_diagnosis"})
"""What nobody can change once it is known: who the patient is, and the history."""

_STAGES = ("I", "II", "III", "IV")


def ask_fields(scene: Scene, theory: Theory) -> None:
    """Add a question for each field that some leaf of the cone asks about; lines of therapy are no field."""
    for subject, nodes in scene.by_subject.items():
        match scene.cone.leaves[nodes[0]]:
            case FieldIs() | FieldMeasures() if subject != "field prior_lines":
                _ask_field(scene, theory, subject, nodes)
            case CancerIs():
                _ask_cancer(scene, theory, nodes)
            case _:
                pass


def _ask_field(scene: Scene, theory: Theory, subject: str, nodes: Sequence[int]) -> None:
    leaf = scene.cone.leaves[nodes[0]]
    assert isinstance(leaf, (FieldIs, FieldMeasures))
    model = Profile if leaf.name in Profile.model_fields else CancerReport
    path = leaf.name if model is Profile else f"cancer.{leaf.name}"
    if isinstance(leaf, FieldIs):
        cells = told_apart(scene, nodes, list(_stated(scene, nodes, leaf.name, path, model.model_fields[leaf.name])))
    else:
        cells = list(_counted(scene, nodes, leaf.name, path, model.model_fields[leaf.name]))
    by_answer = ask_value(scene, theory, subject, nodes, cells, fixed=path in FIXED_FIELDS)
    for answer, cell in by_answer.items() if path == "sex" else ():
        theory.fact("sex_is", answer, cell.change.value)


def _stated(scene: Scene, nodes: Sequence[int], name: str, path: str, info: FieldInfo) -> Iterator[Cell]:
    asked = [value for node in nodes if isinstance(leaf := scene.cone.leaves[node], FieldIs) for value in leaf.values]
    for value in dict.fromkeys((*asked, *_choices(name, info))):
        patient = replace(scene.patient, fields={**scene.patient.fields, name: value})
        given = value == "true" if name == "resectable" else value
        yield Cell(Change(path, given), scene.words.condition(FieldIs(name, (value,))), patient)


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


def _counted(scene: Scene, nodes: Sequence[int], name: str, path: str, info: FieldInfo) -> Iterator[Cell]:
    whole, low, high = _limits(info)
    found = scene.patient.numbers.get(name)
    near = found.low if found and found.low == found.high else None

    def patient(value: float) -> Patient:
        return replace(scene.patient, numbers={**scene.patient.numbers, name: Span(value, value)})

    def says(comparison: Comparison) -> str:
        return scene.words.condition(FieldMeasures(name, comparison))

    given = int if whole else float
    for comparison, value in _regions(scene, nodes, Range(low, high, whole), patient, near):
        yield Cell(Change(path, given(value)), says(comparison), patient(value))


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
    bounds = bounds_of(comparison_of(scene.cone.leaves[node]) for node in nodes)
    now = scene.truths(nodes, scene.patient)
    for region, truths in regions(bounds, span, lambda value: scene.truths(nodes, patient(value)), near):
        if truths != now:
            yield region.comparison(span.minimum, span.maximum), region.value


def _ask_cancer(scene: Scene, theory: Theory, nodes: Sequence[int]) -> None:
    """A more exact type than the profile's, where the rules tell kinds of it apart."""
    cells = told_apart(scene, nodes, list(_kinds_of_cancer(scene)))
    ask_value(scene, theory, "cancer", nodes, cells, fixed=False)


def _kinds_of_cancer(scene: Scene) -> Iterator[Cell]:
    kinds = scene.vocabulary.cancer_kinds
    codes = kinds.below(scene.patient.cancer) if scene.cancers is None else scene.cancers
    for code in sorted(codes, key=lambda code: (len(kinds.above(code)), code)):
        patient = replace(scene.patient, cancer=code)
        yield Cell(Change("cancer.type", code), scene.vocabulary.cancers[code].label, patient)
