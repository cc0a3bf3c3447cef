"""`test --margins`: cases for what no case shows of the rules, made by the solver and kept in a file of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txselect.cli.output import watched
from txselect.errors import InputError, Place, Problem

if TYPE_CHECKING:
    from txselect.check.margins import Margin
    from txselect.model.profile import Case
    from txselect.model.rules import RulePack
    from txselect.pipeline import Rules

MarginsOption = Annotated[
    Path | None,
    typer.Option(
        "--margins", metavar="FILE", help="Add cases to this file (.jsonl) for all that no case shows of the rules."
    ),
]
_MOST_TOLD = 12
_NARRATIVE = "Made by the solver, with as little said as can be; expected is what the rules decided, right or wrong."


def write_margins(given: Sequence[str], folder: Path | None, only: str, file: Path) -> None:
    """Add cases to a file until the cases given and those in it show all that can be shown of the rules.

    What is expected of those that are there already is what is decided now. Raises InputError.
    """
    from txselect.cli.inputs import read_every, rules_in
    from txselect.language.case import LINES
    from txselect.language.files import write_whole, writing

    if file.suffix != LINES:
        raise InputError([Problem(Place(file.as_posix()), "TX014", f"a file of cases line by line ends in {LINES}")])
    rules = rules_in(folder)
    before = read_every([str(file)]) if file.exists() else []
    cases = [case for case in read_every(given) if Path(case.place.file).resolve() != file.resolve()]
    found = list(_margins(rules.pack, [*cases, *before], only))
    made = [margin for margin in found if margin.profile is not None]
    lines = {case.id: case.model_dump(mode="json", exclude_unset=True) for case in before}
    lines |= {margin.aim.id: _case(margin, rules.pack) for margin in made}
    in_order = watched([lines[name] for name in sorted(lines)], len(lines), "cases")
    text = "".join(_line(case, rules) for case in in_order)
    with writing(file):
        write_whole(file, text.encode())
    print(f"{len(made)} cases added to {file}, {len(lines)} in all")
    _tell([margin for margin in found if margin.profile is None])


def _margins(pack: RulePack, cases: Iterable[Case], only: str) -> Iterator[Margin]:
    from txselect.check.columns import readable_patients_of
    from txselect.check.margins import Margins
    from txselect.check.mutants import mutants

    wanted = [name for name in pack.written if name.startswith(only)]
    margins = Margins(pack, mutants(pack, only), readable_patients_of(pack, cases))
    batches = margins.batches(wanted)
    for batch in watched(batches, len(batches), "rules"):
        yield from margins.found(batch)


def _case(margin: Margin, pack: RulePack) -> dict[str, Any]:
    return {
        "id": margin.aim.id,
        "title": f"{pack.rules[margin.aim.rule].title}: {margin.aim.text}",
        "narrative": _NARRATIVE,
        "source": {"kind": "margin"},
        "profile": {"as_of": str(pack.date), **(margin.profile or {})},
    }


def _line(case: dict[str, Any], rules: Rules) -> str:
    """A case with what is decided now, on one line."""
    from txselect.pipeline import decide
    from txselect.recorded import digest, record_of

    decided = digest(record_of(decide(rules, case["profile"], engine="linear")))
    return json.dumps({**case, "expect": {"decided": decided}}, ensure_ascii=False) + "\n"


def _tell(nobody: Sequence[Margin]) -> None:
    """What nobody can show is no gap of the cases."""
    if nobody:
        print(f"nobody can show {len(nobody)} things, which is proved:")
        for margin in nobody[:_MOST_TOLD]:
            print(f"  {margin.aim.rule}: {margin.aim.text}")
        if len(nobody) > _MOST_TOLD:
            print(f"  and {len(nobody) - _MOST_TOLD} more; --only names rules")
