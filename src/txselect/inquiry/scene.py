"""What the makers of questions look at: one patient before one cone of a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from txselect.decision.wording import Wording
from txselect.inquiry.cone import Cone
from txselect.language.changes import changed
from txselect.language.patient import patient_of
from txselect.model.change import Change
from txselect.model.condition import Leaf
from txselect.model.patient import Patient
from txselect.model.vocabulary import Vocabulary
from txselect.program.horn import negative, positive
from txselect.program.observe import Test, subject_of


@dataclass(frozen=True)
class Scene:
    """`tests` says of each leaf's node what its condition makes of a patient.

    staying: by subject the leaves (nodes) whose truth no answer may change.
    finding_out: whether answers are to say all that can be found out, so that they leave nothing open.
    everything: whether answers are to say all that a profile could, beside what a reader would think of: a therapy that
        was given twice, each time otherwise, or of which only the wider class is known; a term that is left open.
    cancers: the codes that the exact cancer can turn out to be; None for all kinds of the patient's.
    """

    patient: Patient
    words: Wording
    cone: Cone
    tests: Mapping[int, Test]
    staying: Mapping[str, Sequence[int]]
    finding_out: bool
    everything: bool = False
    cancers: Sequence[str] | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words.vocabulary

    @cached_property
    def by_subject(self) -> dict[str, list[int]]:
        """The cone's leaves (nodes) by what they ask about."""
        found: dict[str, list[int]] = {}
        for number, leaf in self.cone.leaves.items():
            found.setdefault(subject_of(leaf), []).append(number)
        return found

    def now(self, leaf: Leaf, *, known: bool) -> str:
        """What the profile says about a leaf or, where that settles nothing, why it does not."""
        return (self.words.found if known else self.words.state_of_missing)(leaf, self.patient)

    def keeps_what_is_known(self, subject: str, patient: Patient) -> bool:
        """Whether a patient agrees with all that must stay known of a subject."""
        nodes = self.staying.get(subject, ())
        return self.truths(nodes, patient) == self.truths(nodes, self.patient)

    @cached_property
    def with_either_sex(self) -> dict[str, Patient]:
        """The patient with either sex, where the rules ask for it: limits of normal can depend on it."""
        if "field sex" not in self.by_subject:
            return {}
        return {sex: self.after(self.patient, Change("sex", sex)) for sex in ("male", "female")}

    def after(self, person: Patient, change: Change) -> Patient:
        """A person after one change of the profile."""
        profile = changed(person.profile, [change], self.vocabulary).profile
        return patient_of(profile, self.vocabulary, person.as_of)

    def truths(self, nodes: Iterable[int], patient: Patient) -> tuple[bool | None, ...]:
        """What the leaves of these nodes are for a patient."""
        return tuple(self.tests[number](patient) for number in nodes)


def literals(nodes: Iterable[int], truths: Iterable[bool | None]) -> list[int]:
    """The literals that hold where nodes have these truths; an unknown one has none.

    >>> literals([1, 2, 3], [True, None, False])
    [2, 7]
    """
    known = ((number, truth) for number, truth in zip(nodes, truths, strict=True) if truth is not None)
    return [positive(number) if truth else negative(number) for number, truth in known]
