"""Commands for looking around: `cases`, `therapies`, `rules`, `evidence`, `knowledge`, `schema`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from txselect.cli.options import RulesOption
from txselect.errors import InputError, Place, Problem, did_you_mean


def cases(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A folder of cases instead of those shipped.")
    ] = None,
) -> None:
    """List cases: id, title and path, ready for `txselect recommend`."""
    from txselect.cli.inputs import case_paths, read_all
    from txselect.shipped import shipped_folder

    problems: list[Problem] = []
    paths = case_paths([str(folder or shipped_folder("cases"))])
    margins = Counter[str]()
    for path, case in read_all(paths, problems):
        if case.source and case.source.kind == "margin":
            margins[path] += 1
            continue
        kind = f" [{case.source.kind.replace('_', ' ')}]" if case.source else ""
        outside = f" [outside {case.outside.population}]" if case.outside else ""
        trap = " [trap]" if case.trap else ""
        print(f"{case.id}{kind}{outside}{trap}\n    {case.title}\n    {path}")
    for path, number in margins.items():
        print(f"and {number} at the margins of the rules, made by the solver\n    {path}")
    if problems:
        raise InputError(problems)


def therapies(rules: RulesOption = None) -> None:
    """List the therapy classes that the rules can recommend, with their agents."""
    from txselect.cli.inputs import rules_in
    from txselect.explain.listing import therapies_text

    print(therapies_text(rules_in(rules).pack))


def rules_(
    rule: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Show this rule; part of an id lists those that match.")
    ] = None,
    rules: RulesOption = None,
) -> None:
    """List the rules, or show one with its conditions, evidence and file:line."""
    from txselect.cli.inputs import rules_in
    from txselect.explain.listing import rule_text, rules_text

    pack = rules_in(rules).pack
    if rule is not None and rule in pack.rules:
        print(rule_text(pack, pack.rules[rule]))
        return
    matching = [found for found in pack.rules.values() if rule is None or rule in found.id]
    if not matching:
        raise _unknown("rule", "rule", rule or "", pack.rules)
    print(rules_text(matching))


def evidence(
    source: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Show this source; part of an id lists those that match.")
    ] = None,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Only sources that nobody could check.")] = False,
    rules: RulesOption = None,
) -> None:
    """List the sources that rules cite: identifiers, what they were checked against."""
    from txselect.cli.inputs import rules_in
    from txselect.explain.listing import evidence_text

    pack = rules_in(rules).pack
    named = [entry for entry in pack.evidence.values() if not source or source in entry.id]
    if not named:
        raise _unknown("source", "source", source or "", pack.evidence)
    print(evidence_text([entry for entry in named if not (unchecked and entry.checked)], pack))


def knowledge(
    cancer: Annotated[str, typer.Argument(metavar="CANCER", help="A type of cancer, by OncoTree code or name.")],
    rules: RulesOption = None,
) -> None:
    """Show what the rules know about a cancer, as Markdown: situations, options, sources, what speaks against."""
    from txselect.cli.inputs import rules_in
    from txselect.explain.knowledge import knowledge_document
    from txselect.explain.markdown import markdown

    pack = rules_in(rules).pack
    found = pack.vocabulary.cancer_names.find(cancer)
    if found is None:
        raise _unknown("cancer", "cancer type", cancer, pack.vocabulary.cancer_names.all_spellings())
    print(markdown(knowledge_document(pack, found)))


def _unknown(place: str, kind: str, name: str, known: Iterable[str]) -> InputError:
    """A name that the rules do not know, with what may be meant."""
    return InputError([Problem(Place(f"<{place}>"), "TX006", f"unknown {kind} `{name}`", did_you_mean(name, known))])


def schema(what: Annotated[str, typer.Argument(help="What to describe: decision.")] = "decision") -> None:
    """Print the JSON Schema of what txselect writes."""
    from txselect.decision.serialise import schema as decision_schema

    if what != "decision":
        raise InputError(
            [Problem(Place("<schema>"), "TX006", f"there is no schema of `{what}`", "there is `decision`")]
        )
    print(json.dumps(decision_schema(), indent=2))
