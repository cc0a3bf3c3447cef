"""The command that decides many patients at once: `cohort`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txselect.cli.options import DateOption, JurisdictionOption, RulesOption
from txselect.errors import InputError, Place, Problem

if TYPE_CHECKING:
    from txselect.cohort.counts import Counts
    from txselect.cohort.job import Asked


class Where(StrEnum):
    local = "local"
    spark = "spark"


class Explain(StrEnum):
    none = "none"
    rules = "rules"
    full = "full"


def cohort(
    profiles: Annotated[
        list[Path],
        typer.Argument(metavar="PROFILES...", help="Files or folders of them: .jsonl, .ndjson, .parquet, .csv, .tsv."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT", help="The folder to write; rejected rows go to OUT.rejected."),
    ],
    rules: RulesOption = None,
    explain: Annotated[
        Explain, typer.Option("--explain", help="What to write beside status and rank.")
    ] = Explain.rules,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DIR", help="Older rules: write only what changed from theirs.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="How the columns of a table become those known here."),
    ] = None,
    engine: Annotated[
        Where, typer.Option("--engine", help="Where to decide: on this machine, or on Apache Spark.")
    ] = Where.local,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what an earlier run left in OUT.")] = False,
    as_of: DateOption = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Decide many patients: status, rank and rules of every option as Parquet, with a summary of all.

    The same decisions as `recommend` makes for one. A row that cannot be read stops nothing and is lost nowhere:
    it is in OUT.rejected with its file, its row and every problem, and the counts add up.
    """
    try:
        asked = _asked(profiles, output, rules, explain, against, mapping, as_of, jurisdiction)
        counts = _on_spark(asked, resume) if engine is Where.spark else _here(asked, resume)
    except KeyboardInterrupt:
        print(f"stopped; what is done is kept, and `--resume` goes on in {output}", file=sys.stderr)
        raise typer.Exit(130) from None
    print(
        f"{counts.rows:,} rows: {counts.decided:,} decided, {counts.rejected:,} rejected; "
        f"{counts.options:,} {'changes' if against else 'options'} in {output}, summary in {output}/summary.html"
    )
    if counts.rejected:
        print(f"rejected rows with every problem: {output}.rejected")


def _asked(
    profiles: list[Path], output: Path, rules: Path | None, explain: Explain, against: Path | None,
    mapping: Path | None, as_of: str | None,
    jurisdiction: str | None,
) -> Asked:  # fmt: skip
    from txselect.cli.inputs import day, rules_in

    with _packages("cohort"):
        from txselect.cohort.job import Asked
        from txselect.cohort.mapping import load_mapping
    return Asked(
        paths=tuple(_files(profiles)),
        out=output,
        rules=rules_in(rules),
        day=day(as_of),
        jurisdiction=jurisdiction,
        explain=explain.value,
        against=rules_in(against) if against else None,
        mapping=load_mapping(mapping) if mapping else None,
    )


def _here(asked: Asked, resume: bool) -> Counts:
    from txselect.cohort.job import Job

    job = Job(asked)
    with _watched(job.rows) as told:
        return job.run(resume=resume, told=told)


def _on_spark(asked: Asked, resume: bool) -> Counts:
    beyond = {"--resume": resume, "--against": asked.against is not None, "--explain full": asked.explain == "full"}
    problems = [Problem(Place(option), "TX014", "is not there on Spark") for option, given in beyond.items() if given]
    if problems:
        raise InputError(problems)
    with _packages("spark"):
        from txselect.cohort.spark import run_on_spark
    return run_on_spark(asked)


@contextmanager
def _packages(extra: str) -> Iterator[None]:
    """Raises InputError that says what to install where a package is missing."""
    try:
        yield
    except ImportError as error:
        hint = f'install what is missing: pip install "txselect[{extra}]"'
        raise InputError([Problem(Place("cohort"), "TX014", f"this needs the package {error.name}", hint)]) from None


def _files(given: list[Path]) -> list[Path]:
    """The files meant, in order. Raises InputError for all that do not exist and folders without any."""
    from txselect.cohort.sources import ENDINGS

    files: list[Path] = []
    problems: list[Problem] = []
    for path in given:
        found = [path] if path.is_file() else []
        if path.is_dir():
            found = sorted(file for file in path.iterdir() if file.suffix in ENDINGS)
        if not found:
            text = f"no {', '.join(ENDINGS)} files in this folder" if path.is_dir() else "no such file or folder"
            problems.append(Problem(Place(path.as_posix()), "TX014", text))
        files += found
    if problems:
        raise InputError(problems)
    return files


@contextmanager
def _watched(rows: int | None) -> Iterator[Any]:
    """Says how far it is, how fast and for how long still, if someone is watching."""
    if not sys.stderr.isatty():
        yield lambda counts: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("patients"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=rows, rate="")

        def told(counts: Counts) -> None:
            speed = progress.tasks[0].speed
            progress.update(task, completed=counts.rows, rate=f"{speed:,.0f}/s" if speed else "")

        yield told
