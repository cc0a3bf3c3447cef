"""Case files as the command line takes them: files, folders and `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from txselect.cache import cached_pack
from txselect.cli.options import EngineName, Jurisdiction
from txselect.cli.output import with_progress
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.errors import InputError, Place, Problem
from txselect.language.case import LINES, load_case, load_lines, read_case
from txselect.language.document import decoded
from txselect.language.files import content_of, with_another_ending
from txselect.model.forms import day_of
from txselect.model.profile import Case
from txselect.pipeline import Rules, read
from txselect.shipped import shipped_folder

STANDARD_INPUT = "-"
STANDARD_INPUT_NAME = "<stdin>"
YAML = ".yaml"
Answered = TypeVar("Answered")


def case_paths(given: Iterable[str], endings: Sequence[str] = (YAML, LINES)) -> list[str]:
    """Every case file meant, in order; a folder stands for the files below it with one of the endings.

    Raises InputError for what does not exist, for a folder without cases and for one with .yml files.
    """
    paths: list[str] = []
    problems: list[Problem] = []
    for name in given:
        path = Path(name)
        if name == STANDARD_INPUT:
            paths.append(name)
        elif path.is_dir():
            found = sorted(str(file) for ending in endings for file in path.rglob(f"*{ending}"))
            paths += found
            passed_over = with_another_ending(path)
            problems += passed_over
            if not found and not passed_over:
                problems.append(Problem(Place(name), "TX014", f"no {' or '.join(endings)} files in this folder"))
        elif path.is_file():
            paths.append(name)
        else:
            problems.append(Problem(Place(name), "TX014", "no such file or folder", _hint(path)))
    if problems:
        raise InputError(problems)
    return paths


def _hint(path: Path) -> str:
    shipped = {file.stem: file for file in shipped_folder("cases").rglob("*.yaml")}
    found = shipped.get(path.stem)
    return f"the shipped case is {found}" if found else "`txselect cases` lists the shipped cases with their paths"


def stand_for_several(given: Sequence[str]) -> bool:
    """Whether what was given is answered as several cases are, even if it holds only one."""
    return len(given) > 1 or Path(given[0]).is_dir() or given[0].endswith(LINES)


def read_one(path: str) -> Case:
    """The case in a file or on standard input. Raises InputError."""
    if path != STANDARD_INPUT:
        return load_case(Path(path))
    return read_case(decoded(sys.stdin.buffer.read(), STANDARD_INPUT_NAME), STANDARD_INPUT_NAME)


def read_all(paths: Iterable[str], problems: list[Problem]) -> Iterator[tuple[str, Case]]:
    """Cases that can be read, with their paths; the problems of the others are added."""
    for path in paths:
        try:
            for found in load_lines(path) if path.endswith(LINES) else [read_one(path)]:
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    yield path, found
        except InputError as error:
            problems.extend(error.problems)


def read_every(given: Iterable[str]) -> list[Case]:
    """The cases of files and folders. Raises InputError with every problem of each."""
    problems: list[Problem] = []
    found = [case for _, case in read_all(case_paths(given), problems)]
    if problems:
        raise InputError(problems)
    return found


def read_single(path: str) -> Case:
    """The one case that a path stands for. Raises InputError where it stands for several."""
    paths = case_paths([path])
    if len(paths) > 1:
        message = f"{len(paths)} cases lie here, and this command takes one"
        raise InputError([Problem(Place(path), "TX014", message, f"for example {paths[0]}")])
    return read_one(paths[0])


def answers(
    paths: Sequence[str], ask: Callable[[Case], Answered], problems: list[Problem]
) -> Iterator[tuple[Case, Answered]]:
    """Each case that can be read and asked about, with the answer; the problems of the others are added."""
    for _, case in with_progress(read_all(paths, problems), sum(map(_how_many, paths))):
        try:
            answer = ask(case)
        except InputError as error:
            problems.extend(error.problems)
            continue
        yield case, answer


def _how_many(path: str) -> int:
    """The number of cases in a file, for a progress bar."""
    if path.endswith(LINES):
        with suppress(InputError):  # told when the file is read
            return content_of(Path(path)).count(b"\n") + 1
    return 1


def rules_in(folder: Path | None) -> Rules:
    """The rules in a folder, or those shipped."""
    return Rules(cached_pack(folder or shipped_folder("rules")))


def read_path(
    path: str, rules: Path | None, as_of: str | None, engine: EngineName, jurisdiction: Jurisdiction | None
) -> tuple[Reading, Decision]:
    """The one case at a path, read and decided."""
    return read_with(rules_in(rules), read_single(path), as_of, engine, jurisdiction)


def read_with(
    rules: Rules, case: Case, as_of: str | None, engine: EngineName, jurisdiction: Jurisdiction | None
) -> tuple[Reading, Decision]:
    """A case, read and decided as the options of the command line say."""
    return read(rules, case.profile, **how_to_decide(as_of, engine, jurisdiction))


def how_to_decide(as_of: str | None, engine: EngineName, jurisdiction: Jurisdiction | None) -> dict[str, Any]:
    """What `decide` and every question about a decision take, from the options of the command line."""
    return {"as_of": day(as_of), "engine": engine.value, "jurisdiction": jurisdiction}


def day(text: str | None) -> date | None:
    """The day of `--as-of`. Raises InputError for what is none."""
    if text is None:
        return None
    try:
        return day_of(text)
    except ValueError as error:
        raise InputError([Problem(Place("--as-of"), "TX005", str(error))]) from None
