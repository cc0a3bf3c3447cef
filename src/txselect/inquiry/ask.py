"""All questions that the leaves of a cone ask of a patient, as one theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from txselect.decision.reading import Reading
from txselect.inquiry.cone import Cone
from txselect.inquiry.fields import ask_fields
from txselect.inquiry.histories import ask_therapies
from txselect.inquiry.listings import ask_lists
from txselect.inquiry.measured import ask_measured
from txselect.inquiry.reports import ask_markers
from txselect.inquiry.scene import Scene
from txselect.inquiry.theory import Theory
from txselect.inquiry.told import ToldHistory
from txselect.pipeline import Rules
from txselect.program.observe import subject_of


def theory_of(rules: Rules, reading: Reading, jurisdiction: str | None, cone: Cone) -> Theory:
    """The theory of all changes that matter to a cone, for the reading's patient."""
    return theory_in(_scene(rules, reading, jurisdiction, cone, None))


def theory_in(scene: Scene) -> Theory:
    """The theory of all changes that matter to a scene's cone."""
    theory = _asked(scene)
    theory.fact("as_changes")  # of one marker, changes of a profile state one result; what is found out may be several
    theory.conclude()
    ask_therapies(scene, theory)
    return theory


def theory_of_unknowns(
    rules: Rules, reading: Reading, jurisdiction: str | None, cone: Cone
) -> tuple[Theory, ToldHistory]:
    """The theory of what can still be found out and matters to an undecided cone, and apart from it of the history."""
    staying: dict[str, list[int]] = {}
    for node in reading.program.leaves:
        if reading.truth(2 * node) is not None:
            staying.setdefault(subject_of(reading.leaf(2 * node)), []).append(node)
    scene = _scene(rules, reading, jurisdiction, cone, staying)
    return _asked(scene), ToldHistory(scene)


def _scene(
    rules: Rules,
    reading: Reading,
    jurisdiction: str | None,
    cone: Cone,
    staying: Mapping[str, Sequence[int]] | None,
) -> Scene:
    patient = reading.patient
    tests = rules.prepared(patient.cancer, patient.as_of, jurisdiction).observer.tests
    return Scene(patient, reading.words, cone, tests, staying or {}, staying is not None)


def _asked(scene: Scene) -> Theory:
    theory = Theory(scene.cone)
    ask_fields(scene, theory)
    ask_measured(scene, theory)
    ask_markers(scene, theory)
    ask_lists(scene, theory)
    return theory
