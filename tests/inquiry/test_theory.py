"""What the theory says of a changed profile is what the pipeline reads off it, leaf by leaf."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

import clingo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inquiry.small import THERAPY, Pack, packs
from knowledge.shipped import cases
from knowledge.shipped import rules as shipped_rules
from laws.strategies import profiles
from scale import examples
from txselect.decision.reading import Reading
from txselect.errors import InputError
from txselect.inquiry.ask import theory_of
from txselect.inquiry.cone import Cone, cone_of
from txselect.inquiry.question import TherapyAnswer
from txselect.inquiry.theory import Theory
from txselect.language.changes import changed
from txselect.model.change import Change
from txselect.pipeline import Rules, read, reread

Choice = dict[int, dict[str, str]]
"""Answers, each with the details that it states, as the theory writes them."""

Truths = dict[int, bool | None]
PICKS = 6
"""How many choices are tried with one theory: grounding it costs more than they do."""


class Model:
    """A theory, grounded once, that can be asked what holds after given answers."""

    def __init__(self, theory: Theory) -> None:
        self.theory = theory
        self.control = clingo.Control(["--warn=none"])
        self.control.add("base", [], self.theory.text())
        self.control.ground([("base", [])])
        self.details: dict[int, dict[str, list[str]]] = {}
        for answer, key, term in self.theory.details:
            self.details.setdefault(answer, {}).setdefault(key, []).append(term)

        self.answers = [answer for answer in range(len(self.theory.answers)) if self._can_be_given(answer)]

    def _can_be_given(self, answer: int) -> bool:
        return answer in self.details or not self.alters(answer)

    def alters(self, answer: int) -> bool:
        """Whether it is about a therapy that is listed, of which it has to state something."""
        given = self.theory.answers[answer]
        return isinstance(given, TherapyAnswer) and given.position is not None

    def truths(self, choice: Choice) -> Truths | None:
        """The truth of every leaf after these answers, or None where the theory has no such model."""
        wanted = {("does", answer) for answer in choice}
        wanted |= {
            ("detail", answer, key, int(term) if key == "line" else term)
            for answer, details in choice.items()
            for key, term in details.items()
        }
        assumed = [literal if atom in wanted else -literal for atom, literal in self._open()]
        with self.control.solve(assumptions=assumed, yield_=True) as handle:
            for model in handle:
                return self._read({literal for literal, atom in self._literals() if model.is_true(atom)})
        return None

    def _read(self, holding: set[int]) -> Truths:
        leaves = self.theory.cone.leaves
        assert not any(2 * number in holding and 2 * number + 1 in holding for number in leaves)
        return {n: True if 2 * n in holding else False if 2 * n + 1 in holding else None for n in leaves}

    def _open(self) -> Iterator[tuple[tuple[Any, ...], int]]:
        """What a model is free to choose."""
        for name, arity in (("does", 1), ("detail", 3)):
            for atom in self.control.symbolic_atoms.by_signature(name, arity):
                yield (name, *map(_plain, atom.symbol.arguments)), atom.literal

    def _literals(self) -> Iterator[tuple[int, int]]:
        for atom in self.control.symbolic_atoms.by_signature("holds", 1):
            (literal,) = atom.symbol.arguments
            if literal.type is clingo.SymbolType.Number:
                yield literal.number, atom.literal

    def changes(self, choice: Choice) -> list[Change]:
        return [self.theory.stated(answer, details).change for answer, details in choice.items()]


def _plain(symbol: clingo.Symbol) -> int | str:
    match symbol.type:
        case clingo.SymbolType.Number:
            return symbol.number
        case clingo.SymbolType.String:
            return symbol.string
        case _:
            return str(symbol)


def picked(random: Random, model: Model) -> Choice:
    """One to four answers to different questions, often about the same kind of thing, with details at random."""
    theory = model.theory
    askable = sorted({theory.asked_by[answer] for answer in model.answers})
    first = random.choice(askable)
    alike = [number for number in askable if theory.questions[number].key == theory.questions[first].key]
    chosen = {first}
    for _ in range(random.randint(0, 3)):
        chosen.add(random.choice(random.choice((askable, alike))))
    answers = [random.choice([a for a in model.answers if theory.asked_by[a] == number]) for number in sorted(chosen)]
    return {answer: _details(random, model, answer) for answer in answers}


def _details(random: Random, model: Model, answer: int) -> dict[str, str]:
    """An answer that alters a prior therapy states at least one; none says that it ended and goes on."""
    offered = model.details.get(answer, {})
    keys = [key for key in sorted(offered) if random.random() < 0.5] or sorted(offered)[: int(model.alters(answer))]
    details = {key: random.choice(offered[key]) for key in keys}
    if details.get("outcome") == "ongoing":
        details.pop("months_since_end", None)
    return details


def really(rules: Rules, reading: Reading, changes: Iterable[Change], leaves: Mapping[int, Any]) -> Truths | None:
    """The truth of every leaf on the changed profile, or None where the changes contradict each other."""
    try:
        profile = changed(reading.patient.profile, changes, rules.pack.vocabulary).profile
    except InputError:
        return None
    patient = reread(rules, profile, reading.patient.as_of, None).patient
    # a more exact type of cancer has a program of its own, and the leaves are those of the program before
    prepared = rules.prepared(reading.patient.cancer, reading.patient.as_of, None)
    holding = set(prepared.observer.observed(patient))
    return {
        number: True if 2 * number in holding else False if 2 * number + 1 in holding else None for number in leaves
    }


def cone(reading: Reading, therapy: str) -> Cone:
    nodes = reading.program.options[therapy]
    return cone_of(reading.program, (nodes.indicated, nodes.contraindicated))


def agrees(rules: Rules, profile: Any, therapy: str, random: Random) -> None:
    reading, _ = read(rules, profile, engine="linear")
    model = Model(theory_of(rules, reading, None, cone(reading, therapy)))
    for _ in range(PICKS if model.answers else 0):
        choice = picked(random, model)
        changes = model.changes(choice)
        found, real = model.truths(choice), really(rules, reading, changes, model.theory.cone.leaves)
        assert found == real, [str(change) for change in changes]


@settings(max_examples=examples(150, nightly=3_000), suppress_health_check=list(HealthCheck))
@given(case=st.sampled_from(sorted(cases())), random=st.randoms(use_true_random=False))
def test_each_leaf_of_a_shipped_rule_is_after_any_answers_what_the_pipeline_makes_of_it(case: str, random: Random):
    reading, _ = read(shipped_rules(), cases()[case], engine="linear")
    agrees(shipped_rules(), cases()[case], random.choice(sorted(reading.program.options)), random)


@settings(max_examples=examples(500, nightly=10_000), suppress_health_check=list(HealthCheck))
@given(pack=packs(), profile=profiles(), random=st.randoms(use_true_random=False))
def test_each_leaf_of_an_invented_rule_is_after_any_answers_what_the_pipeline_makes_of_it(
    pack: Pack, profile: dict[str, Any], random: Random
):
    agrees(pack.rules, profile, THERAPY, random)


def test_what_is_reported_negative_outright_does_not_rest_on_its_parts_as_well():
    """One part more is negative: nothing is set aside for that, because the whole was negative before."""
    reading, _ = read(shipped_rules(), cases()["driver-egfr-contradictory"], engine="linear")
    seen = 0
    for therapy in sorted(reading.program.options):
        model = Model(theory_of(shipped_rules(), reading, None, cone(reading, therapy)))
        for answer in model.answers:
            if model.theory.answers[answer].stated({}).change == Change("biomarkers.EGFR_EXON20_INSERTION", "negative"):
                changes = model.changes({answer: {}})
                leaves = model.theory.cone.leaves
                assert model.truths({answer: {}}) == really(shipped_rules(), reading, changes, leaves)
                seen += 1
    assert seen
