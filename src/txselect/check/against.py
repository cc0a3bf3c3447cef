"""Two versions of a rule set: equal for every patient, or of each therapy class a patient for whom they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from txselect.check.goals import Goals, Part, does_not_fail, fails, holds, lacks
from txselect.check.space import ANY, SEXES, Space, with_any_cancer
from txselect.decision.options import status_of
from txselect.errors import PYTHON, InputError, Place, Problem
from txselect.language.validation import validated
from txselect.model.profile import Profile, Status
from txselect.model.rules import RulePack
from txselect.model.vocabulary import Vocabulary
from txselect.program.compile import compiled_together
from txselect.program.program import OptionNodes


@dataclass(frozen=True)
class Differs:
    """A therapy class with a patient for whom its status differs, who has as little said of them as can be."""

    therapy: str
    before: Status
    after: Status
    patient: Mapping[str, Any]


def differences(old: RulePack, new: RulePack) -> Iterator[Differs]:
    """The therapy classes whose status differs for some patient, by what is said of that patient, least first.

    Ranks, cautions and relative contraindications are not compared. Raises InputError where the newer vocabulary lacks
    a word of the older one, because then there is no patient to ask both about.
    """
    _check_words(old.vocabulary, new.vocabulary)
    space = _Both(old, new)
    found = [differs for therapy in space.therapies if (differs := space.differs(therapy))]
    yield from sorted(found, key=lambda differs: (len(str(differs.patient)), differs.therapy))


class _Both:
    def __init__(self, old: RulePack, new: RulePack) -> None:
        packs = [with_any_cancer(pack, new.vocabulary) for pack in (old, new)]
        self._old, self._new = compiled_together(packs, ANY, new.date, SEXES)
        self._space = Space(new, program=self._new)
        self.therapies = tuple(dict.fromkeys((*self._old.options, *self._new.options)))

    def differs(self, therapy: str) -> Differs | None:
        before, after = self._old.options.get(therapy), self._new.options.get(therapy)
        if _references(before) == _references(after):
            return None
        goals = Goals()
        were, are = (dict(_statuses(option)) for option in (before, after))
        pairs = [(*were[s], *are[t]) for s in were for t in are if s != t]
        goal = goals.add(*pairs)
        patient = self._space.looking_for(goals).patient(goal)
        if patient is None:
            return None
        reading = self._space.reading(validated(Profile, patient, PYTHON))
        statuses = [
            status_of(reading.truth(indicated), reading.truth(contraindicated))
            for indicated, contraindicated in map(_references, (before, after))
        ]
        return Differs(therapy, statuses[0], statuses[1], patient)


def _references(option: OptionNodes | None) -> tuple[int | None, int | None]:
    return (None, None) if option is None else (option.indicated, option.contraindicated)


def _statuses(option: OptionNodes | None) -> Iterator[tuple[Status, tuple[Part, ...]]]:
    """The statuses that a class can have, each with what makes it so (`status_of`)."""
    if option is None:
        yield "not_indicated", ()
        return
    indicated, barred = option.indicated, option.contraindicated
    yield "not_indicated", (fails(indicated),)
    yield "recommended", (holds(indicated), *([] if barred is None else [fails(barred)]))
    yield "possible", (lacks(indicated), does_not_fail(indicated), *([] if barred is None else [lacks(barred)]))
    if barred is not None:
        yield "excluded", (does_not_fail(indicated), holds(barred))
        yield "recommended_pending", (holds(indicated), lacks(barred), does_not_fail(barred))


def _check_words(old: Vocabulary, new: Vocabulary) -> None:
    gone = new.lacking(old)
    if gone:
        hint = "`txselect diff` compares two rule sets case by case, whatever their words"
        message = f"the newer vocabulary lacks {', '.join(gone[:5])}: no patient can be asked about both"
        raise InputError([Problem(Place("--against"), "TX006", message, hint)])
