"""The shape of rule files, before names are looked up (format: `docs/rule-language.md`)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from txselect.errors import Place
from txselect.model.condition import Comparison
from txselect.model.forms import Day, Flag, Form, Number, OneOrMore, Text, Texts, Whole, listed, wrong
from txselect.model.profile import Extent, HormoneState, Outcome, Setting
from txselect.model.rules import (
    About,
    Claim,
    Criterion,
    Evidence,
    Expected,
    Intent,
    Jurisdiction,
    Preference,
    Reason,
    Reviewed,
    Strength,
    Ties,
)
from txselect.model.vocabulary import Agent, Biomarker, Cancer, Fact, Measurement, Term, Test, Therapy

Jurisdictions = Annotated[tuple[Jurisdiction, ...], BeforeValidator(listed), Field(min_length=1)]

Times = Annotated[Number, Field(gt=0)]
"""So many times a limit of normal."""


def _this_version(value: object) -> object:
    if type(value) is not int or value != 1:  # True equals 1
        given = str(value).lower() if isinstance(value, bool) else value
        raise wrong(f"this txselect reads version 1 of the rule language, not `{given}`", hint="write `language: 1`")
    return value


class Bounds(Form):
    """The comparison keys, shared by everything that has a number."""

    at_least: Number | None = None
    at_most: Number | None = None
    above: Number | None = None
    below: Number | None = None
    equals: Number | None = None

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        comparison = self.comparison()
        if comparison == Comparison():
            raise wrong("a comparison needs one of at_least, at_most, above, below, equals")
        if comparison.contradictory():
            raise wrong(f"no number is {comparison.text()}")
        return self

    def comparison(self) -> Comparison:
        return Comparison(self.at_least, self.at_most, self.above, self.below, self.equals)


class BiomarkerForm(Form):
    marker: Text
    state: Literal["positive", "negative"] | None = None
    origin: Literal["germline", "somatic"] | None = None
    at_least: Number | Text | None = None
    at_most: Number | Text | None = None
    above: Number | Text | None = None
    below: Number | Text | None = None
    equals: Number | Text | None = None
    unit: Text | None = None


class MeasurementForm(Form):
    name: Text
    at_least: Number | None = None
    at_most: Number | None = None
    above: Number | None = None
    below: Number | None = None
    equals: Number | None = None
    above_upper_limit: Times | None = None
    below_lower_limit: Times | None = None
    unit: Text | None = None


class TherapyForm(Form):
    classes: Annotated[OneOrMore | None, Field(alias="class")] = None
    outcome: Annotated[tuple[Outcome, ...], BeforeValidator(listed)] = ()
    setting: Annotated[tuple[Setting, ...], BeforeValidator(listed)] = ()
    hormone_state: Annotated[tuple[HormoneState, ...], BeforeValidator(listed)] = ()
    line: Bounds | None = None
    months_since_end: Bounds | None = None
    months_on_therapy: Bounds | None = None


class CountForm(Form):
    count: Annotated[Whole, Field(ge=1)]
    of: Annotated[tuple[ConditionForm, ...], Field(min_length=1)]


class ConditionForm(Form):
    """Exactly one key. The key says what kind of condition it is."""

    all: Annotated[tuple[ConditionForm, ...] | None, Field(min_length=1)] = None
    any: Annotated[tuple[ConditionForm, ...] | None, Field(min_length=1)] = None
    not_: Annotated[ConditionForm | None, Field(alias="not")] = None
    at_least: CountForm | None = None
    fact: Text | None = None
    cancer: OneOrMore | None = None
    biomarker: BiomarkerForm | None = None
    measurement: MeasurementForm | None = None
    prior_therapy: TherapyForm | None = None
    prior_lines: Bounds | None = None
    site: OneOrMore | None = None
    comorbidity: OneOrMore | None = None
    finding: OneOrMore | None = None
    histology: OneOrMore | None = None
    drug: OneOrMore | None = None
    preference: OneOrMore | None = None
    extent: Annotated[tuple[Extent, ...] | None, BeforeValidator(listed)] = None
    volume: Annotated[tuple[Literal["high", "low"], ...] | None, BeforeValidator(listed)] = None
    timing: Annotated[tuple[Literal["synchronous", "metachronous"], ...] | None, BeforeValidator(listed)] = None
    resectable: Flag | None = None
    sex: Annotated[tuple[Literal["male", "female"], ...] | None, BeforeValidator(listed)] = None
    menopausal_status: Annotated[
        tuple[Literal["premenopausal", "perimenopausal", "postmenopausal"], ...] | None, BeforeValidator(listed)
    ] = None
    hormone_state: Annotated[tuple[HormoneState, ...] | None, BeforeValidator(listed)] = None
    stage: OneOrMore | None = None
    grade: Bounds | None = None
    age: Bounds | None = None
    ecog: Bounds | None = None
    metastases: Bounds | None = None
    months_since_diagnosis: Bounds | None = None

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        keys = self.keys()
        if len(keys) != 1:
            found = ", ".join(f"`{self.written(key)}`" for key in keys) or "none"
            hint = "join several with `all` or `any`" if keys else ""
            raise wrong(f"a condition has exactly one key, here: {found}", hint=hint)
        if getattr(self, keys[0]) is None:
            key = self.written(keys[0])
            raise wrong(f"`{key}` is empty", key=key)
        return self

    def keys(self) -> list[str]:
        return [name for name in type(self).model_fields if name in self.model_fields_set and name != "place"]

    @classmethod
    def written(cls, name: str) -> str:
        """The key as it stands in a file: `not` for `not_`."""
        return cls.model_fields[name].alias or name


class RecommendForm(Form):
    therapy: Text
    agents: tuple[Annotated[OneOrMore, Field()], ...] = ()
    preference: Preference
    rechallenge: Flag = False


class ContraindicateForm(Form):
    therapy: OneOrMore
    strength: Strength
    reason: Reason


class CautionForm(Form):
    therapy: OneOrMore | None = None


class RequestForm(Form):
    tests: OneOrMore


class Empty(Form):
    pass


class Validity(Form):
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.from_ and self.until and self.until <= self.from_:
            hint = "`until` is the first day on which it is no longer valid"
            raise wrong(f"the rule is never valid: from {self.from_} until {self.until}", key="until", hint=hint)
        return self


HEADS = ("derive", "recommend", "contraindicate", "caution", "request", "conflict", "intent")


class RuleForm(Form):
    id: Text
    title: Text
    applies_to: OneOrMore | None = None
    jurisdiction: Jurisdictions | None = None
    valid: Validity | None = None
    review_by: Day | None = None
    when: ConditionForm
    unless: tuple[ConditionForm, ...] = ()
    derive: Text | None = None
    recommend: RecommendForm | None = None
    contraindicate: ContraindicateForm | None = None
    caution: CautionForm | None = None
    request: RequestForm | None = None
    conflict: Empty | None = None
    intent: Intent | None = None
    evidence: Texts = ()
    experts_differ: Text | None = None
    because: Text

    @model_validator(mode="after")
    def _has_one_head(self) -> Self:
        heads = [head for head in HEADS if head in self.model_fields_set]
        if len(heads) != 1:
            found = ", ".join(f"`{head}`" for head in heads) or "none"
            raise wrong(f"rule `{self.id}` needs exactly one head, here: {found}", hint=f"heads are {', '.join(HEADS)}")
        if getattr(self, heads[0]) is None:
            hint = f"write `{heads[0]}: {{}}`" if heads[0] in ("caution", "conflict") else ""
            raise wrong(f"`{heads[0]}` is empty", key=heads[0], hint=hint)
        if self.recommend and not self.evidence:
            hint = "name a source of the `evidence` lists"
            raise wrong(f"rule `{self.id}` recommends without evidence", hint=hint)
        return self


class RankingForm(Form):
    criteria: tuple[Criterion, ...]
    ties: Ties
    intents: tuple[Intent, ...]


class ScopeForm(Form):
    id: Text
    when: ConditionForm
    expects: Expected
    because: Text


class NeverForm(Form):
    recommended: Text | None = None
    offered: Text | None = None


class AlwaysForm(Form):
    warned: Text | None = None
    excluded: Text | None = None


class InvariantForm(Form):
    id: Text
    when: ConditionForm
    never: NeverForm | None = None
    always: AlwaysForm | None = None
    because: Text

    @model_validator(mode="after")
    def _claims_one_thing(self) -> Self:
        if len(self.claims()) != 1:
            hint = "write `never: {recommended: CLASS}` (or offered), or `always: {warned: CLASS}` (or excluded)"
            raise wrong(f"the invariant `{self.id}` needs exactly one claim", hint=hint)
        return self

    def claims(self) -> list[tuple[Claim, str, Place]]:
        """What is claimed of which class, and where that is written."""
        never, always = self.never or NeverForm(), self.always or AlwaysForm()
        said: list[tuple[Claim, str | None, Place]] = [
            ("never recommended", never.recommended, never.place.at("recommended")),
            ("never offered", never.offered, never.place.at("offered")),
            ("always warned", always.warned, always.place.at("warned")),
            ("always excluded", always.excluded, always.place.at("excluded")),
        ]
        return [(claim, therapy, place) for claim, therapy, place in said if therapy]


class ChecksForm(Form):
    scopes: tuple[ScopeForm, ...] = ()
    invariants: tuple[InvariantForm, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()


class PackFile(Form):
    """One file of a pack: the header, then any of the lists."""

    pack: Text
    language: Annotated[Literal[1], BeforeValidator(_this_version)]
    date: Day
    review_by: Day | None = None
    applies_to: OneOrMore | None = None
    jurisdiction: Jurisdictions | None = None
    about: About | None = None
    ranking: RankingForm | None = None
    cancers: tuple[Cancer, ...] = ()
    biomarkers: tuple[Biomarker, ...] = ()
    tests: tuple[Test, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    sites: tuple[Term, ...] = ()
    comorbidities: tuple[Term, ...] = ()
    findings: tuple[Term, ...] = ()
    histologies: tuple[Term, ...] = ()
    drugs: tuple[Term, ...] = ()
    preferences: tuple[Term, ...] = ()
    facts: tuple[Fact, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    agents: tuple[Agent, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rules: tuple[RuleForm, ...] = ()
    checks: ChecksForm | None = None


CountForm.model_rebuild()
ConditionForm.model_rebuild()
