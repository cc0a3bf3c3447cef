"""From a certified valuation to the decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from txselect.decision.derivation import derivation_of
from txselect.decision.flags import covered, flags_of
from txselect.decision.options import options_of, reason_of
from txselect.decision.reading import Reading
from txselect.decision.record import (
    Assumption,
    Decision,
    EngineUsed,
    Option,
    Reason,
    RuleSet,
)
from txselect.decision.wording import LIST_WORDS, joined
from txselect.model.profile import LIST_NAMES, NONE_UNLESS_STATED, Profile, Status
from txselect.model.rules import Caution, Conflict, Intend, Request
from txselect.program.observe import limits_compared

_OFFERED_AS: dict[Status, str] = {
    "recommended": "recommended",
    "recommended_pending": "recommended pending a check",
    "possible": "possible pending information",
}


def decision_of(
    reading: Reading,
    *,
    engine: EngineUsed,
    txselect: str,
    jurisdiction: str | None,
    assumptions: Sequence[Assumption] = (),
) -> Decision:
    """The decision that a reading gives. `assumptions` are those made before: about the date, about the engine."""
    pack, patient = reading.pack, reading.patient
    options = options_of(reading)
    intent, intent_reasons = _intent(reading)
    return Decision(
        rule_set=RuleSet(pack.name, pack.version, pack.date, pack.sha256),
        engine=engine,
        txselect=txselect,
        profile=patient.profile.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        profile_sha256=patient.profile.sha256(),
        as_of=patient.as_of,
        jurisdiction=jurisdiction,
        cancer=pack.vocabulary.cancers[patient.cancer].label,
        conclusion=_conclusion(reading, options),
        intent=intent,
        intent_reasons=intent_reasons,
        options=options,
        flags=flags_of(reading, options),
        assumptions=(*assumptions, *_assumptions(reading, options), *_limit_assumptions(reading)),
        derivation=derivation_of(reading),
        disclaimer=pack.disclaimer,
    )


def _intent(reading: Reading) -> tuple[str | None, tuple[Reason, ...]]:
    """The first intent, in the ranking's order, that a rule gives, with the rules that give it."""
    by_intent: dict[str, list[Reason]] = {}
    for name in reading.program.by_head.get(Intend, ()):
        rule = reading.pack.rules[name]
        if isinstance(rule.head, Intend) and reading.rule_truth(name):
            by_intent.setdefault(rule.head.intent, []).append(reason_of(reading, rule))
    intent = next((intent for intent in reading.pack.ranking.intents if intent in by_intent), None)
    return intent, tuple(by_intent.get(intent or "", ()))


def _conclusion(reading: Reading, options: Sequence[Option]) -> str:
    """One sentence on what was found; an empty list of options is never left unexplained."""
    counts = {words: sum(option.status == status for option in options) for status, words in _OFFERED_AS.items()}
    counts = {words: count for words, count in counts.items() if count}
    total = sum(counts.values())
    if total == 0:
        return _nothing_offered(reading, options)
    noun = "therapy class" if total == 1 else "therapy classes"
    if len(counts) == 1:
        return f"{total} {noun} offered, {'' if total == 1 else 'all '}{next(iter(counts))}"
    return f"{total} {noun} offered: {joined((f'{count} {words}' for words, count in counts.items()), 'and')}"


def _nothing_offered(reading: Reading, options: Sequence[Option]) -> str:
    if not covered(reading):
        return f"out of scope: {reading.pack.vocabulary.cancers[reading.patient.cancer].label} is not covered"
    if any(option.status == "excluded" for option in options):
        return "nothing can be offered: every therapy class that is or may be indicated is contraindicated"
    return "no rule applies: no therapy class of this rule set is indicated for this profile"


def _assumptions(reading: Reading, options: Sequence[Option]) -> Iterable[Assumption]:
    """The lists taken as complete on which anything in the decision rests, with the therapy classes concerned."""
    resting: dict[str, list[str]] = {}
    for option in options:
        for name in _option_rests_on(reading, option):
            resting.setdefault(name, []).append(option.therapy)
    for head in (Intend, Conflict, Request, Caution):
        for rule in reading.program.by_head.get(head, ()):
            for name in reading.settled_rests_on(reading.program.rules[rule]):
                resting.setdefault(name, [])
    for name in sorted(resting):
        text = _assumed_text(name, reading.patient.profile)
        yield Assumption(name, text, tuple(resting[name]))


def _assumed_text(name: str, profile: Profile) -> str:
    if name == LIST_NAMES[NONE_UNLESS_STATED] and profile.term_list(NONE_UNLESS_STATED) is None:
        return f"{LIST_WORDS[name]} are not stated, so none is assumed"
    return f"the list of {LIST_WORDS[name]} is complete: what is not listed is taken as absent"


def _option_rests_on(reading: Reading, option: Option) -> frozenset[str]:
    """What the status rests on and, for an option that is offered, that a caution is raised or not."""
    nodes = reading.program.options[option.therapy]
    references = {nodes.indicated, nodes.contraindicated}
    if option.offered:
        references.update(reading.program.rules[concern.rule] for concern in nodes.concerns)
        references.update(regimen.contraindicated for regimen in nodes.regimens)
    return frozenset().union(*map(reading.settled_rests_on, references))


def _limit_assumptions(reading: Reading) -> Iterable[Assumption]:
    found, compared = reading.patient.measurements, limits_compared(reading.program)
    assumed = [name for name in found if any((name, limit) in compared for limit in found[name].limits_assumed)]
    if assumed:
        labels = joined((reading.pack.vocabulary.measurements[name].label for name in assumed), "and")
        text = f"usual limits of normal were used for {labels}, because the profile gives none"
        yield Assumption("reference_limits", text)
