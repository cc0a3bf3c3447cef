"""Survivors among mutants: that nobody can tell one from its rule, or the case that would notice it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from txselect.check.against import Differs, differences
from txselect.check.goals import Goals
from txselect.check.mutants import Mutant
from txselect.check.parts import whole
from txselect.check.space import Space
from txselect.check.telling import Telling
from txselect.model.rules import RulePack


class Equivalence:
    """Whether mutants decide as the rules do, set up once for all of them."""

    def __init__(self, pack: RulePack, mutants: Iterable[Mutant]) -> None:
        conditions = {mutant.id: whole(mutant.changed) for mutant in mutants if mutant.changed}
        self._space = Space(pack, conditions.values())
        self._telling = Telling(pack, self._space.program)
        self._changed = dict(zip(conditions, self._space.program.beside, strict=False))

    def holds(self, mutant: Mutant) -> bool:
        """Whether no patient tells the two apart, whatever is known of them (`telling`)."""
        if mutant.rule not in self._space.program.rules:
            return False
        goals = Goals()
        goal = goals.add(*self._telling.ways(mutant, self._changed.get(mutant.id, 0), goals))
        return not self._space.looking_for(goals).is_possible(goal)


def killing_case(pack: RulePack, mutant: Mutant) -> dict[str, Any] | None:
    """A case that holds now and would not with the change; None where no status of any patient differs.

    What it expects is what the rules decide today: whether that is right is for a reader to say.
    """
    found = next(iter(differences(pack, mutant.applied(pack))), None)
    return None if found is None else _case(found, mutant)


def _case(differs: Differs, mutant: Mutant) -> dict[str, Any]:
    name = "".join(character if character.isalnum() else "-" for character in mutant.id)
    return {
        "id": name,
        "title": f"Would notice: {mutant.text}",
        "narrative": f"Made by the solver for the rule {mutant.rule}; what is expected is what the rules decided.",
        "profile": dict(differs.patient),
        "expect": {"options": [{"therapy": differs.therapy, "status": differs.before}]},
    }
