"""A patient's profile and a case around it, as written by a clinician (format: `docs/profile.md`)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from txselect.model.forms import Day, Flag, Form, Number, OneOrMore, Text, Texts, Whole, wrong

Extent = Literal["localised", "locally_advanced", "metastatic", "oligometastatic", "polymetastatic"]
HormoneState = Literal[
    "hormone_sensitive", "castration_resistant", "endocrine_resistant_primary", "endocrine_resistant_secondary"
]
Setting = Literal["neoadjuvant", "adjuvant", "definitive", "locally_advanced", "metastatic", "maintenance"]
Outcome = Literal["response", "stable", "progression", "intolerance", "completed", "ongoing"]
MarkerState = Literal["positive", "negative", "equivocal", "not_tested", "test_failed"]
Status = Literal["recommended", "recommended_pending", "possible", "excluded", "not_indicated"]
FlagKind = Literal[
    "test_needed", "caution", "data_conflict", "insufficient_data", "out_of_scope", "unrecognised_finding"
]
LIST_NAMES = {
    "site": "sites",
    "comorbidity": "comorbidities",
    "finding": "findings",
    "histology": "histology",
    "drug": "drugs",
    "preference": "preferences",
}
"""Under which key a profile lists the terms of each kind: sites and histology stand under `cancer`."""

NONE_UNLESS_STATED = "preference"
"""The term kind of which a list left out means none: a wish that nobody stated is assumed, by name, not to exist."""

CLOSED_WHERE_PRESENT = ("site", "comorbidity", "drug", "preference")
"""Term kinds whose lists are taken as complete where they are present; findings and histology are not."""


def _named(value: Any) -> Any:
    if isinstance(value, (int, float, list, tuple)) or value is None:
        raise wrong("a listed item is a name, or a mapping with `name` and `state`")
    return {"name": value} if isinstance(value, str) else value


def _as_listing(value: Any) -> Any:
    if isinstance(value, (str, int, float)):
        raise wrong(f"expected a list, not `{value}`", hint="put it in `[ ]`, or on its own line after `- `")
    return {"items": value} if isinstance(value, (list, tuple)) else value


class Observation(Form):
    """A listed term: present unless it says otherwise."""

    name: Text
    state: Literal["present", "absent", "unknown"] = "present"


class TermList(Form):
    """`complete` None: what the kind of list implies."""

    items: tuple[Annotated[Observation, BeforeValidator(_named)], ...]
    complete: Flag | None = None


class PriorTherapy(Form):
    therapy: OneOrMore
    setting: Setting | None = None
    line: Annotated[Whole, Field(ge=1, le=30)] | None = None
    hormone_state: HormoneState | None = None
    start: Day | None = None
    end: Day | None = None
    months_since_end: Annotated[Number, Field(ge=0, le=900)] | None = None
    months_on_therapy: Annotated[Number, Field(ge=0, le=900)] | None = None
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise wrong(f"this therapy ends ({self.end}) before it starts ({self.start})", key="end")
        return self


class TherapyList(Form):
    items: tuple[PriorTherapy, ...]
    complete: Flag | None = None


class BiomarkerReport(Form):
    """One result; either a state or a measured value."""

    marker: Text
    alteration: Text | None = None
    state: MarkerState | None = None
    value: Number | Text | None = None
    unit: Text | None = None
    origin: Literal["germline", "somatic"] | None = None
    assay: Text | None = None
    specimen: Text | None = None
    date: Day | None = None
    superseded: Flag = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.state is None and self.value is None:
            hint = "`state: not_tested` says that there is no result"
            raise wrong(f"the result of `{self.marker}` needs a `state` or a `value`", hint=hint)
        if self.state is not None and self.value is not None:
            hint = "keep the value: it implies the state"
            raise wrong(f"`{self.marker}` has both a `state` and a `value`", key="state", hint=hint)
        return self


class MeasurementReport(Form):
    name: Text
    value: Number
    unit: Text
    lower_limit: Number | None = None
    upper_limit: Number | None = None
    date: Day | None = None


Terms = Annotated[TermList, BeforeValidator(_as_listing)]


class CancerReport(Form):
    type: Text
    histology: Terms | None = None
    grade: Annotated[Whole, Field(ge=1, le=5)] | None = None
    stage: Text | None = None
    extent: Extent | None = None
    volume: Literal["high", "low"] | None = None
    timing: Literal["synchronous", "metachronous"] | None = None
    metastases: Annotated[Whole, Field(ge=0, le=999)] | None = None
    sites: Terms | None = None
    resectable: Flag | None = None
    diagnosed: Day | None = None
    months_since_diagnosis: Annotated[Number, Field(ge=0, le=900)] | None = None


class Profile(Form):
    """What is known of a patient. What is left out is unknown."""

    as_of: Day | None = None
    age: Annotated[Whole, Field(ge=0, le=120)] | None = None
    sex: Literal["male", "female"] | None = None
    ecog: Annotated[Whole, Field(ge=0, le=4)] | None = None
    menopausal_status: Literal["premenopausal", "perimenopausal", "postmenopausal"] | None = None
    cancer: CancerReport
    hormone_state: HormoneState | None = None
    prior_therapies: Annotated[TherapyList, BeforeValidator(_as_listing)] | None = None
    biomarkers: tuple[BiomarkerReport, ...] = ()
    measurements: tuple[MeasurementReport, ...] = ()
    comorbidities: Terms | None = None
    findings: Terms | None = None
    drugs: Terms | None = None
    preferences: Terms | None = None
    other_findings: Texts = ()

    def sha256(self) -> str:
        """The hash of what the profile says: independent of file, key order and places."""
        text = self.model_dump_json(exclude_none=True, exclude_defaults=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def term_list(self, kind: str) -> TermList | None:
        """The list of a term kind, which for sites and histology stands under `cancer`."""
        found: TermList | None = getattr(self.holder_of(kind), LIST_NAMES[kind])
        return found

    def holder_of(self, kind: str) -> Form:
        """The part of the profile in which the terms of a kind are listed."""
        return self.cancer if kind in ("site", "histology") else self


_NOT_ONE_ITEM = {"place", "as_of", "cancer", "biomarkers", "measurements", "other_findings"}
PROFILE_PATHS = (
    *(name for name in Profile.model_fields if name not in _NOT_ONE_ITEM),
    *(f"cancer.{name}" for name in CancerReport.model_fields if name != "place"),
)
"""The parts of a profile that are one field or one list each, as `ecog` and `cancer.sites`."""


class Source(Form):
    kind: Literal["case_report", "trial_population", "constructed", "margin"]
    citation: Text | None = None
    given: Text | None = None
    differs: Text | None = None


class ExpectedOption(Form):
    therapy: Text
    status: Status
    rank: Whole | None = None


class ExpectedFlag(Form):
    kind: FlagKind
    about: Text = ""


class Expectation(Form):
    """What a case claims of its decision. What it does not mention, it does not claim."""

    intent: Literal["potentially_curative", "disease_control", "supportive"] | None = None
    options: tuple[ExpectedOption, ...] = ()
    not_offered: Texts = ()
    flags: tuple[ExpectedFlag, ...] = ()
    assumptions: Texts = ()
    decided: Text | None = None
    """The digest of all that is decided; made by `txselect test --margins`."""


class Outside(Form):
    """What keeps a patient out of a trial whose population is another case, and what is then not offered."""

    population: Text
    """The id of the case."""
    criterion: Text
    """The criterion that this patient does not meet, in words."""
    therapy: Text
    """The class that is recommended there and not offered here."""


class Case(Form):
    id: Text
    title: Text
    narrative: Text
    source: Source | None = None
    outside: Outside | None = None
    trap: Text | None = None
    profile: Profile
    expect: Expectation = Expectation()
