"""Why an option is not offered: every rule of the therapy, condition by condition, the nearest rule first."""

from __future__ import annotations

from collections.abc import Iterator

from txselect.decision.options import against
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.decision.wording import counted, first_few, joined
from txselect.explain.barring import agents_in, barring
from txselect.explain.distance import Distances, distance_text
from txselect.explain.lines import Explanation, Line
from txselect.explain.proof import Tree
from txselect.explain.text import STATUS_WORDS, capitalised
from txselect.explain.therapy import known_therapy
from txselect.model.rules import Contraindicate, Rule


def why_not(reading: Reading, decision: Decision, therapy: str) -> Explanation:
    """Every rule that could recommend the therapy and every absolute contraindication of it or of its agents, once.

    First the contraindications that hold or are open; then the rules that could recommend it, the nearest first; then
    in short the rules out of scope and the contraindications that are no obstacle.

    Raises InputError for a therapy class that no rule knows.
    """
    name = known_therapy(reading.pack, therapy)
    label = reading.pack.vocabulary.therapies[name].label
    tree = Tree(reading)
    recommending = reading.pack.rules_for.get(name, ())
    obstacles = _obstacles(reading, name)
    lines = (
        *(_against(tree, reading, rule) for rule in obstacles),
        *_nearest_first(tree, reading, [rule for rule in recommending if rule.id in reading.program.rules]),
        *_left_out(reading, [rule for rule in recommending if rule.id not in reading.program.rules]),
        *_no_obstacles(reading, name, [rule for rule in barring(reading.pack, name) if rule not in obstacles]),
    )
    answer = f"{capitalised(label)}: {not_offered(reading, decision, name)}"
    return Explanation(name, f"Why not {label}?", answer, lines)


def _obstacles(reading: Reading, therapy: str) -> list[Rule]:
    """The contraindications that hold, then those that are open."""
    nodes = reading.program.options.get(therapy)
    names = [name for name in (against(nodes) if nodes else ()) if reading.rule_truth(name) is not False]
    names.sort(key=lambda name: reading.rule_truth(name) is None)
    return [reading.pack.rules[name] for name in names]


def not_offered(reading: Reading, decision: Decision, therapy: str) -> str:
    """The status of a therapy class in a few words, with the reason where it is not offered."""
    option = decision.option(therapy)
    if therapy not in reading.pack.rules_for:
        return "no rule of this rule set recommends it"
    if option is None:
        return f"no rule for it applies to {decision.cancer}"
    match option.status:
        case "not_indicated":
            return "not indicated: no rule's conditions are met"
        case "excluded":
            return f"excluded. {' '.join(reason.because for reason in option.reasons if not reason.is_for)}"
        case "possible":
            missing = joined(first_few((pending.what for pending in option.pending), 3), "and")
            return f"not excluded; possible, once known: {missing}"
        case _:
            return f"not excluded; {STATUS_WORDS[option.status]} (rank {option.rank} of {len(decision.offered)})"


def _nearest_first(tree: Tree, reading: Reading, rules: list[Rule]) -> Iterator[Line]:
    distances = Distances(reading)
    far = {rule.id: distances.of(reading.program.rules[rule.id]) for rule in rules}
    for rule in sorted(rules, key=lambda rule: (far[rule.id], rule.id)):
        reference = reading.program.rules[rule.id]
        away = distance_text(far[rule.id])
        yield Line(tree.mark(reference), rule.title, found=away, rule=rule.id, parts=tree.examined(reference))


def _against(tree: Tree, reading: Reading, rule: Rule) -> Line:
    reference = reading.program.rules[rule.id]
    differ = experts_differ(rule)
    if reading.truth(reference):
        return Line("failed", f"contraindicated: {rule.because}", rule=rule.id, parts=tree.proof(reference) + differ)
    return Line("unknown", f"to be ruled out: {rule.because}", rule=rule.id, parts=tree.examined(reference) + differ)


def experts_differ(rule: Rule) -> tuple[Line, ...]:
    """What experts object to a rule, if they do."""
    return (Line("note", f"experts differ: {rule.experts_differ}"),) if rule.experts_differ else ()


def _left_out(reading: Reading, rules: list[Rule]) -> Iterator[Line]:
    if rules:
        parts = tuple(Line("failed", rule.title, found=_scope(reading, rule), rule=rule.id) for rule in rules)
        yield Line("failed", f"{counted(len(rules), 'rule for it is', 'rules for it are')} out of scope", parts=parts)


def _no_obstacles(reading: Reading, therapy: str, rules: list[Rule]) -> Iterator[Line]:
    if rules:
        parts = tuple(_no_obstacle(reading, therapy, rule) for rule in rules)
        yield Line(
            "met", f"{counted(len(rules), 'contraindication is', 'contraindications are')} no obstacle", parts=parts
        )


def _no_obstacle(reading: Reading, therapy: str, rule: Rule) -> Line:
    if rule.id not in reading.program.rules:
        return Line("note", rule.title, found=_scope(reading, rule), rule=rule.id)
    if reading.rule_truth(rule.id) is not False:
        return Line("note", rule.title, found=_elsewhere(reading, therapy, rule), rule=rule.id)
    assumes = ", ".join(sorted(reading.settled_rests_on(reading.program.rules[rule.id])))
    return Line("met", f"ruled out: {rule.title}", assumes=assumes, rule=rule.id)


def _elsewhere(reading: Reading, therapy: str, rule: Rule) -> str:
    """Of a contraindication of agents that no rule in scope names, or of a class that has no rule in scope."""
    if therapy not in reading.program.options:
        return "no rule for the therapy is in scope"
    kinds, labels = reading.pack.vocabulary.therapy_kinds, reading.pack.vocabulary.agents
    assert isinstance(rule.head, Contraindicate)
    named = set(rule.head.therapies)
    agents = [agent for agent in agents_in(reading.pack, therapy) if not named.isdisjoint(kinds.above(agent))]
    return f"concerns {joined(sorted(labels[agent].label for agent in agents), 'and')}, which no rule names here"


def _scope(reading: Reading, rule: Rule) -> str:
    """Why a rule is out of scope."""
    match reading.program.left_out[rule.id]:
        case "cancer":
            cancers = reading.pack.vocabulary.cancers
            return f"for {joined(first_few((cancers[code].label for code in rule.applies_to), 4))} only"
        case "date":
            start = f" from {rule.valid_from}" if rule.valid_from else ""
            end = f" until {rule.valid_until}" if rule.valid_until else ""
            return f"valid{start}{end}, and this decision is of {reading.patient.as_of}"
        case _:
            return f"for {joined(rule.jurisdiction)} only, and another jurisdiction was asked for"
