"""All questions that the rules of one or more references ask of a patient, as one theory."""

from __future__ import annotations

from collections.abc import Iterable

from txselect.decision.reading import Reading
from txselect.inquiry.cells import ask_cells
from txselect.inquiry.cone import cone_of
from txselect.inquiry.histories import ask_therapies
from txselect.inquiry.listings import ask_lists
from txselect.inquiry.reports import ask_markers
from txselect.inquiry.scene import Scene
from txselect.inquiry.theory import Theory
from txselect.pipeline import Rules


def theory_of(
    rules: Rules, reading: Reading, jurisdiction: str | None, references: Iterable[int | None], worlds: int = 1
) -> Theory:
    """The theory of what decides the references for the reading's patient."""
    patient = reading.patient
    cone = cone_of(reading.program, references)
    tests = rules.prepared(patient.cancer, patient.as_of, jurisdiction).observer.tests
    scene, theory = Scene(patient, reading.words, cone, tests), Theory(cone, worlds)
    ask_cells(scene, theory)
    ask_markers(scene, theory)
    ask_lists(scene, theory)
    ask_therapies(scene, theory)
    return theory
