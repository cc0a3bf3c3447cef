"""Finding the therapy class that a user means."""

from __future__ import annotations

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.model.rules import RulePack


def known_therapy(pack: RulePack, spelling: str) -> str:
    """The id of a therapy class from its id, label or alias. Raises InputError with a hint."""
    vocabulary = pack.vocabulary
    if spelling in vocabulary.therapies:
        return spelling
    found = vocabulary.therapy_names.find(spelling)
    if found in vocabulary.therapies:
        return str(found)
    place = Place("<therapy>")
    if found:
        classes = ", ".join(f"`{name}`" for name in vocabulary.agents[found].classes)
        hint = f"ask for its class: {classes}"
        raise InputError([Problem(place, "TX006", f"`{spelling}` is an agent, not a therapy class", hint)])
    names = vocabulary.therapy_names.all_spellings()
    raise InputError([Problem(place, "TX006", f"unknown therapy class `{spelling}`", did_you_mean(spelling, names))])
