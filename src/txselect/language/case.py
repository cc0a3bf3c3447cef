"""Cases and bare profiles: from YAML, one a file, or from JSON, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from txselect.errors import InputError, Place, Problem
from txselect.language.document import check_json, decoded, parse
from txselect.language.files import content_of
from txselect.language.validation import validated
from txselect.model.profile import Case, Expectation, Profile

LINES = ".jsonl"
"""How the name of a file ends that has a case in each line."""
_CASE_KEYS = Case.model_fields.keys() - Profile.model_fields.keys()


def read_case(text: str, file: str) -> Case:
    """The case in a YAML text. A bare profile becomes a case named after the file, without expectations.

    Raises InputError with every problem.
    """
    return _case(parse(text, file), Place(file), Path(file).stem.strip("<>"))


def _case(value: Any, whole: Place, name: str) -> Case:
    """The case in a value read from `whole`; `name` is that of a bare profile. Raises InputError."""
    if isinstance(value, dict) and value.keys() & _CASE_KEYS:
        return validated(Case, value, whole)
    profile = validated(Profile, value, whole)
    said = "(a bare profile)"
    return Case(id=name, title=name, narrative=said, profile=profile, expect=Expectation(), place=profile.place)


def case_lines(content: bytes, file: str) -> Iterator[Case | Problem]:
    """The cases of a text with a JSON object in each line, and in place of each line that is none its problems.

    Blank lines are passed over. A bare profile is named after the file and its line. `file` is what problems call it.
    """
    numbered = [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
    if not numbered:
        yield Problem(Place(file), "TX014", "no cases in this file", "it has a case in each line, as a JSON object")
    for number, line in numbered:
        try:
            yield _case_in_line(line.rstrip(b"\r"), Place(file, number, 1))
        except InputError as error:
            yield from error.problems


def _case_in_line(line: bytes, place: Place) -> Case:
    text = decoded(line, place.file, place.line)
    check_json(text, place, "each line is a JSON object of its own")
    return _case(parse(text, place.file, place.line), place, f"{Path(place.file).stem}:{place.line}")


def load_lines(path: Path | str) -> Iterator[Case | Problem]:
    """As `case_lines`, of a file. Raises InputError if it cannot be read."""
    path = Path(path)
    return case_lines(content_of(path), path.as_posix())


def load_case(path: Path | str) -> Case:
    """The case or bare profile in a file. InputError if it cannot be read or, in lines, holds several."""
    path = Path(path)
    file = path.as_posix()
    if path.suffix == LINES:
        return _only(list(load_lines(path)), file)
    return read_case(decoded(content_of(path), file), file)


def _only(found: list[Case | Problem], file: str) -> Case:
    cases = [each for each in found if isinstance(each, Case)]
    problems = [each for each in found if isinstance(each, Problem)]
    if len(cases) > 1:
        message = f"{len(cases)} cases lie here, and only one is taken"
        hint = "put the line of the one you mean into a file of its own"
        problems.append(Problem(Place(file), "TX014", message, hint))
    if problems:
        raise InputError(problems)
    return cases[0]
