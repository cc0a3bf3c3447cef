"""Questions about prior therapies: one that is listed could be another, and one that is not listed could be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, get_args

from txselect.inquiry.cells import comparison_of
from txselect.inquiry.question import THERAPIES, WORDS, Answer, Question, TherapyAnswer
from txselect.inquiry.regions import Range, bounds_of, regions
from txselect.inquiry.scene import Scene, literals
from txselect.inquiry.theory import Theory, quoted
from txselect.language.patient import months_between, patient_of
from txselect.model.change import COMPLETE, Change
from txselect.model.condition import Comparison, TherapyGiven
from txselect.model.patient import Span, TherapyRecord
from txselect.model.profile import PriorTherapy, Profile, TherapyList
from txselect.program.observe import class_test

_NUMBERS = {
    "line": Range(1, 30, whole=True),
    "months_since_end": Range(0, 900),
    "months_on_therapy": Range(0, 900),
}
DETAILS = (*WORDS, *_NUMBERS)
_UNTIL_NOW = ("months_since_end", "months_on_therapy")


def ask_therapies(scene: Scene, theory: Theory) -> None:
    """Add the therapies that are listed, and questions about them and about those that are not."""
    leaves = {n: leaf for n, leaf in scene.cone.leaves.items() if isinstance(leaf, TherapyGiven)}
    counted = scene.by_subject.get("field prior_lines", [])
    if leaves or counted:
        _Histories(scene, theory, leaves).ask(counted)


class _Histories:
    def __init__(self, scene: Scene, theory: Theory, leaves: Mapping[int, TherapyGiven]) -> None:
        self.scene = scene
        self.theory = theory
        self.leaves = leaves
        self.tests = {c: class_test(c, scene.vocabulary) for c in {leaf.classes for leaf in leaves.values()}}
        self.known = scene.patient.therapies_complete
        given = scene.patient.profile.prior_therapies
        names = (name for item in (given.items if given else ()) for name in item.therapy)
        self.listed = {scene.vocabulary.therapy_names.find(name) for name in names}
        self.counting = [
            comparison_of(scene.cone.leaves[node]) for node in scene.by_subject.get("field prior_lines", ())
        ]
        self.most_lines = int(max(bounds_of(self.counting))) + 1 if self.counting else 0
        self.numbers = {key: self._told_apart(key) for key in _NUMBERS}

    def _told_apart(self, key: str) -> dict[float, Comparison]:
        """The numbers of a detail that matter, those listed and one of each region, with all that come to the same.

        Lines are counted, so that each stands for itself.
        """
        alike = dict(self._regions(key))
        listed = {*self._until_now(key), *(range(1, self.most_lines + 1) if key == "line" else ())}
        listed.update(value for r in self.scene.patient.therapies if (value := getattr(r, key)) is not None)
        regions_of_it = () if key == "line" else alike.values()
        return {
            number: next((region for region in regions_of_it if region.holds(number)), Comparison(equals=number))
            for number in sorted(alike.keys() | listed)
        }

    def _regions(self, key: str) -> Iterator[tuple[float, Comparison]]:
        """The regions of a detail that conditions tell apart, each with one number of it."""
        asked = [comparison for leaf in self.leaves.values() if (comparison := getattr(leaf, key))]
        span = _NUMBERS[key]
        if asked:
            for region, _ in regions(bounds_of(asked), span, lambda value: tuple(c.holds(value) for c in asked), None):
                yield region.value, region.comparison(span.minimum, span.maximum)

    def _until_now(self, key: str) -> Iterator[float]:
        """The numbers that a therapy would have if it were ongoing."""
        if key == "months_since_end":
            yield 0.0
        given = self.scene.patient.profile.prior_therapies
        if key == "months_on_therapy" and given:
            since = (months_between(item.start, self.scene.patient.as_of) for item in given.items if item.start)
            yield from (months for months in since if months >= 0)

    def ask(self, counted: list[int]) -> None:
        """Everything about the list; `counted` are the leaves (nodes) about the number of lines."""
        for node, leaf in self.leaves.items():
            self._say_what_it_asks(node, leaf)
        if counted:
            self._say_what_lines_give(counted)
        if not self.known:
            self._ask_whether_complete()
        for record in self.scene.patient.therapies:
            self._ask_about(record)
        names = tuple(dict.fromkeys(name for leaf in self.leaves.values() for name in leaf.classes))
        exact = {name: given for name in names if (given := self._given_as(name))}
        for name, record in zip(exact, _nothing_known_of(tuple(exact.values()), self.scene), strict=True):
            self._ask_whether_given(name, record, name)
        if counted or any(not leaf.classes for leaf in self.leaves.values()):
            for another in _of_no_matter_which_class(names, self.scene):
                self._ask_whether_given(another.names[0], another, "")

    def _given_as(self, name: str) -> str | None:
        """What is listed where a class was given. Found out exactly, it is of no kind that is asked about by itself."""
        if not self.scene.finding_out:
            return name
        certain = [bool(test((name,))) for test in self.tests.values()]
        kinds = self.scene.vocabulary.therapy_kinds.below(name)
        return next((kind for kind in kinds if [test((kind,)) for test in self.tests.values()] == certain), None)

    def _say_what_it_asks(self, node: int, leaf: TherapyGiven) -> None:
        self.theory.fact("therapy_leaf", node)
        for key, plural in WORDS.items():
            if getattr(leaf, plural):
                self._say_what_it_wants(node, key, getattr(leaf, plural))
        for key in _NUMBERS:
            comparison = getattr(leaf, key)
            if comparison is not None:
                self._say_what_it_wants(node, key, filter(comparison.holds, self.numbers[key]))

    def _say_what_it_wants(self, node: int, key: str, values: Iterable[Any]) -> None:
        self.theory.fact("asks", node, key)
        for value in values:
            self.theory.fact("wants", node, key, _term(key, value))

    def _say_what_lines_give(self, counted: list[int]) -> None:
        """What each number of lines, surely and possibly, makes of the leaves that count them."""
        most = self.most_lines
        self.theory.define("most_lines", most)
        self.theory.fact("counted")
        if self.scene.patient.profile.prior_therapies is not None:
            self.theory.fact("stated_before")
        for surely in range(most + 1):
            for possibly in (*range(surely, most + 1), None):
                span = Span(surely, float("inf") if possibly is None else possibly)
                truths = [span.within(comparison) for comparison in self.counting]
                for literal in literals(counted, truths):
                    self.theory.fact("lines_give", surely, "open" if possibly is None else possibly, literal)

    def _ask_whether_complete(self) -> None:
        """Unless a therapy that was set aside (it is dated in the future) keeps the list open, whatever is said."""
        self.theory.fact("incomplete", THERAPIES)
        given = self.scene.patient.profile.prior_therapies
        if given is not None and len(given.items) > len(self.scene.patient.therapies):
            return
        now = "others are not ruled out" if given else "not stated"
        answer = Answer(Change(THERAPIES, COMPLETE), "no prior therapies other than those named")
        _, answers = self.theory.ask(Question("prior therapies", now, False, False, THERAPIES, (answer,)))
        self.theory.fact("completes", answers[0], THERAPIES)

    def _ask_about(self, record: TherapyRecord) -> None:
        """What if a listed therapy had not been given, or otherwise?"""
        words = self.scene.words.therapy_record(record)
        label = self._label(record.names)
        removed = Answer(Change(f"{THERAPIES}.{record.position}", "none"), f"{label} not given")
        altered = TherapyAnswer(record.names[0], label, record.position, True, self.scene.words, self.numbers)
        number, answers = self.theory.ask(Question(f"prior {label}", words, True, True, THERAPIES, (removed, altered)))
        source = f"r({record.position})"
        self.theory.fact("record", source, number)
        self.theory.fact("adds", answers[1])
        self.theory.fact("alters", answers[1])
        for speaker in (source, answers[1]):
            asked = self._say_what_it_is(speaker, record)
            self._say_what_it_has(speaker, record)
        self._offer_details(answers[1], record, asked)
        self._ask_for_missing_details(record, asked)

    def _ask_for_missing_details(self, record: TherapyRecord, asked: list[TherapyGiven]) -> None:
        """What if more were known of a listed therapy?"""
        missing = tuple(key for key in DETAILS if getattr(record, key) is None)
        label = self._label(record.names)
        answer = TherapyAnswer(record.names[0], label, record.position, True, self.scene.words, self.numbers)
        if not any(self._counts(record, key) or any(self._asks(leaf, key) for leaf in asked) for key in missing):
            return
        words = self.scene.words.therapy_record(record)
        about = f"the course of prior {label}"
        number, answers = self.theory.ask(Question(about, words, False, False, THERAPIES, (answer,)))
        self.theory.fact("record", f"r({record.position})", number)
        self.theory.fact("adds", answers[0])
        self.theory.fact("alters", answers[0])
        self._say_what_it_is(answers[0], record)
        self._say_what_it_has(answers[0], record)
        self._offer_details(answers[0], record, asked, only=missing)

    def _counts(self, record: TherapyRecord, key: str) -> bool:
        """Whether a detail decides if a therapy counts as a line, and the lines are counted."""
        return bool(self.counting) and record.systemic and key in ("setting", "line")

    def _asks(self, leaf: TherapyGiven, key: str) -> bool:
        return bool(getattr(leaf, WORDS.get(key, key)))

    def _say_what_it_has(self, speaker: object, record: TherapyRecord) -> None:
        """Its details; those that follow from its being ongoing are said to."""
        assert self.scene.patient.profile.prior_therapies is not None
        item = self.scene.patient.profile.prior_therapies.items[record.position - 1]
        ongoing = record.outcome == "ongoing"
        for key in DETAILS:
            value, stated = getattr(record, key), getattr(item, key)
            if value is not None and not (ongoing and key in _UNTIL_NOW and stated is None):
                self.theory.fact("own", speaker, key, _term(key, value))
            if value is not None and stated is None:
                self.theory.fact("reckoned", speaker, key)
        self._say_what_goes_on(speaker, 0.0, "months_since_end")
        if item.start and item.months_on_therapy is None:
            self._say_what_goes_on(speaker, months_between(item.start, self.scene.patient.as_of), "months_on_therapy")

    def _say_what_goes_on(self, speaker: object, months: float, key: str) -> None:
        """What holds of a therapy while it is ongoing."""
        self.theory.fact("while_ongoing", speaker, key, _term(key, months))

    def _ask_whether_given(self, name: str, record: TherapyRecord, asked_as: str) -> None:
        """What if a therapy that is not listed had been given? One that only counts as a line is asked as no name."""
        label = self._label((name,))
        listed = name in self.listed
        now = "not listed" if self.known else "not stated"
        added = TherapyAnswer(record.names[0], label, None, listed, self.scene.words, self.numbers)
        _, answers = self.theory.ask(
            Question(f"prior {label}", now, self.known, self.known, THERAPIES, (added,), name=asked_as)
        )
        self.theory.fact("adds", answers[0])
        self._say_what_goes_on(answers[0], 0.0, "months_since_end")
        self._offer_details(answers[0], record, self._say_what_it_is(answers[0], record))

    def _label(self, names: Iterable[str]) -> str:
        return " + ".join(map(self.scene.vocabulary.therapy_label, names))

    def _say_what_it_is(self, speaker: object, record: TherapyRecord) -> list[TherapyGiven]:
        """Say for which leaves it is of a class that they ask for; gives those leaves."""
        of_class = {classes: test(record.names) for classes, test in self.tests.items()}
        concerned = []
        for node, leaf in self.leaves.items():
            truth = of_class[leaf.classes]
            if truth is not False:
                self.theory.fact("of_class", speaker, node, "certain" if truth else "possible")
                concerned.append(leaf)
        if record.systemic:
            self.theory.fact("systemic", speaker)
        return concerned

    def _offer_details(
        self, answer: int, record: TherapyRecord, asked: list[TherapyGiven], only: Iterable[str] = DETAILS
    ) -> None:
        """The details that could be stated: of each, one value of every group that nothing it concerns tells apart."""
        for key in only:
            leaves, counted = [leaf for leaf in asked if self._asks(leaf, key)], self._counts(record, key)
            if leaves or counted:
                values = sorted(_choices(key), key=_unusual) if key in WORDS else self.numbers[key]
                own = getattr(record, key)
                seen = set() if own is None else {_seen(key, own, leaves, counted)}
                for value in values:
                    if (group := _seen(key, value, leaves, counted)) not in seen:
                        seen.add(group)
                        self.theory.offer(answer, key, _term(key, value), value)


def _seen(key: str, value: Any, leaves: Iterable[TherapyGiven], counted: bool) -> object:
    """All that makes a value of a detail different from another."""
    if counted and key == "line":
        return value
    met = (value in getattr(leaf, WORDS[key]) if key in WORDS else getattr(leaf, key).holds(value) for leaf in leaves)
    return tuple(met), value == "ongoing", counted and value == "metastatic"


def _unusual(value: str) -> bool:
    """Of values that come to the same, the one that most readers expect is named."""
    return value not in ("metastatic", "progression")


def _choices(key: str) -> tuple[str, ...]:
    """The words that a detail of a prior therapy can be."""
    return get_args(get_args(PriorTherapy.model_fields[key].annotation)[0])


def _term(key: str, value: Any) -> object:
    """A detail's value as the theory writes it; lines are counted and so stay numbers."""
    if key in WORDS:
        return value
    return int(value) if key == "line" else quoted(f"{value:g}")


def _of_no_matter_which_class(names: Iterable[str], scene: Scene) -> Iterator[TherapyRecord]:
    """A class of systemic therapy that no condition asks about by name, if there is one: a therapy and nothing else."""
    kinds, classes = scene.vocabulary.therapy_kinds, scene.vocabulary.therapies
    asked = frozenset().union(*map(kinds.related, names))
    free = [name for name in classes if name not in asked]
    general_first = sorted(free, key=lambda name: (len(kinds.above(name)), -len(kinds.below(name))))
    yield from islice((record for record in _nothing_known_of(tuple(general_first), scene) if record.systemic), 1)


def _nothing_known_of(names: tuple[str, ...], scene: Scene) -> tuple[TherapyRecord, ...]:
    """Therapies of which nothing but the name is known."""
    items = TherapyList(items=tuple(PriorTherapy(therapy=(name,)) for name in names))
    profile = Profile(cancer=scene.patient.profile.cancer, prior_therapies=items)
    return patient_of(profile, scene.vocabulary, scene.patient.as_of).therapies
