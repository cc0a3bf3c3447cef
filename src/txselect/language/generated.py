"""The rules that every therapy class has without anyone writing them: failed before, not tolerated before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from txselect.model.condition import TherapyGiven
from txselect.model.rules import Contraindicate, Reason, Recommend, Rule, Strength, by_therapy
from txselect.model.vocabulary import Vocabulary


def generated_rules(vocabulary: Vocabulary, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """`already_failed.<class>` (absolute) and `not_tolerated.<class>` (relative) for each recommended class.

    A class with an empty `failed_by` has neither. A rule that recommends the class with `rechallenge` lifts the first
    where the rule's own conditions hold.
    """
    made = (
        rule
        for therapy, recommending in by_therapy(rules.values()).items()
        if vocabulary.failed_by(therapy)
        for rule in (_already_failed(therapy, vocabulary, recommending), _not_tolerated(therapy, vocabulary))
    )
    return {rule.id: rule for rule in made}


def _already_failed(therapy: str, vocabulary: Vocabulary, recommending: Iterable[Rule]) -> Rule:
    lifted = tuple(rule.id for rule in recommending if isinstance(rule.head, Recommend) and rule.head.rechallenge)
    return _rule("already_failed", therapy, vocabulary, "progression", "absolute", "already_failed", lifted)


def _not_tolerated(therapy: str, vocabulary: Vocabulary) -> Rule:
    return _rule("not_tolerated", therapy, vocabulary, "intolerance", "relative", "safety", ())


def _rule(
    name: str,
    therapy: str,
    vocabulary: Vocabulary,
    outcome: str,
    strength: Strength,
    reason: Reason,
    lifted_by: tuple[str, ...],
) -> Rule:
    entry = vocabulary.therapies[therapy]
    failed = vocabulary.failed_by(therapy)
    classes = " or ".join(vocabulary.therapies[part].label for part in failed)
    happened = "Progression" if outcome == "progression" else "Intolerance"
    return Rule(
        id=f"{name}.{therapy}",
        title=f"earlier {happened.lower()}: {classes}",
        head=Contraindicate((therapy,), strength, reason, exactly=True, lifted_by=lifted_by),
        when=TherapyGiven(classes=failed, outcomes=(outcome,), place=entry.place),
        unless=(),
        because=f"{happened} before: {classes}.",
        place=entry.place,
    )
