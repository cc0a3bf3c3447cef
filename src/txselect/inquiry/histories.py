"""Questions about prior therapies: one that is listed could be another, and one that is not listed could be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from txselect.inquiry.courses import DETAILS, Courses, asks, meets, missing
from txselect.inquiry.question import THERAPIES, WORDS, Answer, Question
from txselect.inquiry.scene import Scene, literals
from txselect.inquiry.theory import Theory, quoted
from txselect.language.patient import months_between
from txselect.model.change import Change
from txselect.model.condition import Comparison, TherapyGiven
from txselect.model.patient import Span, TherapyRecord

_UNTIL_NOW = ("months_since_end", "months_on_therapy")


def ask_therapies(scene: Scene, theory: Theory) -> None:
    """Add the therapies that are listed, and questions about them and about those that are not."""
    courses = Courses(scene)
    if courses.leaves or courses.counted:
        _Histories(scene, theory, courses).ask()


class _Histories:
    def __init__(self, scene: Scene, theory: Theory, courses: Courses) -> None:
        self.scene = scene
        self.theory = theory
        self.courses = courses
        self.wishes: dict[tuple[str, tuple[str, ...] | Comparison], int] = {}

    def ask(self) -> None:
        """Everything about the list."""
        for number, (course, nodes) in enumerate(self._asked_for().items()):
            self._say_what_it_asks(number, course, nodes)
        if self.courses.counted:
            self._say_what_lines_give()
        if not self.scene.patient.therapies_complete:
            self._ask_whether_complete()
        for record in self.scene.patient.therapies:
            self._ask_about(record)
        names = (*self.courses.names(), *(self.courses.wider_names() if self.scene.everything else ()))
        for name, record in zip(names, self.courses.given(names), strict=True):
            for again in (False, True) if self.scene.everything else (False,):
                self._ask_whether_given(record, name, again=again)
        for record in self.courses.unnamed():
            self._ask_whether_given(record, "")

    def _asked_for(self) -> dict[TherapyGiven, list[int]]:
        """The leaves (nodes) by the course of a therapy that they ask for, of whatever class it is."""
        found: dict[TherapyGiven, list[int]] = {}
        for node, leaf in self.courses.leaves.items():
            found.setdefault(replace(leaf, classes=()), []).append(node)
        return found

    def _say_what_it_asks(self, number: int, course: TherapyGiven, nodes: list[int]) -> None:
        for node in nodes:
            self.theory.fact("course", node, number)
        for key in DETAILS:
            if asks(course, key):
                wish = self._wish(key, course)
                self.theory.fact("asks", number, wish)

    def _wish(self, key: str, course: TherapyGiven) -> int:
        """What a course is to be in one detail, which other courses may ask as well."""
        asked = (key, getattr(course, WORDS.get(key, key)))
        if asked not in self.wishes:
            self.wishes[asked] = len(self.wishes)
            self.theory.fact("about", self.wishes[asked], key)
            for value in self.courses.values(key):
                if meets(course, key, value):
                    self.theory.fact("wants", self.wishes[asked], _term(key, value))
        return self.wishes[asked]

    def _say_what_lines_give(self) -> None:
        """What each number of lines, surely and possibly, makes of the leaves that count them."""
        most = self.courses.most_lines
        self.theory.define("most_lines", most)
        self.theory.fact("counted")
        if self.scene.patient.profile.prior_therapies is not None:
            self.theory.fact("stated_before")
        for surely in range(most + 1):
            for possibly in (*range(surely, most + 1), None):
                span = Span(surely, float("inf") if possibly is None else possibly)
                truths = [span.within(comparison) for comparison in self.courses.counting]
                for literal in literals(self.courses.counted, truths):
                    self.theory.fact("lines_give", surely, "open" if possibly is None else possibly, literal)

    def _ask_whether_complete(self) -> None:
        self.theory.fact("incomplete", THERAPIES)
        if self.courses.closes:
            _, answers = self.theory.ask(self.courses.whether_complete())
            self.theory.fact("completes", answers[0], THERAPIES)

    def _ask_about(self, record: TherapyRecord) -> None:
        """What if a listed therapy had not been given, or otherwise?"""
        words = self.scene.words.therapy_record(record)
        label = self.courses.label(record.names)
        removed = Answer(Change(f"{THERAPIES}.{record.position}", "none"), f"{label} not given")
        altered = self.courses.answer(record, record.position)
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
        question = self.courses.how_it_went(record)
        if question is None:
            return
        number, answers = self.theory.ask(question)
        self.theory.fact("record", f"r({record.position})", number)
        self.theory.fact("adds", answers[0])
        self.theory.fact("alters", answers[0])
        self._say_what_it_is(answers[0], record)
        self._say_what_it_has(answers[0], record)
        self._offer_details(answers[0], record, asked, only=missing(record))

    def _say_what_it_has(self, speaker: object, record: TherapyRecord) -> None:
        """Its details; those that follow from its being ongoing are said to."""
        item = self.courses.stated(record)
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

    def _ask_whether_given(self, record: TherapyRecord, asked_as: str, *, again: bool = False) -> None:
        """What if a therapy that is not listed had been given?"""
        _, answers = self.theory.ask(self.courses.whether_given(record, asked_as, again=again))
        self.theory.fact("adds", answers[0])
        self._say_what_goes_on(answers[0], 0.0, "months_since_end")
        self._offer_details(answers[0], record, self._say_what_it_is(answers[0], record))

    def _say_what_it_is(self, speaker: object, record: TherapyRecord) -> list[TherapyGiven]:
        """Say for which leaves it is of a class that they ask for; gives those leaves."""
        concerned = []
        for node, leaf, certain in self.courses.of_class(record.names):
            self.theory.fact("of_class", speaker, node, "certain" if certain else "possible")
            concerned.append(leaf)
        if record.systemic:
            self.theory.fact("systemic", speaker)
        return concerned

    def _offer_details(
        self, answer: int, record: TherapyRecord, asked: list[TherapyGiven], only: Iterable[str] = DETAILS
    ) -> None:
        """The details that could be stated: of each, one value of every group that nothing it concerns tells apart."""
        for key in only:
            leaves, counted = [leaf for leaf in asked if asks(leaf, key)], self.courses.decides(record, key)
            if leaves or counted:
                own = getattr(record, key)
                seen = set() if own is None else {_seen(key, own, leaves, counted)}
                for value in self.courses.values(key):
                    if (group := _seen(key, value, leaves, counted)) not in seen:
                        seen.add(group)
                        self.theory.offer(answer, key, _term(key, value), value)


def _seen(key: str, value: Any, leaves: Iterable[TherapyGiven], counted: bool) -> object:
    """All that makes a value of a detail different from another."""
    if counted and key == "line":
        return value
    return tuple(meets(leaf, key, value) for leaf in leaves), value == "ongoing", counted and value == "metastatic"


def _term(key: str, value: Any) -> object:
    """A detail's value as the theory writes it; lines are counted and so stay numbers."""
    if key in WORDS:
        return value
    return int(value) if key == "line" else quoted(f"{value:g}")
