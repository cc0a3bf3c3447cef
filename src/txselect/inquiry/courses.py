"""The courses of prior therapies that conditions can tell apart: of which class, and how they went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, get_args

from txselect.inquiry.cells import comparison_of
from txselect.inquiry.question import THERAPIES, WORDS, Answer, Question, TherapyAnswer
from txselect.inquiry.regions import Range, bounds_of, regions
from txselect.inquiry.scene import Scene
from txselect.language.patient import months_between, patient_of
from txselect.model.change import COMPLETE, Change
from txselect.model.condition import Comparison, TherapyGiven
from txselect.model.patient import TherapyRecord
from txselect.model.profile import PriorTherapy, Profile, TherapyList
from txselect.program.observe import class_test

_NUMBERS = {
    "line": Range(1, 30, whole=True),
    "months_since_end": Range(0, 900),
    "months_on_therapy": Range(0, 900),
}
DETAILS = (*WORDS, *_NUMBERS)


class Courses:
    """What the leaves of a cone ask about prior therapies, and about the number of their lines.

    leaves: those (by node) about therapies. counted: the nodes of those about the number of lines.
    numbers: of each detail that is a number, the values that matter with all that come to the same.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        cone = scene.cone.leaves
        self.leaves = {node: leaf for node, leaf in cone.items() if isinstance(leaf, TherapyGiven)}
        self.counted = scene.by_subject.get("field prior_lines", [])
        self.counting = [comparison_of(cone[node]) for node in self.counted]
        self.most_lines = int(max(bounds_of(self.counting))) + 1 if self.counting else 0
        self._of_class: dict[tuple[str, ...], list[tuple[int, TherapyGiven, bool]]] = {}
        self._tests = {
            classes: class_test(classes, scene.vocabulary)
            for classes in dict.fromkeys(leaf.classes for leaf in self.leaves.values())
        }
        self.numbers = {key: self._told_apart(key) for key in _NUMBERS}

    def names(self) -> tuple[str, ...]:
        """The classes and agents that conditions name."""
        return tuple(dict.fromkeys(name for leaf in self.leaves.values() for name in leaf.classes))

    def wider_names(self) -> tuple[str, ...]:
        """Wider classes than conditions name, one of each that leaves other conditions open."""
        kinds, named = self.scene.vocabulary.therapy_kinds, self.names()
        seen = {self._seen_of(name) for name in named}
        found: list[str] = []
        for name in dict.fromkeys(wider for each in named for wider in sorted(kinds.above(each))):
            if (signature := self._seen_of(name)) not in seen:
                seen.add(signature)
                found.append(name)
        return tuple(found)

    def _seen_of(self, name: str) -> tuple[tuple[int, bool], ...]:
        return tuple((node, certain) for node, _, certain in self.of_class((name,)))

    def of_class(self, names: tuple[str, ...]) -> list[tuple[int, TherapyGiven, bool]]:
        """The leaves (with their nodes) of whose class a therapy of these names is, and whether it certainly is."""
        if names not in self._of_class:
            truths = {classes: test(names) for classes, test in self._tests.items()}
            found = ((node, leaf, truths[leaf.classes]) for node, leaf in self.leaves.items())
            self._of_class[names] = [(node, leaf, bool(truth)) for node, leaf, truth in found if truth is not False]
        return self._of_class[names]

    def decides(self, record: TherapyRecord, key: str) -> bool:
        """Whether a detail decides if a therapy counts as a line, and the lines are counted."""
        return bool(self.counting) and record.systemic and key in ("setting", "line")

    def values(self, key: str) -> tuple[Any, ...]:
        """What a detail can be, as far as it matters; of words the one that most readers expect comes first."""
        if key in self.numbers:
            return tuple(self.numbers[key])
        words = get_args(get_args(PriorTherapy.model_fields[key].annotation)[0])
        return tuple(sorted(words, key=lambda word: word not in ("metastatic", "progression")))

    @property
    def closes(self) -> bool:
        """Whether the list is or can be complete: not if it holds what was set aside (dated in the future)."""
        patient = self.scene.patient
        given = patient.profile.prior_therapies
        return patient.therapies_complete or given is None or len(given.items) == len(patient.therapies)

    def whether_complete(self) -> Question:
        """The question whether there were no other therapies."""
        now = "others are not ruled out" if self.scene.patient.profile.prior_therapies else "not stated"
        answer = Answer(Change(THERAPIES, COMPLETE), "no prior therapies other than those named")
        return Question("prior therapies", now, False, False, THERAPIES, (answer,))

    def whether_given(self, record: TherapyRecord, asked_as: str, *, again: bool = False) -> Question:
        """The question whether a therapy was given. One that only counts as a line is asked as no name.

        again: beside another of the same name, that this question says nothing about.
        """
        known = self.scene.patient.therapies_complete
        about = f"prior {self.label((asked_as,) if asked_as else record.names)}"
        now = "not listed" if known else "not stated"
        return Question(about, now, known, known, THERAPIES, (self.answer(record, None, again=again),), name=asked_as)

    def how_it_went(self, record: TherapyRecord) -> Question | None:
        """The question about details that are missing of a listed therapy, where conditions ask for some."""
        concerned = [leaf for _, leaf, _ in self.of_class(record.names)]
        if not any(self.decides(record, key) or any(asks(leaf, key) for leaf in concerned) for key in missing(record)):
            return None
        about = f"the course of prior {self.label(record.names)}"
        now = self.scene.words.therapy_record(record)
        return Question(about, now, False, False, THERAPIES, (self.answer(record, record.position),))

    def answer(self, record: TherapyRecord, position: int | None, *, again: bool = False) -> TherapyAnswer:
        """A therapy as an answer: one that is listed at a position, or another."""
        listed = again or position is not None or record.names[0] in self._listed
        name, label = record.names[0], self.label(record.names)
        return TherapyAnswer(name, label, position, listed, self.scene.words, self.numbers)

    @cached_property
    def _listed(self) -> set[str | None]:
        given = self.scene.patient.profile.prior_therapies
        names = (name for item in (given.items if given else ()) for name in item.therapy)
        return {self.scene.vocabulary.therapy_names.find(name) for name in names}

    def label(self, names: Iterable[str]) -> str:
        return " + ".join(map(self.scene.vocabulary.therapy_label, names))

    def unnamed(self) -> Iterator[TherapyRecord]:
        """A class of systemic therapy that no condition asks about by name, if there is one: a therapy and no more."""
        if self.counted or any(not leaf.classes for leaf in self.leaves.values()):
            kinds, classes = self.scene.vocabulary.therapy_kinds, self.scene.vocabulary.therapies
            asked = frozenset().union(*map(kinds.related, self.names()))
            free = [name for name in classes if name not in asked]
            general_first = sorted(free, key=lambda name: (len(kinds.above(name)), -len(kinds.below(name))))
            yield from islice((record for record in self.given(general_first) if record.systemic), 1)

    def given(self, names: Iterable[str]) -> tuple[TherapyRecord, ...]:
        """Therapies of which nothing but the name is known."""
        patient = self.scene.patient
        items = TherapyList(items=tuple(PriorTherapy(therapy=(name,)) for name in names))
        profile = Profile(cancer=patient.profile.cancer, prior_therapies=items)
        return patient_of(profile, self.scene.vocabulary, patient.as_of).therapies

    def stated(self, record: TherapyRecord) -> PriorTherapy:
        """A listed therapy as the profile states it."""
        given = self.scene.patient.profile.prior_therapies
        assert given is not None
        return given.items[record.position - 1]

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


def missing(record: TherapyRecord) -> tuple[str, ...]:
    """The details that are not known of a therapy."""
    return tuple(key for key in DETAILS if getattr(record, key) is None)


def asks(leaf: TherapyGiven, key: str) -> bool:
    """Whether a condition says anything of a detail."""
    return bool(getattr(leaf, WORDS.get(key, key)))


def meets(leaf: TherapyGiven, key: str, value: Any) -> bool:
    """Whether a detail is as a condition asks for it, if it does.

    >>> meets(TherapyGiven(outcomes=("progression",)), "outcome", "ongoing")
    False
    >>> meets(TherapyGiven(outcomes=("progression",)), "line", 2)
    True
    """
    if not asks(leaf, key):
        return True
    return value in getattr(leaf, WORDS[key]) if key in WORDS else getattr(leaf, key).holds(value)
