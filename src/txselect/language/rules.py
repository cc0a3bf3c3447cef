"""The rules of a pack: names looked up, heads built, derived facts in layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from txselect.errors import Gathering, did_you_mean
from txselect.language.conditions import ConditionReader
from txselect.language.rule_forms import CautionForm, ContraindicateForm, PackFile, RecommendForm, RuleForm
from txselect.language.vocabulary import merged
from txselect.model.condition import Condition, FactHolds, occurrences_in
from txselect.model.rules import (
    Caution,
    Conflict,
    Contraindicate,
    Derive,
    Evidence,
    Head,
    Intend,
    Recommend,
    Request,
    Rule,
)
from txselect.model.vocabulary import Hierarchy, Vocabulary


def read_rules(
    forms: Sequence[PackFile], vocabulary: Vocabulary, evidence: Mapping[str, Evidence], problems: Gathering
) -> dict[str, Rule]:
    """Rules by id, in file order. Problems are added and reading goes on."""
    written = [(form, rule) for form in forms for rule in form.rules]
    merged("rule", (rule for _, rule in written), lambda rule: rule.id, problems)
    reader = _RuleReader(vocabulary, evidence, problems)
    rules = {form.id: reader.read(file, form) for file, form in written}
    _check_facts(rules, vocabulary, problems)
    return rules


class _RuleReader:
    def __init__(self, vocabulary: Vocabulary, evidence: Mapping[str, Evidence], problems: Gathering) -> None:
        self.vocabulary = vocabulary
        self.evidence = evidence
        self.problems = problems
        self.conditions = ConditionReader(vocabulary, problems)

    def read(self, file: PackFile, form: RuleForm) -> Rule:
        scope = form.applies_to or file.applies_to or ()
        scope_place = form.place if form.applies_to else file.place
        for index, code in enumerate(scope):
            place = scope_place.at("applies_to", index)
            self.conditions.known("cancer code", code, self.vocabulary.cancers, place)
        for index, source in enumerate(form.evidence):
            self.conditions.known("source", source, self.evidence, form.place.at("evidence", index))
        return Rule(
            id=form.id,
            title=form.title,
            head=self._head(form),
            when=self.conditions.read(form.when),
            unless=tuple(map(self.conditions.read, form.unless)),
            because=" ".join(form.because.split()),
            applies_to=scope,
            jurisdiction=form.jurisdiction or file.jurisdiction or (),
            valid_from=form.valid.from_ if form.valid else None,
            valid_until=form.valid.until if form.valid else None,
            evidence=form.evidence,
            experts_differ=" ".join((form.experts_differ or "").split()),
            review_by=form.review_by or file.review_by,
            place=form.place,
        )

    def _head(self, form: RuleForm) -> Head:
        if form.derive is not None:
            place = form.place.at("derive")
            return Derive(self.conditions.known("fact", form.derive, self.vocabulary.facts, place))
        if form.recommend:
            return self._recommend(form.recommend)
        if form.contraindicate:
            return self._contraindicate(form.contraindicate)
        if form.caution:
            return Caution(self._classes_or_agents(form.caution.therapy or (), form.caution))
        if form.request:
            for index, test in enumerate(form.request.tests):
                place = form.request.place.at("tests", index)
                self.conditions.known("test", test, self.vocabulary.tests, place)
            return Request(form.request.tests)
        return Intend(form.intent) if form.intent else Conflict()

    def _recommend(self, form: RecommendForm) -> Recommend:
        therapy = self.conditions.known(
            "therapy class", form.therapy, self.vocabulary.therapies, form.place.at("therapy")
        )
        for index, regimen in enumerate(form.agents):
            for number, agent in enumerate(regimen):
                place = form.place.at("agents", index, number)
                self.conditions.known("agent", agent, self.vocabulary.agents, place)
        if therapy in self.vocabulary.therapies and not self.vocabulary.agents_of.get(therapy):
            self._class_without_agents(therapy, form)
        return Recommend(therapy, form.agents, form.preference, form.rechallenge)

    def _class_without_agents(self, therapy: str, form: RecommendForm) -> None:
        if not (form.agents and self.vocabulary.therapies[therapy].components):
            hint = "add an agent with this class to a vocabulary file, or name the regimens of a combination"
            self.problems.add(form.place.at("therapy"), "TX010", f"no agent belongs to `{therapy}`", hint)

    def _contraindicate(self, form: ContraindicateForm) -> Contraindicate:
        return Contraindicate(self._classes_or_agents(form.therapy, form), form.strength, form.reason)

    def _classes_or_agents(self, names: tuple[str, ...], form: ContraindicateForm | CautionForm) -> tuple[str, ...]:
        known = self.vocabulary.therapies.keys() | self.vocabulary.agents.keys()
        for index, name in enumerate(names):
            self.conditions.known("therapy class or agent", name, known, form.place.at("therapy", index))
        return names


def facts_in(condition: Condition) -> Iterator[FactHolds]:
    """Every use of a derived fact in a condition."""
    return (use for use in occurrences_in(condition) if isinstance(use, FactHolds))


def circle_of_facts(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Facts that are derived from one another in a circle, or an empty tuple."""
    needs: dict[str, dict[str, None]] = {}
    for rule in rules:
        if isinstance(rule.head, Derive):
            used = (use.fact for part in (rule.when, *rule.unless) for use in facts_in(part))
            needs.setdefault(rule.head.fact, {}).update(dict.fromkeys(used))
    return Hierarchy({fact: tuple(used) for fact, used in needs.items()}).circle()


def _check_facts(rules: Mapping[str, Rule], vocabulary: Vocabulary, problems: Gathering) -> None:
    derived: dict[str, list[Rule]] = {}
    for rule in rules.values():
        if isinstance(rule.head, Derive):
            derived.setdefault(rule.head.fact, []).append(rule)
    for rule in rules.values():
        for use in (use for part in (rule.when, *rule.unless) for use in facts_in(part)):
            if use.fact in vocabulary.facts and use.fact not in derived:
                hint = did_you_mean(use.fact, derived) or "write a rule with `derive`"
                problems.add(use.place.at("fact"), "TX006", f"no rule derives the fact `{use.fact}`", hint)
    circle = circle_of_facts(rules.values())
    if circle:
        message = f"facts derived in a circle: {' needs '.join(circle)}"
        problems.add(derived[circle[0]][0].place, "TX008", message)
