"""Questions with one answer each, whatever they are about: cells are the answers that the leaves can tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from txselect.decision.wording import first_few, joined
from txselect.inquiry.question import Answer, Question
from txselect.inquiry.scene import Scene, literals
from txselect.inquiry.theory import Theory
from txselect.model.change import Change
from txselect.model.condition import CancerIs, Comparison, FieldMeasures, Leaf, MarkerMeasures, Measures
from txselect.model.patient import Patient
from txselect.program.observe import subject_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that may be given: the change that gives it, its words, and the patient of whom it is true.

    by_sex: that patient if the sex were another, where that makes a difference.
    """

    change: Change
    says: str
    patient: Patient
    by_sex: Mapping[str, Patient] = field(default_factory=dict)


def ask(
    scene: Scene, theory: Theory, key: str, nodes: Sequence[int], cells: Sequence[Cell], *, fixed: bool
) -> tuple[int, dict[int, Cell]]:
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
        theory.gives(answer, holding(scene, nodes, by_answer[answer].patient, by_answer[answer].by_sex))
        if None in given and not all(None in other for other in truths.values()):
            theory.fact("vague", answer)
    return number, by_answer


def ask_value(
    scene: Scene, theory: Theory, key: str, nodes: Sequence[int], cells: Sequence[Cell], *, fixed: bool
) -> dict[int, Cell]:
    """The same for what a profile says once: where it is not answered anew, that stays. Gives the cells by answer."""
    number, by_answer = ask(scene, theory, key, nodes, cells, fixed=fixed)
    by_sex = scene.with_either_sex if isinstance(scene.cone.leaves[nodes[0]], Measures) else {}
    for literal in holding(scene, nodes, scene.patient, by_sex):
        theory.fact("given", number, literal)
    return by_answer


def holding(scene: Scene, nodes: Sequence[int], patient: Patient, by_sex: Mapping[str, Patient]) -> list[object]:
    """The literals that hold of a patient or, for each sex that may be answered, of the one who had it."""
    if not by_sex:
        return [*literals(nodes, scene.truths(nodes, patient))]
    people = {"now": patient, **by_sex}
    return [
        f"of({sex},{literal})"
        for sex, person in people.items()
        for literal in literals(nodes, scene.truths(nodes, person))
    ]


def told_apart(scene: Scene, nodes: Sequence[int], cells: Sequence[Cell]) -> list[Cell]:
    """One cell for each thing that the leaves can see, its words naming all that come to the same; none for what is."""
    seen: dict[object, list[Cell]] = {}
    for cell in cells:
        seen.setdefault(scene.truths(nodes, cell.patient), []).append(cell)
    seen.pop(scene.truths(nodes, scene.patient), None)
    return [replace(group[0], says=joined(first_few((cell.says for cell in group), 3))) for group in seen.values()]


def comparison_of(leaf: Leaf) -> Comparison:
    """The bounds that a leaf about a number names."""
    assert isinstance(leaf, (FieldMeasures, MarkerMeasures, Measures))
    return leaf.comparison
