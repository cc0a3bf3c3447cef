"""Cases as tests, for the command `test`: what they expect, and what was recorded of them before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txselect.cli.options import EngineName
from txselect.cli.output import DIFFERENT
from txselect.errors import InputError, Place, Problem

if TYPE_CHECKING:
    from txselect.decision.record import Decision
    from txselect.model.profile import Case
    from txselect.recorded import RecordedFolder

RecordOption = Annotated[
    bool, typer.Option("--record", help="Record what is decided now, in recorded.json beside the cases.")
]
_MOST_SHOWN = 12


def run_as_tests(given: Sequence[str], rules: Path | None, engine: EngineName, *, record: bool) -> None:
    """Decide cases and print whatever is not as it should be; with `record`, record them.

    engine: that of the decisions which are only looked at; those recorded are made by the linear engine.
    Raises InputError with every problem, and typer.Exit if a case is not as it should be.
    """
    from txselect.cli.inputs import answers, case_paths, read_with, rules_in
    from txselect.expectations import unmet

    paths = case_paths(given)
    known = rules_in(rules)
    problems: list[Problem] = []
    folders = _folders(given, paths, problems)

    def otherwise(case: Case) -> tuple[Problem, ...]:
        decision = read_with(known, case, None, EngineName.linear if record else engine, None)[1]
        unlike = _noted(case, decision, folders, record=record)
        return (*unmet(case, decision, known.pack), *(() if record else unlike))

    failed = passed = 0
    for _, differences in answers(paths, otherwise, problems):
        failed, passed = failed + bool(differences), passed + (not differences)
        _print(differences)
    whole = [folders[folder] for folder in _asked_as_a_whole(given) if folder in folders and not problems]
    if record:
        _record(folders.values(), whole)
    else:
        gone = [problem for folder in whole for problem in folder.about_left_over()]
        failed += len(gone)
        _print(gone)
    print(f"{passed} passed, {failed} failed")
    if problems:
        raise InputError(problems)
    if failed:
        raise typer.Exit(DIFFERENT)


def _print(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(problem)


# Folders, by their resolved path: one may be given in several ways


def _folders(given: Sequence[str], paths: Iterable[str], problems: list[Problem]) -> dict[Path, RecordedFolder]:
    """Every folder that cases come from or records lie in; the problems of records that cannot be read are added."""
    from txselect.cli.inputs import STANDARD_INPUT
    from txselect.recorded import RecordedFolder

    found: dict[Path, RecordedFolder] = {}
    of_cases = (Path(path).parent for path in paths if path != STANDARD_INPUT)
    for folder in dict.fromkeys((*of_cases, *_with_records(given))):
        if folder.resolve() not in found:
            try:
                found[folder.resolve()] = RecordedFolder(folder)
            except InputError as error:
                problems.extend(error.problems)
    return found


def _with_records(given: Iterable[str]) -> Iterator[Path]:
    """The folders below those given that have records, even if no case is left in them."""
    from txselect.recorded import RECORDED

    for name in given:
        if Path(name).is_dir():
            yield from (file.parent for file in sorted(Path(name).rglob(RECORDED)))


def _asked_as_a_whole(given: Iterable[str]) -> list[Path]:
    return list(dict.fromkeys(folder.resolve() for folder in _with_records(given)))


def _noted(
    case: Case, decision: Decision, folders: Mapping[Path, RecordedFolder], *, record: bool
) -> tuple[Problem, ...]:
    """How a decision differs from its record, if its folder has records. Raises InputError for what cannot have one."""
    from txselect.cli.inputs import STANDARD_INPUT_NAME

    if case.expect.decided:
        return ()  # it claims all that a record would hold
    if case.place.file == STANDARD_INPUT_NAME:
        if record:
            message = "what comes from standard input lies in no folder where it could be recorded"
            raise InputError([Problem(Place(case.place.file), "TX014", message)])
        return ()
    folder = folders.get(Path(case.place.file).parent.resolve())
    if folder is None or not (record or folder.is_recorded):
        return ()
    folder.add(case, decision)
    return folder.differences(case.id)


# Recording


def _record(folders: Iterable[RecordedFolder], whole: Sequence[RecordedFolder]) -> None:
    """Write every folder's records, print the first differences from those before, and how many cases differ."""
    from txselect.decision.wording import counted

    changed: list[Problem] = []
    changed_cases = new = gone = recorded = 0
    for folder in (folder for folder in folders if folder.now or folder.is_recorded):
        left_over = folder.left_over
        folder.write(keeping=() if folder in whole else left_over)
        differences = [folder.differences(case) for case in folder.now if case in folder.before]
        changed += (problem for those in differences for problem in those)
        changed_cases += sum(map(bool, differences))
        new += len(folder.now) - len(differences)
        gone += len(left_over) if folder in whole else 0
        recorded += len(folder.now)
    _print(changed[:_MOST_SHOWN])
    if changed[_MOST_SHOWN:]:
        print(f"... and {counted(len(changed) - _MOST_SHOWN, 'other difference')}")
    print(f"{counted(recorded, 'case')} recorded: {changed_cases} changed, {new} new, {gone} taken out")
