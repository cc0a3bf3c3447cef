"""A decision and its explanations as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from txselect.decision.record import Decision
from txselect.explain.lines import SIGNS, Explanation, Line
from txselect.explain.text import (
    FLAG_TITLES,
    capitalised,
    exclusion,
    made_with,
    option_details,
    rank_text,
    standing_text,
)

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|"})


def escaped(text: str) -> str:
    """Text in which nothing is taken for Markdown."""
    return text.translate(_SPECIAL)


def decision_markdown(decision: Decision, title: str = "") -> str:
    """The whole decision, with the same content as the plain text."""
    return "\n".join(_lines(decision, title)) + "\n"


def _lines(decision: Decision, title: str) -> Iterator[str]:
    yield f"# {escaped(title or decision.cancer)}\n"
    intent = f" Intent: {decision.intent.replace('_', ' ')}." if decision.intent else ""
    yield f"{escaped(decision.cancer)}, as of {decision.as_of}.{intent}\n"
    yield f"**{escaped(decision.conclusion)}**\n"
    for option in decision.offered:
        yield f"## {rank_text(option, decision)} {escaped(option.label)}: {standing_text(option)}\n"
        yield from (f"- {name}: {escaped(text)}" for name, text in option_details(option))
        yield ""
    excluded = [f"{escaped(o.label)}: {escaped(exclusion(o))}" for o in decision.options if o.status == "excluded"]
    yield from _section("Excluded", excluded)
    for kind, heading in FLAG_TITLES.items():
        yield from _section(heading, [escaped(capitalised(flag.text)) for flag in decision.flags if flag.kind == kind])
    yield from _section("Assumed", [escaped(assumption.text) for assumption in decision.assumptions])
    yield f"{escaped(made_with(decision))}\n"
    yield f"*{escaped(decision.disclaimer)}*"


def _section(heading: str, items: list[str]) -> Iterator[str]:
    if items:
        yield f"## {heading}\n"
        yield from (f"- {item}" for item in items)
        yield ""


def explanation_markdown(explanation: Explanation) -> str:
    """An explanation as a nested list."""
    body = "\n".join(_nested(explanation.lines, 0))
    return f"# {escaped(explanation.title)}\n\n{escaped(explanation.answer)}\n\n{body}\n"


def _nested(lines: Iterable[Line], depth: int) -> Iterator[str]:
    for line in lines:
        yield f"{'  ' * depth}- {SIGNS[line.mark]} {escaped(line.sentence())}"
        yield from _nested(line.parts, depth + 1)
