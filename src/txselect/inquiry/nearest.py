"""The smallest changes of a profile after which a therapy is recommended, or one that is recommended no longer is.

A change answers one question that some rule of the therapy asks: a result, a value, a listed term, a prior therapy. A
way is a set of questions that can be answered so that the therapy's status turns, while no part of it can. Ways come
smallest first; the solver finds them and the pipeline confirms each one, with every part of it that is one smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from txselect.decision.options import status_of
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.errors import InputError, InternalCheckError
from txselect.explain.therapy import known_therapy
from txselect.explain.why_not import not_offered
from txselect.inquiry.ask import theory_of
from txselect.inquiry.cone import cone_of
from txselect.inquiry.question import Answer, Question
from txselect.inquiry.solver import Found, Solver
from txselect.inquiry.theory import Theory
from txselect.inquiry.undisturbed import undisturbed
from txselect.inquiry.ways import Goal, Nearest, NeededChange, Way
from txselect.language.changes import changed
from txselect.model.profile import Case, Profile, Status
from txselect.pipeline import Rules, read, reread
from txselect.program.program import OptionNodes

_PASSING = ("field ecog", "list drug", "list finding", "list preference", "measurement ")
"""Questions (by key) whose answers come and go, or that somebody decides."""

_BEST = """
#minimize { 1@2,Q : tried(Q) }.
#minimize { R@1,C : does(C), rank(C,R) ; 100@1,C,K : detail(C,K,_) ; 1@1,C,K : detail(C,K,V), not usual(V) }.
usual(metastatic; progression).
#show does/1.
#show detail/3.
"""


@undisturbed()
def nearest(
    rules: Rules,
    profile: Profile | Case | dict[str, Any],
    therapy: str,
    *,
    limit: int = 5,
    changeable_only: bool = False,
    **how: Any,
) -> Nearest:
    """The smallest ways to turn a therapy's status, at most `limit` of them. `how` as for `decide`.

    A therapy that is recommended is to be offered no longer, any other is to be recommended.
    changeable_only: leave out what nobody can change (age, history, germline), and keep what is still unknown.

    Raises InputError for a therapy class that no rule knows, and InternalCheckError for a way that a run refutes.
    """
    reading, decision = read(rules, profile, **how)
    return _Search(rules, reading, decision, known_therapy(rules.pack, therapy), changeable_only).nearest(limit)


class _Search:
    def __init__(self, rules: Rules, reading: Reading, decision: Decision, therapy: str, changeable_only: bool) -> None:
        self.rules = rules
        self.reading = reading
        self.decision = decision
        self.therapy = therapy
        self.changeable_only = changeable_only
        self.status = self._status(reading)
        self.goal: Goal = "not_offered" if self.status == "recommended" else "recommended"

    def nearest(self, limit: int) -> Nearest:
        """Ways one after the other, until there are enough or no more."""
        ways: list[Way] = []
        complete = True
        nodes = self.reading.program.options.get(self.therapy)
        if nodes is not None:
            cone = cone_of(self.reading.program, (nodes.indicated, nodes.contraindicated))
            theory = theory_of(self.rules, self.reading, self.decision.jurisdiction, cone)
            solver = Solver(
                "".join((theory.text(), *self._aim(nodes), *self._ranks(theory), _BEST)), "--opt-strategy=usc"
            )
            while len(ways) < limit and (found := solver.best()) is not None:
                ways.append(self._way(theory, found))
                solver.exclude({theory.asked_by[answer] for answer in found.answers})
            complete = len(ways) < limit or not solver.has_model()
        label = self.rules.pack.vocabulary.therapies[self.therapy].label
        obstacle = "" if nodes else not_offered(self.reading, self.decision, self.therapy)
        return Nearest(
            self.therapy, label, self.status, self.goal, tuple(ways), complete, self.changeable_only, obstacle
        )

    def _aim(self, nodes: OptionNodes) -> Iterator[str]:
        """What a model must make of the therapy."""
        indicated, contraindicated = nodes.indicated, nodes.contraindicated
        if self.goal == "recommended":
            yield f":- not holds({indicated}). "
            if contraindicated is not None:
                yield f":- not holds({contraindicated ^ 1}). "
            return
        yield f"turned :- holds({indicated ^ 1}). :- not turned. "
        if contraindicated is not None:
            yield f"turned :- holds({contraindicated}). "

    def _ranks(self, theory: Theory) -> Iterator[str]:
        """Among equally small ways what is unknown comes first, then what passes, what may change, and the rest."""
        for answer, number in enumerate(theory.asked_by):
            question = theory.questions[number]
            if question.fixed and self.changeable_only:
                yield f":- tried({number}). "
            yield f"rank({answer},{1000 * _distance(question) + answer}). "

    def _status(self, reading: Reading) -> Status:
        nodes = reading.program.options.get(self.therapy)
        if nodes is None:
            return "not_indicated"
        return status_of(reading.truth(nodes.indicated), reading.truth(nodes.contraindicated))

    def _after(self, answers: Sequence[Answer]) -> Status | None:
        """The status after changes, from a run of the rules on the changed profile; None if they cannot all be true."""
        vocabulary = self.rules.pack.vocabulary
        try:
            profile = changed(self.reading.patient.profile, [answer.change for answer in answers], vocabulary).profile
        except InputError:
            return None
        return self._status(reread(self.rules, profile, self.decision.as_of, self.decision.jurisdiction))

    def _reaches(self, status: Status | None) -> bool:
        return status == "recommended" if self.goal == "recommended" else status in ("excluded", "not_indicated")

    def _way(self, theory: Theory, found: Found) -> Way:
        """What the solver found, in words, once the pipeline has confirmed it."""
        answers = {number: theory.stated(number, details) for number, details in found.answers.items()}
        chosen = list(answers.values())
        status = self._after(chosen)
        if status is None or not self._reaches(status):
            raise InternalCheckError(f"{_text(chosen)} should turn {self.therapy}, and a run makes it {status}")
        for left_out in chosen:
            part = [answer for answer in chosen if answer is not left_out]
            if self._reaches(self._after(part)):
                raise InternalCheckError(f"{_text(chosen)} should be smallest, and {_text(part)} does as well")
        return Way(tuple(self._needed(theory, answers, number) for number in sorted(answers)), status)

    def _needed(self, theory: Theory, answers: Mapping[int, Answer], number: int) -> NeededChange:
        question: Question = theory.questions[theory.asked_by[number]]
        others = [answer for other, answer in answers.items() if other != number]
        also = [
            other.says
            for other in question.answers
            if isinstance(other, Answer)
            and other is not answers[number]
            and self._reaches(self._after([*others, other]))
        ]
        answer = answers[number]
        return NeededChange(
            str(answer.change), question.about, answer.says, tuple(also), question.now, question.known, question.fixed
        )


def _distance(question: Question) -> int:
    """How far away an answer is: to be found out, one that passes or is decided, any other, one for good."""
    passing = question.key.startswith(_PASSING)
    return 0 if not question.known else 100 if question.fixed else 1 if passing else 10


def _text(answers: Sequence[Answer]) -> str:
    return " with ".join(str(answer.change) for answer in answers) or "nothing"
