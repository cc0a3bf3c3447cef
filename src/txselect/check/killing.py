"""Survivors among mutants: that one is the same rule for every patient, or the case that would notice it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from txselect.check.against import Differs, differences
from txselect.check.goals import Goals, differing
from txselect.check.mutants import Mutant
from txselect.check.parts import whole
from txselect.check.space import Space
from txselect.model.rules import RulePack


class Equivalence:
    """Whether mutants are the same rules as before, set up once for all of them."""

    def __init__(self, pack: RulePack, mutants: Iterable[Mutant]) -> None:
        alike = [(pack.rules[mutant.rule], mutant) for mutant in mutants]
        pairs = {
            m.id: (whole(rule), whole(m.changed)) for rule, m in alike if m.changed and m.changed.head == rule.head
        }
        self._space = Space(pack, chain.from_iterable(pairs.values()))
        references = iter(self._space.program.beside)
        self._pairs = {name: (next(references), next(references)) for name in pairs}

    def holds(self, mutant: Mutant) -> bool:
        """Whether the rule is, with the change, the same for every patient, whatever is known of them."""
        if mutant.id not in self._pairs:
            return False
        goals = Goals()
        goal = goals.add(*differing(*self._pairs[mutant.id]))
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
