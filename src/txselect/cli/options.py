"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    text = "text"
    markdown = "markdown"
    json = "json"


class EngineName(StrEnum):
    durable = "durable"
    linear = "linear"


class Jurisdiction(StrEnum):
    fda = "FDA"
    ema = "EMA"


CasesArgument = Annotated[
    list[str], typer.Argument(metavar="CASE...", help="Case or profile files, folders, or - for standard input.")
]
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="A case or profile file, or - for standard input.")]
TherapyArgument = Annotated[
    str, typer.Argument(metavar="THERAPY", help="A therapy class; `txselect therapies` lists them.")
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the answer.")]
DateOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Decide as of this day (2026-11-30) instead of the profile's."),
]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="Which engine runs; every run is certified.")]
RulesOption = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="A folder of rules instead of those shipped.")
]
JurisdictionOption = Annotated[
    Jurisdiction | None, typer.Option("--jurisdiction", help="Leave out what only the other agency approved.")
]
ColourOption = Annotated[
    bool | None, typer.Option("--color/--no-color", help="Colour; by default on a terminal without NO_COLOR.")
]
