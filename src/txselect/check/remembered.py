"""What was proved of a rule before, kept between runs: it is proved again once anything that it rests on changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from platformdirs import user_cache_path

from txselect.cache import this_code, write_whole
from txselect.check.finding import Finding
from txselect.check.rule_proofs import RuleProofs
from txselect.model.rules import Rule

_PLACE = re.compile(r"Place\(file=(?:'[^']*'|\"[^\"]*\"), line=(?P<line>\d+), column=(?P<column>\d+)\)")


class Remembered:
    """Findings by what they rest on. The memory only ever saves time: what cannot be read is proved again."""

    def __init__(self, proofs: RuleProofs) -> None:
        self._proofs = proofs
        self._pack = proofs.pack
        self._where = user_cache_path("txselect") / f"{this_code()[:32]}.proofs"
        self._known: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self._known = dict(json.loads(self._where.read_text(encoding="utf-8")))
        self._used: dict[str, Any] = {}

    def findings(self, rule: str) -> list[Finding] | None:
        """What was found of a rule as it stands now; None if that is not known."""
        key = self._key(rule)
        if key not in self._known:
            return None
        self._used[key] = self._known[key]
        place = self._pack.rules[rule].place
        return [
            Finding(**{**entry, "place": replace(place, line=place.line + entry["place"][0], column=entry["place"][1])})
            for entry in self._known[key]
        ]

    def keep(self, found: Mapping[str, Iterable[Finding]]) -> None:
        """Remember what was found of rules now, beside what was asked for; the rest is forgotten."""
        for rule, findings in found.items():
            first = self._pack.rules[rule].place.line
            self._used[self._key(rule)] = [
                {**vars(finding), "place": (finding.place.line - first, finding.place.column)} for finding in findings
            ]
        with suppress(OSError):
            write_whole(self._where, json.dumps(self._used).encode())

    def _key(self, rule: str) -> str:
        rests_on = sorted(self._written[name] for name in self._proofs.rests_on(rule))
        return sha256("\n".join((rule, self._vocabulary, *rests_on)).encode()).hexdigest()

    @cached_property
    def _vocabulary(self) -> str:
        """The words of the pack, and its day."""
        return sha256(f"{self._pack.date} {self._pack.vocabulary!r}".encode()).hexdigest()

    @cached_property
    def _written(self) -> dict[str, str]:
        """What each rule says and where its parts stand within it."""
        return {name: sha256(_written(rule).encode()).hexdigest() for name, rule in self._pack.rules.items()}


def _written(rule: Rule) -> str:
    """A rule without its texts, its places counted from its own first line: moving it changes no proof."""
    spare = replace(rule, title="", because="", evidence=(), experts_differ="", review_by=None)

    def counted_from_the_rule(place: re.Match[str]) -> str:
        return f"{int(place['line']) - rule.place.line}:{place['column']}"

    return _PLACE.sub(counted_from_the_rule, repr(spare))
