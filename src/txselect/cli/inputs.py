"""Case files as the command line takes them: files, folders and `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from txselect.cache import cached_pack
from txselect.cli.options import EngineName, Jurisdiction
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.errors import InputError, Place, Problem
from txselect.language.case import load_case, read_case
from txselect.language.document import decoded
from txselect.language.files import with_another_ending
from txselect.model.forms import day_of
from txselect.model.profile import Case
from txselect.pipeline import Rules, read
from txselect.shipped import shipped_folder

STANDARD_INPUT = "-"
Answered = TypeVar("Answered")


def case_paths(given: Iterable[str]) -> list[str]:
    """Every case file meant, in order; a folder stands for the .yaml files below it.

    Raises InputError for what does not exist, for a folder without cases and for one with .yml files.
    """
    paths: list[str] = []
    problems: list[Problem] = []
    for name in given:
        path = Path(name)
        if name == STANDARD_INPUT:
            paths.append(name)
        elif path.is_dir():
            found = sorted(str(file) for file in path.rglob("*.yaml"))
            paths += found
            passed_over = with_another_ending(path)
            problems += passed_over
            if not found and not passed_over:
                problems.append(Problem(Place(name), "TX014", "no .yaml files in this folder"))
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


def read_one(path: str) -> Case:
    """The case in a file or on standard input. Raises InputError."""
    if path != STANDARD_INPUT:
        return load_case(Path(path))
    return read_case(decoded(sys.stdin.buffer.read(), "<stdin>"), "<stdin>")


def read_all(paths: Iterable[str], problems: list[Problem]) -> Iterator[tuple[str, Case]]:
    """Cases that can be read, with their paths; the problems of the others are added."""
    for path in paths:
        try:
            yield path, read_one(path)
        except InputError as error:
            problems.extend(error.problems)


def read_single(path: str) -> Case:
    """The one case that a path stands for. Raises InputError where it stands for several."""
    paths = case_paths([path])
    if len(paths) > 1:
        message = f"{len(paths)} cases lie here, and this command takes one"
        raise InputError([Problem(Place(path), "TX014", message, f"for example {paths[0]}")])
    return read_one(paths[0])


def answers(
    paths: Iterable[str], ask: Callable[[Case], Answered], problems: list[Problem]
) -> Iterator[tuple[Case, Answered]]:
    """Each case that can be read and asked about, with the answer; the problems of the others are added."""
    for _, case in read_all(paths, problems):
        try:
            answer = ask(case)
        except InputError as error:
            problems.extend(error.problems)
            continue
        yield case, answer


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
