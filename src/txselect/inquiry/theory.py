"""The facts that `theory.lp` reasons with: one program's cone, one patient, the changes that may be tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from txselect.inquiry.cone import Cone
from txselect.inquiry.question import Answer, Question, TherapyAnswer


class Theory:
    """Collects facts as Clingo reads them. Questions and answers are numbered in the order in which they are asked."""

    def __init__(self, cone: Cone) -> None:
        self.cone = cone
        self.questions: list[Question] = []
        self.answers: list[Answer | TherapyAnswer] = []
        self.asked_by: list[int] = []
        self.details: dict[tuple[int, str, str], Any] = {}
        self._facts: list[str] = []

    def fact(self, name: str, *terms: object) -> None:
        """Add `name(terms)`; texts that are no plain names are to be given through `quoted`."""
        self._facts.append(f"{name}({','.join(map(str, terms))})." if terms else f"{name}.")

    def conclude(self) -> None:
        """Add the cone's clauses, so that the theory concludes what the rules do."""
        for number, clause in enumerate(self.cone.clauses):
            self.fact("clause", number, clause.head)
            for literal in clause.body:
                self.fact("body", number, literal)

    def define(self, name: str, value: int) -> None:
        """Give a constant of the theory its value."""
        self._facts.append(f"#const {name}={value}.")

    def ask(self, question: Question) -> tuple[int, range]:
        """Add a question; its number and those of its answers."""
        number, first = len(self.questions), len(self.answers)
        self.questions.append(question)
        self.answers += question.answers
        self.asked_by += [number] * len(question.answers)
        self.fact("question", number)
        answers = range(first, len(self.answers))
        for answer in answers:
            self.fact("answer", answer, number)
        return number, answers

    def offer(self, answer: int, key: str, term: object, value: Any) -> None:
        """A detail that an answer may state: its name, its value as the theory writes it and as a profile does."""
        self.fact("choice", answer, key, term)
        self.details[answer, key, str(term).strip('"')] = value

    def gives(self, answer: int, literals: Iterable[object]) -> None:
        """Say which literals an answer makes hold by itself."""
        for literal in literals:
            self.fact("gives", answer, literal)

    def stated(self, answer: int, details: Mapping[str, str]) -> Answer:
        """An answer with the details that a model gives it, as the theory writes them."""
        return self.answers[answer].stated({key: self.details[answer, key, term] for key, term in details.items()})

    def text(self) -> str:
        """Facts and theory as one program."""
        return f"{program_text('theory')}\n{' '.join(self._facts)}"


def quoted(name: str) -> str:
    """A name as a constant of Clingo."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=4)
def program_text(name: str) -> str:
    """A part of the theory, which lies beside this module."""
    return (Path(__file__).parent / f"{name}.lp").read_text(encoding="utf-8")
