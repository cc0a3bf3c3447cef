"""The command that writes a case down for a tumour board: `report`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txselect.cli.options import (
    CaseArgument,
    DateOption,
    EngineName,
    EngineOption,
    JurisdictionOption,
    RulesOption,
)
from txselect.errors import InputError, Place, Problem
from txselect.language.files import save

if TYPE_CHECKING:
    from txselect.explain.document import Document

_STANDARD_OUTPUT = "-"


class ReportFormat(StrEnum):
    html = "html"
    markdown = "markdown"


_BY_ENDING = {".html": ReportFormat.html, ".htm": ReportFormat.html, ".md": ReportFormat.markdown}


def report(
    case: CaseArgument,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write: board.html, board.md, or - to print.")
    ],
    format: Annotated[
        ReportFormat | None, typer.Option("--format", "-f", help="Else the ending of FILE says it; printed: html.")
    ] = None,
    as_of: DateOption = None,
    engine: EngineOption = EngineName.durable,
    rules: RulesOption = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write a case on a page for a tumour board: profile, options with their evidence, what is missing, the reasoning.

    The page prints on A4 and fetches nothing.
    """
    from txselect.cli.inputs import read_single, read_with, rules_in
    from txselect.explain.report import report as report_of

    style = format or _format_of(output)
    found = read_single(case)
    reading, decision = read_with(rules_in(rules), found, as_of, engine, jurisdiction)
    _write(_rendered(report_of(found, reading, decision), style), output)


def _format_of(output: str) -> ReportFormat:
    """What the ending of a file asks for. Raises InputError for one that says nothing."""
    ending = Path(output).suffix.lower()
    if output != _STANDARD_OUTPUT and ending not in _BY_ENDING:
        message = f"a report cannot be written as `{ending}`" if ending else f"`{output}` has no ending"
        raise InputError([Problem(Place("--output"), "TX005", message, "there are .html and .md; or give --format")])
    return _BY_ENDING.get(ending, ReportFormat.html)


def _rendered(document: Document, style: ReportFormat) -> str:
    match style:
        case ReportFormat.html:
            from txselect.explain.html import page

            return page(document)
        case ReportFormat.markdown:
            from txselect.explain.markdown import markdown

            return markdown(document)


def _write(text: str, output: str) -> None:
    """UTF-8, as the page says of itself, on any system. Raises InputError where it cannot be written."""
    if output == _STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
    else:
        save(Path(output), text)
