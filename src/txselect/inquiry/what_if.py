"""What if the profile said something else: the decision on the changed profile, against the one on the profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from txselect.decision.wording import joined
from txselect.explain.difference import Difference, difference
from txselect.explain.difference_text import difference_lines, summary
from txselect.explain.lines import Explanation, Line
from txselect.language.changes import change_of, changed
from txselect.model.change import Change, Edit
from txselect.model.profile import Case, Profile
from txselect.pipeline import Rules, checked_profile, read


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What changes of a profile change in the decision.

    edits: each change with what the profile said before.
    set_aside: what the profile said besides, for which the changes leave no room.
    """

    edits: tuple[Edit, ...]
    set_aside: tuple[str, ...]
    difference: Difference
    explanation: Explanation


def what_if(
    rules: Rules, profile: Profile | Case | dict[str, Any], changes: Iterable[Change | str], **how: Any
) -> WhatIf:
    """The difference that changes make; a change may be written `path=value`, as `--set` takes it.

    `how` takes what `decide` takes: as_of, engine, jurisdiction. Raises InputError with every problem of the changes.
    """
    profile = checked_profile(profile)
    before = read(rules, profile, **how)
    wanted = [change_of(change) if isinstance(change, str) else change for change in changes]
    made = changed(profile, wanted, rules.pack.vocabulary)
    found = difference(before, read(rules, made.profile, **how))
    return WhatIf(made.edits, made.set_aside, found, _explanation(made.edits, made.set_aside, found))


def _explanation(edits: tuple[Edit, ...], set_aside: tuple[str, ...], found: Difference) -> Explanation:
    wanted = joined((edit.says for edit in edits), "and")
    lines = (
        *(Line("note", f"changed: {edit.subject}", f"{edit.after}; before {edit.before}") for edit in edits),
        *(Line("note", f"set aside: {statement}") for statement in set_aside),
        *difference_lines(found),
    )
    return Explanation("", f"What if: {wanted}?", summary(found), lines)
