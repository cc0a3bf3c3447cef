"""Cases that test nothing, or nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from txselect.check.finding import Finding
from txselect.model.profile import Case, Expectation


def cases_in_order(cases: Iterable[Case]) -> Iterator[Finding]:
    """Ids given twice (TX123), cases that expect nothing (TX124) and profiles that two cases share (TX125)."""
    ids: dict[str, Case] = {}
    profiles: dict[str, Case] = {}
    for case in cases:
        first = ids.setdefault(case.id, case)
        if first is not case:
            hint = f"first: {first.place.at('id')}"
            yield Finding("TX123", case.place.at("id"), f"the case id `{case.id}` is given twice", hint)
        if case.expect == Expectation():
            hint = "say what the decision must have, under `expect`"
            yield Finding("TX124", case.place, f"the case `{case.id}` expects nothing, so it cannot fail", hint)
        same = profiles.setdefault(case.profile.sha256(), case)
        if same is not case:
            message = f"the cases `{same.id}` and `{case.id}` are about the same profile"
            hint = f"put what both expect into one; the first stands at {same.place.at('profile')}"
            yield Finding("TX125", case.place.at("profile"), message, hint)
