"""Writing what was prepared: everything or nothing, and never over what is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import indent

from txselect.errors import InputError, Place, Problem


def already_there(paths: Iterable[Path]) -> list[Problem]:
    """A problem for each path that exists."""
    hint = "nothing is overwritten: choose another name, or move it away"
    return [Problem(Place(path.as_posix()), "TX014", "exists already", hint) for path in paths if path.exists()]


def write(texts: Mapping[Path, str]) -> None:
    """Write each text to its path, folders included. Raises InputError if one fails; then all is as it was."""
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        _restore(before)
        reason = f"cannot be written: {(error.strerror or str(error)).lower()}"
        raise InputError([Problem(Place(str(error.filename or path)), "TX014", reason)]) from None


def _restore(before: Mapping[Path, bytes | None]) -> None:
    for path, content in before.items():
        if content is not None and path.read_bytes() != content:
            path.write_bytes(content)
        elif content is None and path.is_file():
            path.unlink()


def with_entries(text: str, key: str, entries: str, file: str) -> str:
    r"""A YAML text with entries added at the end of a list of its top level, which is begun where there is none.

    Raises InputError where the list is written within brackets.

    >>> print(with_entries("rules:\n  - a\n\nfacts: []\n", "rules", "- b\n", "x.yaml"), end="")
    rules:
      - a
    <BLANKLINE>
      - b
    <BLANKLINE>
    facts: []
    """
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines) if re.match(rf"{key}\s*:", line)), None)
    if start is None:
        return f"{text.rstrip()}\n\n{key}:\n{indent(entries, '  ')}"
    if not re.fullmatch(rf"{key}\s*:\s*(#.*)?", lines[start]):
        hint = f"write `{key}:` on a line of its own and each entry after `- `"
        raise InputError([Problem(Place(file, start + 1, 1), "TX005", f"`{key}` has no room for another entry", hint)])
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"[^\s#-]", lines[n])), len(lines))
    while not lines[end - 1].strip() or lines[end - 1].startswith("#"):
        end -= 1
    items = (found for line in lines[start + 1 : end] if (found := re.match(r" *(?=- )", line)))
    first = next(items, None)
    added = ["", *indent(entries, first[0] if first else "  ").splitlines()]
    return "\n".join([*lines[:end], *added, *lines[end:]]) + "\n"
