"""Why an option is not offered: every rule of the therapy, condition by condition, the nearest rule first."""

from __future__ import annotations

from txselect.decision.options import against
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.decision.wording import first_few, joined
from txselect.explain.lines import Explanation, Line
from txselect.explain.proof import Tree
from txselect.explain.therapy import known_therapy
from txselect.model.rules import Rule


def why_not(reading: Reading, decision: Decision, therapy: str) -> Explanation:
    """Each rule that could have recommended the therapy and each absolute contraindication, with what blocks or holds.

    Raises InputError for a therapy class that no rule knows.
    """
    name = known_therapy(reading.pack, therapy)
    label = reading.pack.vocabulary.therapies[name].label
    rules = reading.pack.rules_for.get(name, ())
    tree = Tree(reading)
    in_scope = [rule for rule in rules if rule.id in reading.program.rules]
    in_scope.sort(key=lambda rule: _distance(reading, rule))
    nodes = reading.program.options.get(name)
    barring = [reading.pack.rules[rule] for rule in against(nodes)] if nodes else []
    lines = [_against(tree, reading, rule) for rule in barring if reading.rule_truth(rule.id) is not False]
    lines += [_rule(tree, reading, rule) for rule in in_scope]
    lines += [_left_out(reading, rule) for rule in rules if rule.id not in reading.program.rules]
    return Explanation(name, f"Why not {label}?", f"{label}: {_answer(reading, decision, name, rules)}", tuple(lines))


def _answer(reading: Reading, decision: Decision, name: str, rules: tuple[Rule, ...]) -> str:
    option = decision.option(name)
    if not rules:
        return "no rule of this rule set recommends it"
    if option is None:
        cancer = reading.pack.vocabulary.cancers[reading.patient.cancer].label
        return f"its rules do not apply to {cancer}"
    match option.status:
        case "not_indicated":
            return "not indicated: no rule's conditions are met"
        case "excluded":
            return f"excluded: {joined((reason.because.rstrip('.') for reason in _barring(reading, name)), 'and')}"
        case "possible":
            missing = joined(first_few((pending.what for pending in option.pending), 4), "and")
            return f"not excluded; possible, once known: {missing}"
        case _:
            return f"it is offered (rank {option.rank}); the conditions below are met"


def _barring(reading: Reading, name: str) -> list[Rule]:
    rules = (reading.pack.rules[rule] for rule in against(reading.program.options[name]))
    return [rule for rule in rules if reading.rule_truth(rule.id)]


def _distance(reading: Reading, rule: Rule) -> tuple[int, int, str]:
    """Nearest first: fewest failed conditions, then fewest unknown ones."""
    marks = [line.mark for line in Tree(reading).examined(reading.program.rules[rule.id])]
    return marks.count("failed"), marks.count("unknown"), rule.id


def _rule(tree: Tree, reading: Reading, rule: Rule) -> Line:
    reference = reading.program.rules[rule.id]
    return Line(tree.mark(reference), rule.title, rule=rule.id, parts=tree.examined(reference))


def _against(tree: Tree, reading: Reading, rule: Rule) -> Line:
    reference = reading.program.rules[rule.id]
    if reading.truth(reference):
        return Line("failed", f"contraindicated: {rule.because}", rule=rule.id, parts=tree.proof(reference))
    return Line("unknown", f"to be ruled out: {rule.because}", rule=rule.id, parts=tree.examined(reference))


def _left_out(reading: Reading, rule: Rule) -> Line:
    cancers = reading.pack.vocabulary.cancers
    match reading.program.left_out[rule.id]:
        case "cancer":
            text = f"applies to {joined(cancers[code].label for code in rule.applies_to)}"
            found = cancers[reading.patient.cancer].label
        case "date":
            text = f"valid from {rule.valid_from or 'the beginning'} until {rule.valid_until or 'further notice'}"
            found = f"the date of the decision is {reading.patient.as_of}"
        case _:
            text = f"holds for {joined(rule.jurisdiction)}"
            found = "another jurisdiction was asked for"
    return Line("failed", rule.title, rule=rule.id, parts=(Line("failed", text, found),))
