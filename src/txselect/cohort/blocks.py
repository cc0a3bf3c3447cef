"""Decides a block of patients: options for those who can be read, every problem of those who cannot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from txselect.cohort.counts import Counts
from txselect.cohort.courses import Courses
from txselect.cohort.deciding import Batch, Cohort
from txselect.cohort.entries import Entries
from txselect.cohort.nested import NestedProfiles
from txselect.cohort.results import Results
from txselect.cohort.sources import Block
from txselect.decision.options import options_of
from txselect.errors import InputError, InternalCheckError, Place, Problem
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.profile import Profile
from txselect.pipeline import Rules, reread

_CHECKED = 2
"""How many patients of a block are decided alone as well."""


class BlockDecider:
    """The rules with all that has been read, compiled and weighed so far."""

    def __init__(self, rules: Rules, day: date | None, jurisdiction: str | None, *, with_rules: bool) -> None:
        self.rules = rules
        self.pack = rules.pack
        self.day = day
        self.jurisdiction = jurisdiction
        entries, courses = Entries(rules.pack.vocabulary), Courses()
        self.profiles = NestedProfiles(rules.pack, entries, courses, day)
        self.cohort = Cohort(rules, entries, courses, jurisdiction)
        self.results = Results(rules=with_rules)

    def decided(self, block: Block, batch: Batch) -> tuple[Counts, list[bytes], pa.RecordBatch]:
        """What was counted, a line for each rejected row, and the options of the others.

        Raises InternalCheckError where a patient who is looked at alone is decided otherwise.
        """
        outcomes = list(self.cohort.decided(batch))
        table = self.results.table(block.ids, outcomes)
        self._check(block, batch, table)
        unread = np.flatnonzero(batch.kind < 0).tolist()
        wrong = [(block.ids[position].as_py(), self._problems(block, position)) for position in unread]
        wrong += [("", [problem]) for problem in block.broken]
        read, gone = len(block.numbers), len(block.broken)
        counts = Counts(read + gone, read - len(unread), len(unread) + gone, table.num_rows)
        counts.problems.update(problem.code for _, problems in wrong for problem in problems)
        for found in outcomes:
            for tally, many in zip(found.decider.tallies, found.counts.tolist(), strict=True):
                if many:
                    counts.tallies[tally] += many
        return counts, [_rejected(*one) for one in wrong], table

    def _check(self, block: Block, batch: Batch, table: pa.RecordBatch) -> None:
        """Some patients of the block are decided alone as well, with a certificate, and must come out the same."""
        readable = np.flatnonzero(batch.kind >= 0)
        of_patient = table.column("id").indices.to_numpy()
        for position in readable[:: max(1, len(readable) // _CHECKED)][:_CHECKED].tolist():
            begin, end = np.searchsorted(of_patient, (position, position + 1))
            rows = table.slice(begin, end - begin).to_pylist()
            if {row["therapy"]: (row["status"], row["rank"], row.get("rules")) for row in rows} != self._alone(
                block, position
            ):
                raise InternalCheckError(f"row {block.numbers[position]} is decided otherwise in a cohort than alone")

    def _alone(self, block: Block, position: int) -> dict[str, tuple[str, int | None, str | None]]:
        profile = validated(Profile, *block.profile(position))
        day = self.day or profile.as_of or self.pack.date
        options = options_of(reread(self.rules, profile, day, self.jurisdiction))
        return {
            option.therapy: (option.status, option.rank, " ".join(option.rules) if self.results.with_rules else None)
            for option in options
            if option.status != "not_indicated"
        }

    def _problems(self, block: Block, position: int) -> Sequence[Problem]:
        """All that is wrong with a profile, as the reading of single profiles tells it."""
        try:
            value, place = block.profile(position)
            profile = validated(Profile, value, place)
            patient_of(profile, self.pack.vocabulary, self.day or profile.as_of or self.pack.date)
        except InputError as error:
            return [_at(problem, block.file, block.numbers[position]) for problem in error.problems]
        raise InternalCheckError(f"row {block.numbers[position]} cannot be read in a cohort, and can be read alone")


def _at(problem: Problem, file: str, number: int) -> Problem:
    """A problem of a table says its file and its row."""
    if problem.place.line:
        return problem
    return Problem(Place(file, number, 1), problem.code, problem.message, problem.hint)


def _rejected(name: str, problems: Sequence[Problem]) -> bytes:
    place = problems[0].place
    told = [{"code": p.code, "problem": p.message, "hint": p.hint, "column": p.place.column} for p in problems]
    value = {"file": place.file, "row": place.line, "id": name, "problems": told}
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
