"""What was proved of a rule before, kept between runs: it is proved again once anything that it rests on changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from platformdirs import user_cache_path

from txselect.cache import this_code, write_whole
from txselect.check.finding import Finding
from txselect.model.rules import Invariant, Rule, RulePack, Scope

Claimed = Scope | Invariant

_PLACE = re.compile(r"Place\(file=(?:'[^']*'|\"[^\"]*\"), line=(?P<line>\d+), column=(?P<column>\d+)\)")


class Remembered:
    """Findings by what they rest on. The memory only ever saves time: what cannot be read is proved again.

    rests_on: for each rule or claim (by id) the rules on which the proofs about it rest.
    """

    def __init__(self, pack: RulePack, rests_on: Callable[[str], Iterable[str]]) -> None:
        self._pack = pack
        self._rests_on = rests_on
        self._proved: dict[str, Rule | Claimed] = {**pack.rules, **{claim.id: claim for claim in pack.declared.claims}}
        self._where = user_cache_path("txselect") / f"{this_code()[:32]}.proofs"
        self._known: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self._known = dict(json.loads(self._where.read_text(encoding="utf-8")))
        self._used: dict[str, Any] = {}

    def findings(self, name: str) -> list[Finding] | None:
        """What was found of a rule or claim as it stands now; None if that is not known."""
        key = self._key(name)
        if key not in self._known:
            return None
        self._used[key] = self._known[key]
        place = self._proved[name].place
        return [
            Finding(**{**entry, "place": replace(place, line=place.line + entry["place"][0], column=entry["place"][1])})
            for entry in self._known[key]
        ]

    def keep(self, found: Mapping[str, Iterable[Finding]]) -> None:
        """Remember what was found now, beside what was asked for; the rest is forgotten."""
        for name, findings in found.items():
            first = self._proved[name].place.line
            self._used[self._key(name)] = [
                {**vars(finding), "place": (finding.place.line - first, finding.place.column)} for finding in findings
            ]
        with suppress(OSError):
            write_whole(self._where, json.dumps(self._used).encode())

    def _key(self, name: str) -> str:
        rests_on = sorted(self._written[rule] for rule in self._rests_on(name))
        return sha256("\n".join((self._written[name], self._vocabulary, *rests_on)).encode()).hexdigest()

    @cached_property
    def _vocabulary(self) -> str:
        """The words of the pack, and its day."""
        return sha256(f"{self._pack.date} {self._pack.vocabulary!r}".encode()).hexdigest()

    @cached_property
    def _written(self) -> dict[str, str]:
        """What each rule and claim says and where its parts stand within it."""
        return {name: sha256(_written(entry).encode()).hexdigest() for name, entry in self._proved.items()}


def _written(entry: Rule | Claimed) -> str:
    """A rule without its texts, its places counted from its own first line: moving it changes no proof."""
    if isinstance(entry, Rule):
        entry = replace(entry, title="", evidence=(), experts_differ="", review_by=None)
    spare, first = replace(entry, because=""), entry.place.line

    def counted_from_the_first_line(place: re.Match[str]) -> str:
        return f"{int(place['line']) - first}:{place['column']}"

    return _PLACE.sub(counted_from_the_first_line, repr(spare))
