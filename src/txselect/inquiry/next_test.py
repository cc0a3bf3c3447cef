"""Which unknown results would settle which options, and the fewest tests that settle everything.

An option is settled when no further result can make it recommended or take that back. A test is named only if some
result of it can change something: there are two complete worlds that differ in nothing else, and an option is
recommended in one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from txselect.decision.reading import Reading
from txselect.decision.record import Decision, Option
from txselect.errors import InternalCheckError
from txselect.explain.therapy import known_therapy
from txselect.inquiry.ask import theory_of_unknowns
from txselect.inquiry.cone import undecided_cone
from txselect.inquiry.items import Item, Telling, items_of, tests_of
from txselect.inquiry.question import THERAPIES, Answer, Question
from txselect.inquiry.solver import Solver
from txselect.inquiry.theory import Theory, program_text
from txselect.inquiry.worth import AskedAbout, NextTest, OpenOption, TestValue, Told
from txselect.model.condition import Leaf, Listed, TherapyGiven
from txselect.model.profile import Case, Profile, Status
from txselect.model.vocabulary import Hierarchy
from txselect.pipeline import Rules, read
from txselect.program.observe import subject_of

OPEN: tuple[Status, ...] = ("possible", "recommended_pending")
_ALWAYS = -2
"""The literal of what holds already."""


def next_test(
    rules: Rules, profile: Profile | Case | dict[str, Any], therapy: str | None = None, **how: Any
) -> NextTest:
    """What to find out next, for every open option or for one therapy class only. `how` as for `decide`.

    Raises InputError for a therapy class that no rule knows.
    """
    reading, decision = read(rules, profile, **how)
    about = None if therapy is None else _asked_about(rules, decision, known_therapy(rules.pack, therapy))
    options = [o for o in decision.options if o.status in OPEN and (about is None or o.therapy == about.therapy)]
    if not options:
        return NextTest(about, (), (), (), ())
    return _Search(rules, reading, decision, options).next_test(about)


def _asked_about(rules: Rules, decision: Decision, therapy: str) -> AskedAbout:
    option = decision.option(therapy)
    return AskedAbout(
        therapy, rules.pack.vocabulary.therapies[therapy].label, option.status if option else "not_indicated"
    )


class _Search:
    def __init__(self, rules: Rules, reading: Reading, decision: Decision, options: Sequence[Option]) -> None:
        self.reading = reading
        self.options = options
        nodes = [reading.program.options[option.therapy] for option in options]
        self.references = [(node.indicated, node.contraindicated) for node in nodes]
        cone = undecided_cone(reading, [reference for pair in self.references for reference in pair])
        self.theory: Theory = theory_of_unknowns(rules, reading, decision.jurisdiction, cone)
        self.items: tuple[Item, ...] = items_of(self.theory)
        self.tests: tuple[Telling, ...] = tests_of(self.items, self.theory, reading)

    def next_test(self, about: AskedAbout | None) -> NextTest:
        """Relevance first, then the fewest tests, then what each is worth."""
        chosen = self._fewest(list(self._conflicts()))
        relevant = frozenset().union(*self.relevant)
        useful = [test for test in self.tests if not relevant.isdisjoint(test.items)]
        values = [self._value(test, test in chosen) for test in useful]
        values.sort(key=lambda value: (not value.needed, -len(value.settles), -_number_of_options(value)))
        return NextTest(
            about, tuple(value.label for value in values if value.needed), tuple(values), tuple(self._open()),
            tuple(o.label for o, items in zip(self.options, self.relevant, strict=True) if not items),
        )  # fmt: skip

    @cached_property
    def solver(self) -> Solver:
        """The theory with the items and options, grounded once for all questions."""
        program = "".join((self.theory.text(), program_text("next_test"), *self._facts()))
        return Solver(program, "--enum-mode=brave", "--heuristic=Berkmin")  # the fastest of those tried

    def _facts(self) -> Iterable[str]:
        yield f"holds(W,{_ALWAYS}) :- world(W). "
        for number, item in enumerate(self.items):
            yield f"item({number}). "
            for question in item.questions:
                yield f"of_item({question},{number}). "
                if _has_one_answer(self.theory.questions[question]):
                    yield f"definite({question}). "
        for number, (indicated, contraindicated) in enumerate(self.references):
            against = None if contraindicated is None else contraindicated ^ 1
            yield f"option({number},{self._open_literal(indicated)},{self._open_literal(against)}). "
            for question in sorted(self.needs[number]):
                yield f"needs({number},{question}). "

    def _open_literal(self, literal: int | None) -> int:
        return _ALWAYS if literal is None or self.reading.truth(literal) else literal

    @cached_property
    def needs(self) -> list[frozenset[int]]:
        """For each option the questions that its own conditions ask, and those of which a result can answer these."""
        by_key: dict[str, list[int]] = {}
        by_family: dict[str, list[int]] = {}
        for item in self.items:
            by_key.setdefault(item.key, []).extend(item.questions)
            by_family.setdefault(self._family(item.key), []).extend(item.questions)
        cones = (undecided_cone(self.reading, pair) for pair in self.references)
        kinds = self.reading.pack.vocabulary.therapy_kinds
        asked = ({(_key(leaf), _names(leaf, kinds)) for leaf in cone.leaves.values()} for cone in cones)
        return [
            frozenset(
                question
                for key, names in keys
                for question in (*by_key.get(key, ()), *(by_family.get(self._family(key), ()) if not names else ()))
                if self.theory.questions[question].name in ("", *names)
            )
            for keys in asked
        ]

    def _family(self, key: str) -> str:
        """What is linked: markers of one family, and sex with the limits of normal that depend on it."""
        kind, _, name = key.partition(" ")
        vocabulary = self.reading.pack.vocabulary
        if kind == "marker":
            return f"family {vocabulary.marker_families[name]}"
        if kind == "measurement":
            entry = vocabulary.measurements[name]
            by_sex = isinstance(entry.lower_limit, dict) or isinstance(entry.upper_limit, dict)
            return "field sex" if by_sex else key
        return key

    @cached_property
    def relevant(self) -> list[frozenset[int]]:
        """For each option the items that can change it: those in which, as few at once as can be, worlds differ."""
        return [frozenset().union(*differences) for differences in self.differences]

    @cached_property
    def differences(self) -> list[list[frozenset[int]]]:
        """For each option the smallest sets of items in which two worlds that bring it to different ends differ."""
        everything = range(len(self.items))
        found = []
        for number, asked in enumerate(self.asked):
            assumed = self._assumed([number], everything, asked, single=True)
            alone = _firsts(self.solver.possible("differs", assumed))
            together = self._differing_together(number, asked - alone) if len(asked - alone) > 1 else set()
            found.append([*(frozenset({item}) for item in sorted(alone)), *sorted(together, key=sorted)])
        return found

    @cached_property
    def asked(self) -> list[frozenset[int]]:
        """For each option the items of its questions."""
        return [
            frozenset(n for n, item in enumerate(self.items) if not needs.isdisjoint(item.questions))
            for needs in self.needs
        ]

    def _differing_together(self, option: int, among: frozenset[int]) -> set[frozenset[int]]:
        """The smallest sets of several items in which two worlds differ: any other leaves out a part of the first."""
        found = self._unlike(option, among)
        if found is None:
            return set()
        for item in sorted(found):
            found = self._unlike(option, found - {item}) or found
        others = (self._differing_together(option, among - {item}) for item in sorted(found))
        return {found}.union(*others)

    def _unlike(self, option: int, among: frozenset[int]) -> frozenset[int] | None:
        """Items, of those among which worlds may differ, in which two that bring an option to different ends do."""
        if not among:
            return None
        example = self.solver.example("differs", self._assumed([option], range(len(self.items)), among))
        return None if example is None else _firsts(example)

    def _assumed(
        self, targets: Iterable[int], tested: Iterable[int], differing: Iterable[int] = (), *, single: bool = False
    ) -> Mapping[str, frozenset[int] | bool]:
        return {
            "target": frozenset(targets),
            "tested": frozenset(tested),
            "may_differ": frozenset(differing),
            "compared": bool(differing),
            "one_difference": single,
        }

    def _conflicts(self) -> Iterable[frozenset[int]]:
        """Sets of items of which every settling set of tests must tell one."""
        yield from sorted({items for differences in self.differences for items in differences}, key=sorted)

    def _fewest(self, conflicts: list[frozenset[int]]) -> tuple[Telling, ...]:
        """The fewest tests that settle everything: hit every conflict, look for another, until there is none.

        Implicit hitting sets: R. M. Karp and E. Moreno-Centeno, Operations Research 61 (2013), 453-468.
        """
        while True:
            chosen = self._hitting(conflicts)
            told = frozenset(item for test in chosen for item in test.items)
            missed = self._unsettled_by(told)
            if missed is None:
                return chosen
            if not told.isdisjoint(missed):
                raise InternalCheckError("two worlds that agree on what is told should not differ in it")
            conflicts.append(missed)

    def _hitting(self, conflicts: Iterable[frozenset[int]]) -> tuple[Telling, ...]:
        lines = [f"{{ take({number}) : test({number}) }}. " for number in range(len(self.tests))]
        lines += [f"test({number}). " for number in range(len(self.tests))]
        for conflict in conflicts:
            telling = [n for n, test in enumerate(self.tests) if not conflict.isdisjoint(test.items)]
            lines.append(f":- {', '.join(f'not take({number})' for number in telling)}. ")
        lines.append("#minimize { 1@2,T : take(T) ; T@1,T : take(T) }.")
        taken = Solver("".join(lines), "--opt-strategy=usc").cheapest("take")
        return tuple(self.tests[number] for number in sorted(taken))

    def _unsettled_by(self, told: frozenset[int]) -> frozenset[int] | None:
        """Items not told in which two worlds differ that bring an option to different ends, if there are such."""
        unlike = (self._unlike(number, asked - told) for number, asked in enumerate(self.asked))
        return next((items for items in unlike if items is not None), None)

    def _value(self, test: Telling, needed: bool) -> TestValue:
        """What a test alone can do to each option that it can change at all."""
        told = frozenset(test.items)
        groups: dict[str, list[str]] = {"settles": [], "confirms": [], "rules_out": [], "helps": []}
        for number, relevant in enumerate(self.relevant):
            if told.isdisjoint(relevant):
                continue
            found = {end for _, end in self.solver.possible("outcome", self._assumed([number], told))}
            label = [self.options[number].label]
            settles = "open" not in found
            groups["settles"] += label * settles
            groups["confirms"] += label * ("recommended" in found and not settles)
            groups["rules_out"] += label * ("off" in found and not settles)
            groups["helps"] += label * (found == {"open"})
        of_use = frozenset().union(*self.relevant)
        items = (self.items[number] for number in test.items if number in of_use)
        tells = tuple(Told(item.about, item.now, item.parts) for item in items)
        return TestValue(test.id, test.label, tells, **{k: tuple(v) for k, v in groups.items()}, needed=needed)

    def _open(self) -> Iterable[OpenOption]:
        for number, (option, items) in enumerate(zip(self.options, self.relevant, strict=True)):
            waits_for = tuple(self.items[item].about for item in sorted(items))
            bound = None if items else self._bound_to_be_recommended(number)
            yield OpenOption(option.therapy, option.label, option.status, waits_for, bound)

    def _bound_to_be_recommended(self, option: int) -> bool:
        """Whether an option that nothing can change is recommended once everything is known."""
        everything = range(len(self.items))
        ends = {end for _, end in self.solver.possible("outcome", self._assumed([option], everything))}
        if not ends:
            raise InternalCheckError(f"no results about {self.options[option].label} can be true together")
        return "recommended" in ends


def _firsts(arguments: Iterable[tuple[int, ...]]) -> frozenset[int]:
    return frozenset(first for first, *_ in arguments)


def _number_of_options(value: TestValue) -> int:
    return len({*value.settles, *value.confirms, *value.rules_out, *value.helps})


def _has_one_answer(question: Question) -> bool:
    """Whether a complete world gives it one answer; a therapy that is not listed may just not have been given."""
    answer = question.answers[0]
    return isinstance(answer, Answer) or answer.position is not None


def _key(leaf: Leaf) -> str:
    subject = subject_of(leaf)
    return THERAPIES if subject in ("prior therapies", "field prior_lines") else subject


def _names(leaf: Leaf, kinds: Hierarchy) -> tuple[str, ...]:
    """The terms that a condition names, or the therapies that it names with their kinds, each of which meets it."""
    match leaf:
        case Listed(_, names):
            return names
        case TherapyGiven(classes):
            return tuple(chain.from_iterable(map(kinds.below, classes)))
        case _:
            return ()
