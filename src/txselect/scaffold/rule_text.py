"""The text of a new rule, of its source and of the line about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from txselect.language.document import decoded
from txselect.language.files import content_of
from txselect.model.rules import RulePack
from txselect.scaffold.files import with_entries
from txselect.scaffold.wanted import Resolved, joined
from txselect.scaffold.yaml_text import yaml_text

_TO_BE_WRITTEN = "To be written, in one or two sentences that a board member would say."


def rule_file(rule: Resolved, file: Path, pack: RulePack) -> str:
    """The text of the rule file with the rule and its source, after what stands there."""
    source = f"{joined(rule.id, '_')}_source"
    text = _content(file) if file.exists() else f"pack: {pack.name}\nlanguage: 1\ndate: {pack.date}\n"
    text = with_entries(text, "evidence", yaml_text([_source(source, pack)]), file.as_posix())
    return with_entries(text, "rules", yaml_text([_rule(rule, source)]), file.as_posix())


def _content(file: Path) -> str:
    return decoded(content_of(file), file.as_posix())


def _source(name: str, pack: RulePack) -> dict[str, Any]:
    year = pack.date.year
    return {"id": name, "kind": "trial", "name": "to be named", "year": year, "level": "phase_2", "checked": None}


def _rule(rule: Resolved, source: str) -> dict[str, Any]:
    agents = [list(rule.regimen)] if len(rule.regimen) > 1 else list(rule.regimen)
    conditions = [each.condition for each in rule.asked]
    scope = {"applies_to": [rule.scope]} if rule.scope else {}
    return {
        "id": rule.id,
        "title": rule.title,
        **scope,
        "when": {"all": conditions} if len(conditions) > 1 else conditions[0],
        "recommend": {"therapy": rule.therapy, "agents": agents, "preference": "alternative"},
        "evidence": [source],
        "because": _TO_BE_WRITTEN,
    }


def page_text(rule: Resolved, page: Path, cases: Sequence[Path]) -> str:
    """The page about the rules with a line about this one."""
    text = (_content(page).rstrip() if page.exists() else "") or "# Rules"
    fires, nearly = (path.stem for path in cases)
    between = "\n" if text.splitlines()[-1].startswith(("- ", "  ")) else "\n\n"
    return f"{text}{between}- **{rule.title}** (`{rule.id}`): fires in `{fires}`, nearly in `{nearly}`.\n"
