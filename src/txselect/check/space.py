"""All patients that a rule set can be asked about, searched for one that shows something.

A patient of whom nothing is known, not even the cancer, and everything that could be said of one: the same theory by
which `nearest` finds the smallest changes of a profile. What it finds is a profile, and a run confirms it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from txselect.check.goals import Goals
from txselect.decision.reading import Reading
from txselect.decision.wording import Wording
from txselect.engine import certified_run, engine_named
from txselect.engine.together import run_together
from txselect.errors import PYTHON, InternalCheckError
from txselect.inquiry.ask import theory_in
from txselect.inquiry.cone import Cone, cone_of
from txselect.inquiry.scene import Scene
from txselect.inquiry.solver import Found, Solver
from txselect.inquiry.theory import Theory
from txselect.language.changes import changed
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.condition import CancerIs, Condition, FieldIs, Measures
from txselect.model.patient import Patient
from txselect.model.profile import Profile
from txselect.model.rules import RulePack
from txselect.model.vocabulary import Cancer, Vocabulary
from txselect.program.compile import compiled
from txselect.program.observe import Observer
from txselect.program.program import Program

ANY = "<any>"
"""The code of a cancer of which not even the organ is known; no profile can have it."""

SEXES = tuple(FieldIs("sex", (sex,)) for sex in ("male", "female"))
"""Limits of normal can depend on it, so that it is asked where something is held against one."""

_FEWEST = """
#minimize { 1@2,Q : tried(Q) }.
#minimize { 1@1,C,K : detail(C,K,_) }.
#show does/1.
#show detail/3.
"""


class Space:
    """Every patient that a pack's rules can tell from others, whatever the cancer.

    beside: conditions that no rule has and that are to be looked at as well; `program.beside` has their references.
    program: the program for any cancer, where it was compiled before.
    """

    def __init__(self, pack: RulePack, beside: Iterable[Condition] = (), *, program: Program | None = None) -> None:
        self.pack = with_any_cancer(pack)
        self.program: Program = program or compiled(self.pack, ANY, pack.date, None, (*beside, *SEXES))
        self._observer = Observer(self.program, self.pack.vocabulary)
        self._engine = engine_named("linear", self.program.horn)
        self.words = Wording(self.pack)
        self._nobody = validated(Profile, {"cancer": {"type": ANY}}, PYTHON)
        self._patient = patient_of(self._nobody, self.pack.vocabulary, pack.date)
        self._known = run_together(self.program.horn, [])

    def know(self, patients: Iterable[Patient]) -> None:
        """Take patients as examples: what one of them shows is not searched for."""
        self._known = self._known.joined(run_together(self.program.horn, map(self._observer.observed, patients)))

    def is_shown(self, goals: Goals, goal: int) -> bool:
        """Whether a patient who is known meets a goal."""
        return bool(goals.meeting(goal, self._known.holding.__getitem__, self._known.everyone))

    def looking_for(self, goals: Goals) -> Search:
        """A search for patients who meet goals."""
        return Search(self, goals)

    def theory_of(self, goals: Goals) -> Theory:
        """Everything that could be said of a patient and on which goals rest."""
        cone = cone_of(self.program, goals.references)
        if any(isinstance(leaf, Measures) and leaf.relative_to for leaf in cone.leaves.values()):
            cone = cone_of(self.program, [*goals.references, *self.program.beside[-len(SEXES) :]])
        codes = self._told_apart(cone)
        scene = Scene(self._patient, self.words, cone, self._observer.tests, {}, False, everything=True, cancers=codes)
        return theory_in(scene)

    def reading(self, profile: Profile) -> Reading:
        """What all conditions are for a patient, certified."""
        patient = patient_of(profile, self.pack.vocabulary, self.pack.date)
        valuation = certified_run(self._engine, self._observer.observed(patient))
        return Reading(self.program, patient, valuation, self.words)

    def profile(self, theory: Theory, found: Found) -> Profile:
        """The patient that a model of a theory describes, with a cancer that the rules cannot tell from any other."""
        answers = [theory.stated(answer, details).change for answer, details in found.answers.items()]
        profile = changed(self._nobody, answers, self.pack.vocabulary).profile
        if profile.cancer.type != ANY:
            return profile
        code = self.code_like_any(theory)
        return profile.model_copy(update={"cancer": profile.cancer.model_copy(update={"type": code})})

    def code_like_any(self, theory: Theory) -> str | None:
        """A code that the conditions of a theory tell nothing about, if there is one."""
        nodes = [number for number, leaf in theory.cone.leaves.items() if isinstance(leaf, CancerIs) and leaf.codes]
        codes = (code for code in self._told_apart(theory.cone) if code != ANY)
        return next((code for code in codes if self._tells_nothing(code, nodes)), None)

    def _told_apart(self, cone: Cone) -> tuple[str, ...]:
        """One code for each that the conditions of a cone can tell apart."""
        asked = (leaf.codes for leaf in cone.leaves.values() if isinstance(leaf, CancerIs))
        return self.pack.vocabulary.cancer_kinds.telling([ANY, *chain.from_iterable(asked)])

    def _tells_nothing(self, code: str, nodes: Iterable[int]) -> bool:
        patient = replace(self._patient, cancer=code)
        return all(self._observer.tests[node](patient) is None for node in nodes)


@dataclass
class Search:
    """Goals, and the patients among whom somebody may meet them."""

    space: Space
    goals: Goals

    def is_possible(self, goal: int) -> bool:
        """Whether some patient meets a goal."""
        return goal not in self._not_shown.goals.asked or self._not_shown.is_possible(goal)

    def patient(self, goal: int) -> dict[str, Any] | None:
        """A patient of whom as little as can be is said and who meets a goal, as plain values; None if nobody does.

        Raises InternalCheckError if a run says that the patient does not.
        """
        asked = goal in self._not_shown.goals.asked
        return (self._not_shown if asked else _Sought(self.space, self.goals.only([goal]))).patient(goal)

    @cached_property
    def _not_shown(self) -> _Sought:
        open_goals = [goal for goal in self.goals.asked if not self.space.is_shown(self.goals, goal)]
        return _Sought(self.space, self.goals.only(open_goals))


@dataclass
class _Sought:
    """Goals for the solver."""

    space: Space
    goals: Goals

    @cached_property
    def _theory(self) -> Theory:
        return self.space.theory_of(self.goals)

    @cached_property
    def _solver(self) -> Solver:
        theory = self._theory
        asked = [number for number, question in enumerate(theory.questions) if question.key == "cancer"]
        needed = asked and self.space.code_like_any(theory) is None
        told = "".join(f":- not tried({number}). " for number in asked) if needed else ""
        return Solver(f"{theory.text()} {told}{self.goals.text()}{_FEWEST}", "--opt-strategy=usc")

    def is_possible(self, goal: int) -> bool:
        return self._solver.can_meet("goal", goal)

    def patient(self, goal: int) -> dict[str, Any] | None:
        found = self._solver.meeting("goal", goal)
        if found is None:
            return None
        profile = self.space.profile(self._theory, found)
        reading = self.space.reading(profile)
        if not self.goals.meeting(goal, _known(reading)):
            raise InternalCheckError(f"a run refutes a patient that was found: {profile.model_dump(exclude_none=True)}")
        return plain(profile)


def plain(profile: Profile) -> dict[str, Any]:
    """A profile as a case file states it, without what it leaves out."""
    return profile.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _known(reading: Reading) -> Callable[[int], bool]:
    return lambda literal: reading.truth(literal) is True


def with_any_cancer(pack: RulePack, vocabulary: Vocabulary | None = None) -> RulePack:
    """The pack, read with its own vocabulary or another, with one cancer of which all others are kinds."""
    words = vocabulary or pack.vocabulary
    cancers = {
        code: cancer if cancer.parent else cancer.model_copy(update={"parent": ANY})
        for code, cancer in words.cancers.items()
    }
    cancers[ANY] = Cancer(code=ANY, label="any cancer")
    return replace(pack, vocabulary=replace(words, cancers=cancers))
