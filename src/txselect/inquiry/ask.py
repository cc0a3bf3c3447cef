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
from txselect.pipeline import Rules
from txselect.program.observe import subject_of


def theory_of(rules: Rules, reading: Reading, jurisdiction: str | None, cone: Cone) -> Theory:
    """The theory of all changes that matter to a cone, for the reading's patient."""
    theory = Theory(cone)
    theory.fact("as_changes")  # of one marker, changes of a profile state one result; what is found out may be several
    return _asked(rules, reading, jurisdiction, theory)


def theory_of_unknowns(rules: Rules, reading: Reading, jurisdiction: str | None, cone: Cone) -> Theory:
    """The theory, in two worlds, of what can still be found out and matters to an undecided cone."""
    staying: dict[str, list[int]] = {}
    for node in reading.program.leaves:
        if reading.truth(2 * node) is not None:
            staying.setdefault(subject_of(reading.leaf(2 * node)), []).append(node)
    return _asked(rules, reading, jurisdiction, Theory(cone, worlds=2), staying)


def _asked(
    rules: Rules,
    reading: Reading,
    jurisdiction: str | None,
    theory: Theory,
    staying: Mapping[str, Sequence[int]] | None = None,
) -> Theory:
    patient = reading.patient
    tests = rules.prepared(patient.cancer, patient.as_of, jurisdiction).observer.tests
    scene = Scene(patient, reading.words, theory.cone, tests, staying or {}, staying is not None)
    ask_fields(scene, theory)
    ask_measured(scene, theory)
    ask_markers(scene, theory)
    ask_lists(scene, theory)
    ask_therapies(scene, theory)
    return theory
