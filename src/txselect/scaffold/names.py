"""Names that were given on the command line: of the vocabulary, or new ones."""

from __future__ import annotations

import re

from txselect.errors import Gathering, Place, did_you_mean
from txselect.model.vocabulary import Names

RULE_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
CASE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PACK_NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


def check_name(name: str, form: re.Pattern[str], kind: str, hint: str, problems: Gathering) -> None:
    """Add a problem if a new name does not have the form of its kind."""
    if not form.fullmatch(name):
        problems.add(Place(f"<{kind}>"), "TX005", f"`{name}` is no id of a {kind}", hint)


def known(option: str, kind: str, name: str | None, names: Names, problems: Gathering) -> str | None:
    """The id of a name, or None if it was left out; a problem is added if the rules do not know it."""
    if name is None:
        return None
    found = names.find(name)
    if found is None:
        problems.add(Place(option), "TX006", f"unknown {kind} `{name}`", did_you_mean(name, names.all_spellings()))
    return found
