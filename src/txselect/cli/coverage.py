"""What cases show of the rules: `test --coverage`, and whether they would notice a mistake in them: `test --mutate`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txselect.cli.output import DIFFERENT, show, watched
from txselect.errors import InputError, Place, Problem

if TYPE_CHECKING:
    from txselect.check.mutants import Mutant
    from txselect.check.mutation import Result
    from txselect.model.profile import Case
    from txselect.model.rules import RulePack
    from txselect.recorded import Records

CoverageOption = Annotated[
    bool,
    typer.Option("--coverage", help="Show where each condition of the rules was true, false, unknown and decisive."),
]
MutateOption = Annotated[
    bool,
    typer.Option("--mutate", help="Change the rules in one place at a time and show which changes no case notices."),
]
OnlyOption = Annotated[
    str, typer.Option("--only", metavar="PREFIX", help="Only rules whose id begins so (coverage, mutants).")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the coverage as a page, the rule files coloured.")
]
FailUnderOption = Annotated[
    float | None,
    typer.Option(
        "--fail-under", metavar="PERCENT", min=0, max=100, help="Exit code 1 below this coverage or mutation score."
    ),
]
SampleOption = Annotated[
    int | None, typer.Option("--sample", metavar="N", min=1, help="Try only so many mutants, drawn by --seed.")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Which sample of the mutants.")]
ResumeOption = Annotated[
    Path | None,
    typer.Option("--resume", metavar="FILE", help="Keep results in this file (.jsonl) and go on from those in it."),
]
WitnessesOption = Annotated[
    Path | None,
    typer.Option("--witnesses", metavar="DIR", help="Write the cases there that would notice the mutants left over."),
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes for mutants; by default one for each core.")
]


def show_coverage(
    cases: Sequence[str], rules: Path | None, only: str, html: Path | None, fail_under: float | None, colour: bool
) -> None:
    """Print what the cases show of the rules, and write the page if one is asked for. Raises InputError, typer.Exit."""
    from txselect.check.coverage import coverage
    from txselect.check.coverage_text import MOST_SHOWN, coverage_text
    from txselect.cli.inputs import read_every, rules_in
    from txselect.language.files import save

    pack = rules_in(rules).pack
    _check_prefix(only, pack)
    found = coverage(pack, read_every(cases), only)
    show(coverage_text(found, pack, None if only else MOST_SHOWN), colour)
    if html:
        from txselect.check.coverage_page import coverage_page

        save(html, coverage_page(found))
    _exit_if_under(found.percent, fail_under)


def show_mutation(
    cases: Sequence[str],
    rules: Path | None,
    only: str,
    sample: int | None,
    seed: int,
    resume: Path | None,
    jobs: int | None,
    fail_under: float | None,
    colour: bool,
    witnesses: Path | None = None,
) -> None:
    """Try mutants of the rules on the cases and print those that no case notices. Raises InputError, typer.Exit.

    witnesses: a folder for the cases that would notice them.
    """
    from txselect.check.killing import Equivalence
    from txselect.check.mutants import mutants
    from txselect.check.mutation import holding
    from txselect.check.mutation_text import Score, mutation_text
    from txselect.cli.inputs import read_every, rules_in
    from txselect.recorded import records_beside

    pack = rules_in(rules).pack
    _check_prefix(only, pack)
    wanted = _sampled(list(mutants(pack, only)), sample, seed)
    given = read_every(cases)
    records = records_beside(given)
    held = holding(pack, given, records)
    if len(held) < len(given):
        missing = len(given) - len(held)
        print(f"left out: {missing} of {len(given)} cases, which expect nothing or do not get it", file=sys.stderr)
    processes = jobs or os.cpu_count() or 1
    became = _became(pack, held, records, wanted, resume, processes, Equivalence(pack, wanted).holds)
    score = Score([(mutant, became[mutant.id]) for mutant in wanted])
    show(mutation_text(score), colour)
    if witnesses:
        _write_cases(pack, [mutant for mutant, _ in score.survivors], witnesses)
    _exit_if_under(score.percent, fail_under)


def _became(
    pack: RulePack,
    cases: Sequence[Case],
    records: Records,
    wanted: Sequence[Mutant],
    resume: Path | None,
    jobs: int,
    is_equivalent: Callable[[Mutant], bool],
) -> dict[str, Result]:
    """What became of each mutant; those that the file to resume knows are not tried again."""
    from txselect.check.mutation import judged, results
    from txselect.check.mutation_record import Record, made_with

    record = Record(resume, made_with(pack, cases, records)) if resume else None
    known = record.known() if record else {}
    left = [mutant for mutant in wanted if mutant.id not in known]
    if left:
        tried = zip(left, results(pack, cases, left, records, jobs=min(jobs, len(left))), strict=True)
        found = (judged(mutant, result, is_equivalent) for mutant, result in tried)
        kept = record.keeping(found) if record else found
        known |= {result.mutant: result for result in watched(kept, len(left), "mutants")}
    return known


def _write_cases(pack: RulePack, survivors: Sequence[Mutant], folder: Path) -> None:
    """For each survivor the case that would notice it, if a status of any patient shows it."""
    from txselect.check.killing import killing_case
    from txselect.check.witness import case_file
    from txselect.language.files import save, writing

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    made = ((mutant, killing_case(pack, mutant)) for mutant in survivors)
    for mutant, case in watched(made, len(survivors), "mutants"):
        if case is not None:
            save(folder / f"{case['id']}.yaml", case_file(case))
        else:
            print(f"no status of any patient shows it: {mutant.text} [{mutant.rule}]", file=sys.stderr)


def _check_prefix(only: str, pack: RulePack) -> None:
    if not any(name.startswith(only) for name in pack.rules):
        hint = "`txselect rules` lists the ids"
        raise InputError([Problem(Place("--only"), "TX006", f"no rule's id begins with `{only}`", hint)])


def _sampled(mutants: Sequence[Mutant], size: int | None, seed: int) -> Sequence[Mutant]:
    from random import Random  # slow to import, and few commands need it

    return mutants if size is None else Random(seed).sample(mutants, min(size, len(mutants)))


def _exit_if_under(percent: float, wanted: float | None) -> None:
    if wanted is not None and percent < wanted:
        print(f"{percent:g} % is less than {wanted:g} %", file=sys.stderr)
        raise typer.Exit(DIFFERENT)
