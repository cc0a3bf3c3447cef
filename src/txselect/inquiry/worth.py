"""What to find out next: which tests are enough, what each is worth, what options wait for, and all that in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from txselect.decision.wording import counted, first_few, joined
from txselect.explain.lines import Explanation, Line
from txselect.explain.text import STATUS_WORDS, capitalised
from txselect.model.profile import Status

_MOST_OPTIONS = 6
_MOST_THINGS = 5
_MOST_PARTS = 3
_ROOM = 150
"""Characters that an enumeration takes at most, because nobody reads longer sentences."""

_NOT_STATED = "not stated"
_SETTLED = "settled: recommended or not, and no further result changes that"
_EACH = "each test by itself: what it settles, it settles with any result; what it could do, with some"
_TOGETHER = "only with others: it counts, but none of its results decides that before others are known"
_ABOUT = "this tells what the rules would make of results; it is no order to test"


@dataclass(frozen=True, slots=True)
class OpenOption:
    """An option whose status waits for something. `waits_for`: the unknown things that can change it.

    bound: where nothing can, whether it is recommended in the end (else it is not); None where something can.
    """

    therapy: str
    label: str
    status: Status
    waits_for: tuple[str, ...]
    bound: bool | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a test tells: one unknown thing, how far it is known, and of a list what is asked about it."""

    about: str
    now: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestValue:
    """A test and what it is worth, each of the options (by label) named once.

    tells: the unknown things that it tells and that can change something.
    settles: options that it settles alone, whatever the result. confirms: some result alone makes them recommended.
    rules_out: some result alone takes them off. helps: only together with other results can it change them.
    needed: whether it belongs to the fewest tests that settle everything.
    """

    __test__ = False  # not a pytest class

    test: str
    label: str
    tells: tuple[Told, ...]
    settles: tuple[str, ...]
    confirms: tuple[str, ...]
    rules_out: tuple[str, ...]
    helps: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """The one therapy class that was asked about, with its status now."""

    therapy: str
    label: str
    status: Status


@dataclass(frozen=True, slots=True)
class NextTest:
    """The tests worth doing, those of the smallest set first.

    about: None where all open options were asked about.
    smallest: labels of the fewest tests after which every option is settled, whatever the results.
    open: the options that wait. unsettled: those of them that nothing which can be found out changes.
    """

    about: AskedAbout | None
    smallest: tuple[str, ...]
    tests: tuple[TestValue, ...]
    open: tuple[OpenOption, ...]
    unsettled: tuple[str, ...]

    @property
    def explanation(self) -> Explanation:
        """The answer in words."""
        return next_test_explanation(self)


def next_test_explanation(found: NextTest) -> Explanation:
    """The fewest tests that settle everything, each with what it is worth, then the others, then the open options."""
    therapy = found.about.therapy if found.about else ""
    title = f"{capitalised(found.about.label)}: what to find out next?" if found.about else "What to find out next?"
    return Explanation(therapy, title, _answer(found), tuple(_sections(found)) if found.open else ())


def _answer(found: NextTest) -> str:
    if not found.open:
        return _nothing_open(found)
    waiting = len(_waiting(found))
    if not waiting:
        return "No test is needed, because no result changes what will be recommended."
    one_test = len(found.smallest) == 1
    options = "the one open option" if len(found.open) == 1 else counted(waiting, "open option")
    which = options if waiting == 1 or len(found.open) > waiting else f"all {options}"
    tests = f"{counted(len(found.smallest), 'test')} {'settles' if one_test else 'together settle'}"
    return f"{tests} {which}, whatever {'it shows' if one_test else 'they show'}."


def _nothing_open(found: NextTest) -> str:
    if not found.about:
        return "No option is open: no further result changes which ones are recommended."
    status = STATUS_WORDS[found.about.status]
    return f"{capitalised(found.about.label)} is {status}, and no further result changes that."


def _waiting(found: NextTest) -> list[OpenOption]:
    return [option for option in found.open if option.bound is None]


