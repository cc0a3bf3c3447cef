"""The command `check`: what is wrong with a rule set, read and proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txselect.cli.options import ColourOption, RulesOption
from txselect.cli.output import DIFFERENT, coloured, show, watched
from txselect.errors import InputError, Place, Problem, did_you_mean

if TYPE_CHECKING:
    from txselect.check.checked import Checked
    from txselect.check.finding import Finding
    from txselect.model.profile import Case
    from txselect.model.rules import RulePack


def check(
    rule: Annotated[
        str | None, typer.Argument(metavar="[RULE]", help="Prove only rules and claims whose id has this.")
    ] = None,
    rules: RulesOption = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="DIR", help="The cases that come with the rules: read as well.")
    ] = None,
    lint: Annotated[bool, typer.Option("--lint", help="Only read the rules: no proofs.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for advice as well, not only faults.")] = False,
    witnesses: Annotated[
        Path | None, typer.Option("--witnesses", metavar="DIR", help="Write each patient that shows a finding there.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="OLD", help="Instead: for which patients do these rules differ from OLD?"),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0 for one on each core.")] = 0,
    color: ColourOption = None,
) -> None:
    """Find what is wrong with a rule set: by reading it, and by proofs over every patient it can be asked about.

    Rules that can never fire, that others make redundant or that recommend what is always excluded; conditions that
    never matter; scopes and invariants that the pack declares. A finding shows a patient, as a case file to run.
    Exit code 1 if there is a fault. Each code is explained in docs/checks.md.
    """
    if against:
        _compare(against, rules, coloured(color))
        return
    from txselect.check.checked import reviewed
    from txselect.language.pack import read_pack
    from txselect.shipped import shipped_folder

    pack = read_pack(rules or shipped_folder("rules"))  # the cache keeps no places of single keys
    asked = _asked(pack, rule)
    with_cases = cases or (None if rules else shipped_folder("cases"))
    told = _cases(with_cases)
    found = [*_read(pack, rule, told), *([] if lint else _proved(pack, asked, told, jobs))]
    checked = reviewed(pack, found, 0 if lint else len(asked), whole=rule is None and not lint)
    show("\n".join(_lines(checked)), coloured(color))
    if witnesses:
        _write(witnesses, checked.findings)
    if any(finding.is_fault or strict for finding in checked.findings):
        raise typer.Exit(DIFFERENT)


def _compare(old: Path, new: Path | None, colour: bool) -> None:
    """The therapy classes that differ, each with a patient; exit code 1 if there is one."""
    from txselect.check.against import differences
    from txselect.check.witness import case_file
    from txselect.language.pack import read_pack
    from txselect.shipped import shipped_folder

    found = list(differences(read_pack(old), read_pack(new or shipped_folder("rules"))))
    for differs in found:
        was, now = (status.replace("_", " ") for status in (differs.before, differs.after))
        show(f"{differs.therapy}: {was} before, {now} now, for this patient", colour)
        show("".join(f"    {line}\n" for line in case_file(dict(differs.patient)).splitlines()), colour)
    if not found:
        print("equal: every therapy class has the same status under both rule sets, for every patient")
        return
    classes = "1 therapy class differs" if len(found) == 1 else f"{len(found)} therapy classes differ"
    print(f"{classes}; ranks and cautions were not compared")
    raise typer.Exit(DIFFERENT)


def _asked(pack: RulePack, rule: str | None) -> list[str]:
    from txselect.check.checked import everything_in

    everything = everything_in(pack)
    asked = [name for name in everything if rule is None or rule in name]
    if not asked:
        hint = did_you_mean(rule or "", everything)
        raise InputError([Problem(Place("<rule>"), "TX006", f"no rule or claim is named `{rule}`", hint)])
    return asked


def _cases(folder: Path | None) -> list[Case]:
    from txselect.cli.inputs import read_every

    return read_every([str(folder)]) if folder else []


def _read(pack: RulePack, rule: str | None, cases: Sequence[Case]) -> Iterator[Finding]:
    from txselect.check.lint import lint

    return (finding for finding in lint(pack, pack.date, cases) if rule is None or rule in finding.rule)


def _proved(pack: RulePack, asked: Sequence[str], cases: Sequence[Case], jobs: int) -> Iterator[Finding]:
    from txselect.check.checked import proofs

    for _, found in watched(proofs(pack, asked, cases=cases, jobs=jobs), len(asked), "proofs"):
        yield from found


def _lines(checked: Checked) -> Iterator[str]:
    from txselect.check.witness import case_file
    from txselect.decision.wording import counted

    for finding in checked.findings:
        yield str(finding.problem)
        if finding.witness is not None:
            yield "  a patient who shows it:"
            yield from (f"    {line}" for line in case_file(finding.witness).splitlines())
    for finding, entry in checked.kept:
        yield f"reviewed: {finding.code} of {finding.rule}: {entry.because}"
    faults = sum(finding.is_fault for finding in checked.findings)
    advice = len(checked.findings) - faults
    summary = f"{counted(checked.proved, 'proof')}: {counted(faults, 'fault')}, {advice} to look at"
    yield f"{summary}, {len(checked.kept)} reviewed"


def _write(folder: Path, findings: Iterable[Finding]) -> None:
    from txselect.check.witness import case_file
    from txselect.language.files import save, writing

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for finding in findings:
        if finding.witness is not None:
            save(folder / f"{finding.code.lower()}-{finding.rule}.yaml", case_file(finding.witness))
