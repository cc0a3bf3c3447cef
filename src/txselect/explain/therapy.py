"""Finding the therapy class that a user means."""

from __future__ import annotations

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.model.rules import RulePack


def known_therapy(pack: RulePack, spelling: str) -> str:
    """The id of a therapy class from its id, label or alias, or from an agent of one class only.

    Raises InputError with a hint.
    """
    vocabulary = pack.vocabulary
    found = spelling if spelling in vocabulary.therapies else vocabulary.therapy_names.find(spelling)
    if found is not None and found in vocabulary.therapies:
        return found
    if found is None:
        names = vocabulary.therapy_names.all_spellings()
        hint = did_you_mean(spelling, names) or "`txselect therapies` lists them"
        raise _unknown(f"unknown therapy class `{spelling}`", hint)
    classes = _classes_with(pack, found)
    if len(classes) == 1:
        return classes[0]
    hint = f"ask for one of its classes: {', '.join(classes)}" if classes else "`txselect therapies` lists the classes"
    raise _unknown(f"`{spelling}` is an agent, not a therapy class", hint)


def _classes_with(pack: RulePack, agent: str) -> list[str]:
    """The recommended classes of which a regimen names the agent, or to which it belongs where none names agents."""
    kinds = pack.vocabulary.therapy_kinds
    return sorted(
        therapy
        for therapy, rules in pack.rules_for.items()
        if therapy in kinds.above(agent) or any(agent in regimen for rule in rules for regimen in rule.regimens)
    )


def _unknown(message: str, hint: str) -> InputError:
    return InputError([Problem(Place("<therapy>"), "TX006", message, hint)])
