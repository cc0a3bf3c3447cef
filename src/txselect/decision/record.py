"""The decision as its readers get it: a plain, versioned, serialisable record (`txselect.decision/1`)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Literal

from txselect.model.profile import FlagKind, Status

SCHEMA = "txselect.decision/1"
CautionKind = Literal["relative_contraindication", "caution"]


@dataclass(frozen=True, slots=True)
class RuleSet:
    name: str
    version: str
    date: datetime.date
    sha256: str


@dataclass(frozen=True, slots=True)
class EngineUsed:
    """`stands_in_for` names the engine that was asked for and could not run here; the assumptions say why."""

    name: str
    version: str
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that speaks for (or, with `is_for` False, against) an option. `holds` None: it is undecided."""

    rule: str
    title: str
    because: str
    holds: bool | None
    is_for: bool = True
    experts_differ: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source. Identifiers are there only where they were checked."""

    id: str
    kind: str
    name: str
    when: str
    agency: str | None
    level: str | None
    nct: str | None
    pmid: str | None
    doi: str | None
    result: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """Something unknown that the status waits for: what it is, and how far it is known."""

    what: str
    state: str
    markers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CautionNote:
    """A caution or relative contraindication; where it is not certain, `waits_for` names what would settle it."""

    rule: str
    text: str
    kind: CautionKind
    certain: bool
    waits_for: tuple[Pending, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One therapy class. `rank` 1 stands first; equal ranks are a tie; None: not offered.

    before_next: why it stands before the option after it, or that the two are tied; None for the last.
    """

    therapy: str
    label: str
    modality: str
    agents: tuple[str, ...]
    status: Status
    rank: int | None
    before_next: str | None
    preference: str | None
    evidence_level: str | None
    reasons: tuple[Reason, ...]
    evidence: tuple[Citation, ...]
    pending: tuple[Pending, ...]
    cautions: tuple[CautionNote, ...]
    rules: tuple[str, ...]

    @property
    def offered(self) -> bool:
        return self.rank is not None


@dataclass(frozen=True, slots=True)
class Flag:
    kind: FlagKind
    text: str
    about: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken as given; `options` are the therapy classes whose status rests on it."""

    id: str
    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A condition that the profile itself settles. Literals are written `12+` (true) and `12-` (false)."""

    literal: str
    says: str
    found: str
    assumes: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A conclusion, the number of the clause that drew it and the literals it was drawn from."""

    literal: str
    says: str
    clause: int
    premises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """The certified valuation: what was given, then each conclusion after everything it rests on."""

    given: tuple[Given, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a user sees. See `txselect schema decision` for the JSON Schema."""

    schema: Literal["txselect.decision/1"] = "txselect.decision/1"
    rule_set: RuleSet
    engine: EngineUsed
    txselect: str
    profile: dict[str, Any]
    profile_sha256: str
    as_of: datetime.date
    jurisdiction: str | None
    cancer: str
    conclusion: str
    intent: str | None
    intent_reasons: tuple[Reason, ...]
    options: tuple[Option, ...]
    flags: tuple[Flag, ...]
    assumptions: tuple[Assumption, ...]
    derivation: Derivation
    disclaimer: str

    @property
    def offered(self) -> tuple[Option, ...]:
        """The options with a rank, best first."""
        return tuple(option for option in self.options if option.offered)

    def option(self, therapy: str) -> Option | None:
        """The option of a therapy class, or None where no rule in scope speaks of it."""
        return next((option for option in self.options if option.therapy == therapy), None)
