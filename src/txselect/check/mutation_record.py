"""Results of mutants kept in a file, a line each, so that a run that was stopped goes on where it was.

A line belongs to the rules, the cases and the version of txselect that it was made with; lines of others are left
alone and count for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from txselect.check.mutation import Result
from txselect.errors import Gathering, Place
from txselect.language.files import content_of, writing
from txselect.model.profile import Case
from txselect.model.rules import RulePack
from txselect.recorded import Records, digest
from txselect.version import VERSION


def made_with(pack: RulePack, cases: Iterable[Case], records: Records = MappingProxyType({})) -> str:
    """What results depend on, as one hash: the rules, what the cases say and expect, and the version of txselect."""
    made = sha256(f"{VERSION} {pack.sha256}".encode())
    for case in cases:
        made.update(f"\0{case.id}\0{case.profile.sha256()}\0{case.expect.model_dump_json()}".encode())
        made.update(f"\0{digest(records[case.id]) if case.id in records else ''}".encode())
    return made.hexdigest()


@dataclass(frozen=True)
class Record:
    """A file of results, of which those `made_with` the same rules and cases count."""

    path: Path
    made_with: str

    def known(self) -> dict[str, Result]:
        """The results so far, by mutant; none if there is no file. Raises InputError for lines that are no results.

        A last line without its end was being written when the run was stopped, and is passed over.
        """
        if not self.path.exists():
            return {}
        *lines, _ = content_of(self.path).split(b"\n")
        return {result.mutant: result for made_with, result in self._read(lines) if made_with == self.made_with}

    def _read(self, lines: Sequence[bytes]) -> list[tuple[str, Result]]:
        found, problems = [], Gathering()
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                found.append((entry.pop("made_with"), Result(**entry)))
            except (ValueError, TypeError, AttributeError, KeyError):
                problems.add(Place(self.path.as_posix(), number, 1), "TX005", "not a result of a mutant")
        problems.raise_if_any()
        return found

    def keeping(self, results: Iterable[Result]) -> Iterator[Result]:
        """Each result, once it is in the file. Raises InputError if it cannot be written."""
        with writing(self.path):
            _take_off_an_unfinished_line(self.path)
        for result in results:
            line = json.dumps({"made_with": self.made_with, **asdict(result)}, ensure_ascii=False)
            with writing(self.path), self.path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
            yield result


def _take_off_an_unfinished_line(path: Path) -> None:
    with path.open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