def _sections(found: NextTest) -> Iterator[Line]:
    needed = [value for value in found.tests if value.needed]
    others = [value for value in found.tests if not value.needed]
    if needed:
        heading = (
            "the one test that is needed" if len(needed) == 1 else f"the {len(needed)} tests, of which each is needed"
        )
        yield Line("note", heading, parts=tuple(map(_test, needed)))
    if others:
        yield Line("note", "instead of these, or besides", parts=tuple(_other(value, needed) for value in others))
    if waiting := _waiting(found):
        heading = "what the open options wait for" if len(waiting) > 1 else "what the open option waits for"
        yield Line("note", heading, parts=tuple(_by_what_they_wait_for(waiting)))
    if bound := [option for option in found.open if option.bound is not None]:
        heading = "open, although no result changes what becomes of it in the end"
        yield Line("note", heading, parts=tuple(map(_bound, bound)))
    yield from _closing(found.tests)


def _closing(tests: Iterable[TestValue]) -> Iterator[Line]:
    if tests:
        yield Line("note", _SETTLED)
        yield Line("note", _EACH)
    if any(value.helps for value in tests):
        yield Line("note", _TOGETHER)
    yield Line("note", _ABOUT)


def _test(value: TestValue) -> Line:
    return Line("note", value.label, parts=(*_tells(value.tells), *_worth(value)))


def _tells(tells: Iterable[Told]) -> Iterator[Line]:
    """What a test would tell, by how far it is known."""
    by_state: dict[str, list[str]] = {}
    for told in tells:
        state = _NOT_STATED if told.now.endswith(_NOT_STATED) else told.now
        by_state.setdefault(state, []).append(_thing(told))
    for state, things in by_state.items():
        yield Line("unknown", f"would tell, so far {state}", _few(things, _MOST_THINGS))


def _thing(told: Told) -> str:
    """What is told, of a list with what is asked about it."""
    if not told.parts:
        return told.about
    parts = [part.removeprefix("prior ") for part in told.parts]
    introduced = "namely" if len(parts) <= _MOST_PARTS else "such as"
    return f"{told.about}, {introduced} {joined(first_few(parts, _MOST_PARTS), 'and')}"


def _worth(value: TestValue) -> Iterator[Line]:
    if value.settles:
        yield Line("met", "settles, whatever it shows", _few(value.settles, _MOST_OPTIONS))
    if value.confirms:
        yield Line("gained", "could confirm", _few(value.confirms, _MOST_OPTIONS))
    if value.rules_out:
        yield Line("lost", "could rule out", _few(value.rules_out, _MOST_OPTIONS))
    if value.helps:
        yield Line("note", "only with others", _few(value.helps, _MOST_OPTIONS))


def _other(value: TestValue, needed: Sequence[TestValue]) -> Line:
    """A test that is not needed: what it could stand in for or, with what it is worth alone, what it tells as well."""
    replaced = [other.label for other in needed if _could_replace(value, other, needed)]
    if replaced:
        return Line("note", value.label, f"could be done instead of {joined(replaced)}")
    also = Line("unknown", "also tells", _few([told.about for told in value.tells], _MOST_THINGS))
    return Line("note", value.label, parts=(also, *_worth(value)))


def _could_replace(value: TestValue, other: TestValue, needed: Iterable[TestValue]) -> bool:
    """Whether with it in the other's place all is told that the needed tests tell."""
    rest = (told for each in needed if each is not other for told in each.tells)
    return set(other.tells) <= {*value.tells, *rest}


def _by_what_they_wait_for(waiting: Iterable[OpenOption]) -> Iterator[Line]:
    together: dict[tuple[str, ...], list[str]] = {}
    for option in waiting:
        together.setdefault(option.waits_for, []).append(option.label)
    for things, labels in together.items():
        yield Line("unknown", _few(things, _MOST_THINGS), _few(labels, _MOST_OPTIONS))


def _bound(option: OpenOption) -> Line:
    if option.bound:
        return Line("met", option.label, "recommended whatever the results are, once they are stated")
    return Line("failed", option.label, "never recommended, whatever the results are")


def _few(names: Sequence[str], most: int) -> str:
    """The first names, as many as there is room for, and how many more there are."""
    shown = next(n for n in range(most, 0, -1) if n == 1 or len("; ".join(names[:n])) <= _ROOM)
    return "; ".join(first_few(names, shown))
