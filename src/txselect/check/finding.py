"""What a check finds: one thing to look at in a rule set, where it stands and, if a patient shows it, which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from txselect.errors import Place, Problem

FAULTS = frozenset({"TX201", "TX203", "TX204", "TX205", "TX209"})
"""Findings by which a rule set does not do what it says; others are advice on rules that answer nobody wrongly."""


@dataclass(frozen=True)
class Finding:
    """A code of `docs/checks.md` at a place. `rule` is the id of the rule that is at fault, if it is one.

    witness: a profile, as plain values, on which a run shows what the finding says; None where no patient is needed.
    """

    code: str
    place: Place
    message: str
    hint: str = ""
    rule: str = ""
    witness: dict[str, Any] | None = None

    @property
    def is_fault(self) -> bool:
        """Whether the rule set is wrong as it stands; other findings are advice."""
        return self.code in FAULTS

    @property
    def problem(self) -> Problem:
        """The finding as it is printed: `file:line:column: CODE message` with a hint."""
        return Problem(self.place, self.code, self.message, self.hint)
