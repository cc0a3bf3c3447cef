"""Regimens held against the therapy class that they are named for."""

from __future__ import annotations

from collections.abc import Iterator

from txselect.check.finding import Finding
from txselect.check.lint_reading import Reads
from txselect.decision.wording import joined
from txselect.model.rules import Recommend, Rule
from txselect.model.vocabulary import Vocabulary


def regimens(reads: Reads) -> Iterator[Finding]:
    """Rules of which no regimen has an agent of the class that they recommend, or of one of its components (TX103).

    One regimen that has it is enough: a drug may be given in a way that its own class does not tell.
    """
    for rule in reads.rules:
        if isinstance(rule.head, Recommend) and rule.regimens:
            yield from _missing(rule, rule.head.therapy, reads.vocabulary)


def _missing(rule: Rule, therapy: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    agents = dict.fromkeys(agent for regimen in rule.regimens for agent in regimen)
    given = {name for agent in agents for name in vocabulary.agents[agent].classes}
    for part in _parts(therapy, vocabulary):
        # an agent of a wider class will do: a doublet is a kind of what each of its drugs is
        if given.isdisjoint(vocabulary.therapy_kinds.related(part)):
            named = joined((f"`{agent}`" for agent in agents), "and")
            message = f"`{therapy}` is recommended and no regimen has an agent of `{part}`, only {named}"
            hint = "name its agents, or recommend the class that these belong to"
            yield Finding("TX103", rule.place.at("recommend"), message, hint, rule.id)


def _parts(therapy: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The class itself, or the classes that a combination is made of."""
    components = vocabulary.therapies[therapy].components
    for component in components:
        yield from _parts(component, vocabulary)
    if not components:
        yield therapy
