"""The absolute contraindications that concern a therapy class, whatever their scope."""

from __future__ import annotations

from txselect.model.rules import Rule, RulePack


def agents_in(pack: RulePack, therapy: str) -> frozenset[str]:
    """The agents of a class's regimens; all those of the class where a rule names none."""
    of_class = (pack.vocabulary.agents_of.get(therapy, ()),)
    rules = pack.rules_for.get(therapy, ())
    return frozenset(agent for rule in rules for regimen in rule.regimens or of_class for agent in regimen)


def barring(pack: RulePack, therapy: str) -> list[Rule]:
    """Every absolute contraindication of the class or of a single agent of its regimens, in the order of the pack."""
    names = {therapy, *agents_in(pack, therapy)}
    found = {rule for name in names for rule in pack.concerning.of("absolute", name)}
    return [rule for name, rule in pack.rules.items() if name in found]
