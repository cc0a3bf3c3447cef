"""What a history of prior therapies can turn out to be, once all of it is told.

A condition about prior therapies is met if one of them meets it, and fails if none of them may. So what conditions can
see of a history is put together from what they can see of each therapy, and no whole history is ever looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, reduce
from operator import or_
from typing import Any, NamedTuple

from txselect.inquiry.courses import Courses, meets
from txselect.inquiry.question import Question
from txselect.inquiry.scene import Scene
from txselect.language.patient import months_between
from txselect.model.patient import TherapyRecord

_IN_ORDER = ("outcome", "months_since_end", "months_on_therapy", "setting", "line", "hormone_state")
"""The details of a course; those that others follow from come first."""


class _Course(NamedTuple):
    """The marks that a course leaves so far, and what its other details depend on."""

    marks: int
    ongoing: bool = False
    counts: bool = False


class _Detail(NamedTuple):
    """What a detail makes of a course: the marks that it takes away, and the line that it was if it counts as one."""

    takes: int
    ongoing: bool = False
    counts: bool = False
    line: int = 0


class ToldHistory:
    """A therapy leaves marks, each a bit of a number: two for each condition (met, perhaps met), one for each line.

    A third line leaves those of the first and the second as well, so that what is marked is the number of lines.

    questions: what is asked about the history; none if all is known.
    parts: for each therapy that was given, or may have been, the marks that it can leave (none if it was not given).
    """

    def __init__(self, scene: Scene) -> None:
        self.courses = Courses(scene)
        self.questions: list[Question] = []
        self.parts: list[frozenset[int]] = []
        self._scene = scene
        self._met = {node: 1 << 2 * number for number, node in enumerate(self.courses.leaves)}
        first_line = 2 * len(self._met)
        self.lines = {int(line): 1 << first_line + n for n, line in enumerate(self.courses.numbers["line"])}
        if self._met or self.courses.counted:
            self._tell()

    def marks(self, node: int) -> tuple[int, int]:
        """For a condition (by its leaf's node) the marks that a therapy meets it, and that one may."""
        return self._met[node], self._met[node] << 1

    def is_certain(self, node: int) -> bool:
        """Whether any therapy that may meet a condition does meet it, and any number of lines is known exactly."""
        if node not in self._met:
            return self.courses.closes
        return not self._uncertain & self._met[node]

    @cached_property
    def _uncertain(self) -> int:
        """The marks of conditions that some therapy may meet and perhaps does not."""
        conditions = sum(self._met.values())
        return reduce(or_, ((marks ^ marks >> 1) & conditions for part in self.parts for marks in part), 0)

    @cached_property
    def marks_of_parts(self) -> list[int]:
        """For each part all marks that it can leave."""
        return [reduce(or_, part) for part in self.parts]

    def _tell(self) -> None:
        known = self._scene.patient.therapies_complete
        if not self.courses.closes:
            self.parts.append(frozenset([sum(met << 1 for met in self._met.values())]))
        elif not known:
            self.questions.append(self.courses.whether_complete())
        for record in self._scene.patient.therapies:
            self._tell_of_listed(record)
        if not known:
            exact = {name: kind for name in self.courses.names() if (kind := self._exactly(name))}
            for name, record in zip(exact, self.courses.given(exact.values()), strict=True):
                self._tell_of_unlisted(record, name)
            for record in self.courses.unnamed():
                self._tell_of_unlisted(record, "")

    def _exactly(self, name: str) -> str | None:
        """A class, or a kind of it, that is of no other class than it certainly is; found out exactly, it is that."""
        certain = [(node, True) for node, _, sure in self.courses.of_class((name,)) if sure]
        kinds = self._scene.vocabulary.therapy_kinds.below(name)
        return next(
            (kind for kind in kinds if [(node, sure) for node, _, sure in self.courses.of_class((kind,))] == certain),
            None,
        )

    def _tell_of_unlisted(self, record: TherapyRecord, asked_as: str) -> None:
        """A therapy that may have been given."""
        self.questions.append(self.courses.whether_given(record, asked_as))
        self.parts.append(frozenset([0, *self._left(record)]))

    def _tell_of_listed(self, record: TherapyRecord) -> None:
        """A therapy that was given, of which details may be missing."""
        question = self.courses.how_it_went(record)
        if question is not None:
            self.questions.append(question)
        item = self.courses.stated(record)
        started = item.start if item.months_on_therapy is None else None
        until_now = months_between(started, self._scene.patient.as_of) if started else None
        self.parts.append(frozenset(self._left(record, until_now)))

    def _left(self, record: TherapyRecord, until_now: float | None = None) -> Iterator[int]:
        """The marks that a therapy can leave, whatever is still told of its course.

        until_now: for how many months it was given if it goes on, where that is reckoned.
        """
        courses = {_Course(self._marks_of_class(record))}
        for key in _IN_ORDER:
            details = {
                ongoing: {
                    self._detail(record, key, value)
                    for value in self._values(record, key, until_now if ongoing else None, ongoing=ongoing)
                }
                for ongoing in {course.ongoing for course in courses}
            }
            courses = {_after(course, key, detail) for course in courses for detail in details[course.ongoing]}
        return (course.marks for course in courses)

    def _marks_of_class(self, record: TherapyRecord) -> int:
        """The marks of a therapy of which any course is as the conditions ask."""
        found = ((self.marks(node), certain) for node, _, certain in self.courses.of_class(record.names))
        return sum(may + met * certain for (met, may), certain in found)

    def _values(self, record: TherapyRecord, key: str, until_now: float | None, *, ongoing: bool) -> tuple[Any, ...]:
        """What a detail can be; a therapy that goes on has not ended, and was given until now."""
        if ongoing and key == "months_since_end":
            return (0.0,)
        if key == "months_on_therapy" and until_now is not None:
            return (until_now,)
        own = getattr(record, key)
        return (self.courses.values(key) or (None,)) if own is None else (own,)

    def _detail(self, record: TherapyRecord, key: str, value: Any) -> _Detail:
        decides = self.courses.decides(record, key)
        return _Detail(
            self._takes[key][value] if value is not None else 0,
            ongoing=key == "outcome" and value == "ongoing",
            counts=decides and value == "metastatic",
            line=self._up_to(value) if decides and key == "line" else 0,
        )

    def _up_to(self, line: int) -> int:
        return sum(mark for other, mark in self.lines.items() if other <= line)

    @cached_property
    def _takes(self) -> dict[str, dict[Any, int]]:
        """For each value of a detail the marks of the conditions that ask for another."""
        leaves = self.courses.leaves.items()
        return {
            key: {
                value: sum(sum(self.marks(node)) for node, leaf in leaves if not meets(leaf, key, value))
                for value in self.courses.values(key)
            }
            for key in _IN_ORDER
        }


def _after(course: _Course, key: str, detail: _Detail) -> _Course:
    """A course with one more detail; that it goes on is forgotten when nothing else follows from it."""
    marks = course.marks & ~detail.takes | (detail.line if course.counts else 0)
    goes_on = detail.ongoing or (course.ongoing and key == "months_since_end")
    return _Course(marks, goes_on, detail.counts)
