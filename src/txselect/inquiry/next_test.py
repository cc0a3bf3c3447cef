"""Which unknown results would settle which options, and the fewest tests that settle everything.

An option is settled when no further result can make it recommended or take that back. A test is named only if some
result of it can change something: there are two complete worlds that differ in nothing else, and an option is
recommended in one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from txselect.decision.reading import Reading
from txselect.decision.record import Decision, Option
from txselect.errors import InternalCheckError
from txselect.explain.therapy import known_therapy
from txselect.inquiry.found_out import FoundOut
from txselect.inquiry.items import Item, Telling, tests_of
from txselect.inquiry.solver import Solver
from txselect.inquiry.undisturbed import undisturbed
from txselect.inquiry.worth import AskedAbout, NextTest, OpenOption, TestValue, Told
from txselect.model.profile import Case, Profile, Status
from txselect.pipeline import Rules, read

OPEN: tuple[Status, ...] = ("possible", "recommended_pending")


@undisturbed()
def next_test(
    rules: Rules, profile: Profile | Case | dict[str, Any], therapy: str | None = None, **how: Any
) -> NextTest:
    """What to find out next, for every open option or for one therapy class only. `how` as for `decide`.

    Raises InputError for a therapy class that no rule knows, and InternalCheckError where too much is unknown to be
    looked at.
    """
    reading, decision = read(rules, profile, **how)
    about = None if therapy is None else _asked_about(rules, decision, known_therapy(rules.pack, therapy))
    options = [o for o in decision.options if o.status in OPEN and (about is None or o.therapy == about.therapy)]
    if not options:
        return NextTest(about, (), (), (), ())
    try:
        return _Search(rules, reading, decision, options).next_test(about)
    except MemoryError as error:
        raise InternalCheckError("more is unknown than fits into memory; ask about one therapy class") from error


def _asked_about(rules: Rules, decision: Decision, therapy: str) -> AskedAbout:
    option = decision.option(therapy)
    return AskedAbout(
        therapy, rules.pack.vocabulary.therapies[therapy].label, option.status if option else "not_indicated"
    )


class _Search:
    def __init__(self, rules: Rules, reading: Reading, decision: Decision, options: Sequence[Option]) -> None:
        self.options = options
        self.found_out = FoundOut(rules, reading, decision, [option.therapy for option in options])
        self.items: tuple[Item, ...] = self.found_out.items
        self.tests: tuple[Telling, ...] = tests_of(self.items, self.found_out.questions, reading)

    def next_test(self, about: AskedAbout | None) -> NextTest:
        """Relevance first, then the fewest tests, then what each is worth."""
        chosen = self._fewest()
        useful = [test for test in self.tests if not self.of_use.isdisjoint(test.items)]
        values = [self._value(test, test in chosen) for test in useful]
        values.sort(key=lambda value: (not value.needed, -len(value.settles), -_number_of_options(value)))
        return NextTest(
            about, tuple(value.label for value in values if value.needed), tuple(values), tuple(self._open()),
            tuple(o.label for o, items in zip(self.options, self.relevant, strict=True) if not items),
        )  # fmt: skip

    @cached_property
    def relevant(self) -> list[frozenset[int]]:
        """For each option the items that can change it: those in which, as few at once as can be, worlds differ."""
        return [frozenset().union(*differences) for differences in self.differences]

    @cached_property
    def of_use(self) -> frozenset[int]:
        """The items that can change some option."""
        return frozenset().union(*self.relevant)

    @cached_property
    def differences(self) -> list[set[frozenset[int]]]:
        """For each option the smallest sets of items in which two worlds that bring it to different ends differ."""
        return [self._differences(number) for number in range(len(self.options))]

    def _differences(self, option: int) -> set[frozenset[int]]:
        """Linked items only differ together: of others, each can be changed by itself, and some step turns it."""
        families = self.found_out.families(self.found_out.asked(option))
        return set().union(*(self._differing(option, family) for family in families))

    def _differing(self, option: int, among: frozenset[int]) -> set[frozenset[int]]:
        """The smallest sets of some items in which two worlds differ. An item that does alone is in no other."""
        alone = {item for item in among if self.found_out.turns(option, frozenset({item}))}
        return {frozenset({item}) for item in alone} | self._together(option, among - alone)

    def _together(self, option: int, among: frozenset[int]) -> set[frozenset[int]]:
        """The smallest sets of several items, of which none does alone: any other leaves out a part of the first."""
        if len(among) < 2 or not self.found_out.turns(option, among):
            return set()
        found = self._smallest(option, frozenset(), frozenset(), sorted(among))
        others = (self._together(option, among - {item}) for item in sorted(found))
        return {found}.union(*others)

    def _smallest(self, option: int, given: frozenset[int], added: frozenset[int], among: list[int]) -> frozenset[int]:
        """Of items of which all together turn an option beside those given, as few as do, found by halves.

        QuickXplain: U. Junker, AAAI 2004, 167-172.
        """
        if added and self.found_out.turns(option, given):
            return frozenset()
        if len(among) == 1:
            return frozenset(among)
        first, second = among[: len(among) // 2], among[len(among) // 2 :]
        of_second = self._smallest(option, given.union(first), frozenset(first), second)
        return of_second | self._smallest(option, given | of_second, of_second, first)

    def _fewest(self) -> tuple[Telling, ...]:
        """The fewest tests that settle everything: in every difference that counts, one of them tells a part.

        Then no two worlds that agree on what is told come to different ends. Among equally few, the first.
        """
        lines = [f"{{ take({number}) : test({number}) }}. " for number in range(len(self.tests))]
        lines += [f"test({number}). " for number in range(len(self.tests))]
        for difference in sorted(set().union(*self.differences), key=sorted):
            telling = [n for n, test in enumerate(self.tests) if not difference.isdisjoint(test.items)]
            lines.append(f":- {', '.join(f'not take({number})' for number in telling)}. ")
        lines.append("#minimize { 1@2,T : take(T) ; T@1,T : take(T) }.")
        taken = Solver("".join(lines), "--opt-strategy=usc").cheapest("take")
        return tuple(self.tests[number] for number in sorted(taken))

    def _value(self, test: Telling, needed: bool) -> TestValue:
        """What a test alone can do to each option that it can change at all."""
        told = frozenset(test.items)
        groups: dict[str, list[str]] = {"settles": [], "confirms": [], "rules_out": [], "helps": []}
        for number, relevant in enumerate(self.relevant):
            if told.isdisjoint(relevant):
                continue
            found = self.found_out.ends(number, told)
            label = [self.options[number].label]
            settles = "open" not in found
            groups["settles"] += label * settles
            groups["confirms"] += label * ("recommended" in found and not settles)
            groups["rules_out"] += label * ("off" in found and not settles)
            groups["helps"] += label * (found == {"open"})
        items = (self.items[number] for number in test.items if number in self.of_use)
        tells = tuple(Told(item.about, item.now, item.parts) for item in items)
        return TestValue(test.id, test.label, tells, **{k: tuple(v) for k, v in groups.items()}, needed=needed)

    def _open(self) -> Iterable[OpenOption]:
        for number, (option, items) in enumerate(zip(self.options, self.relevant, strict=True)):
            waits_for = tuple(self.items[item].about for item in sorted(items))
            bound = None if items else self._bound_to_be_recommended(number)
            yield OpenOption(option.therapy, option.label, option.status, waits_for, bound)

    def _bound_to_be_recommended(self, option: int) -> bool:
        """Whether an option that nothing can change is recommended once everything is known."""
        ends = self.found_out.ends(option, frozenset(range(len(self.items))))
        if not ends:
            raise InternalCheckError(f"no results about {self.options[option].label} can be true together")
        return "recommended" in ends


def _number_of_options(value: TestValue) -> int:
    return len({*value.settles, *value.confirms, *value.rules_out, *value.helps})
