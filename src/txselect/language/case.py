"""Cases and bare profiles from YAML text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from txselect.errors import InputError, Place, Problem
from txselect.language.document import parse
from txselect.language.validation import validated
from txselect.model.profile import Case, Expectation, Profile


def read_case(text: str, file: str) -> Case:
    """The case in a YAML text. A bare profile becomes a case named after the file, without expectations.

    Raises InputError with every problem.
    """
    value: Any = parse(text, file)
    if isinstance(value, dict) and "profile" in value:
        return validated(Case, value, Place(file))
    profile = validated(Profile, value, Place(file))
    name = Path(file).stem
    return Case(id=name, title=name, narrative="(a bare profile)", profile=profile, expect=Expectation())


def load_case(path: Path) -> Case:
    """The case or bare profile in a file. InputError if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError([Problem(Place(path.as_posix()), "TX014", f"cannot be read: {reason}")]) from None
    return read_case(text, path.as_posix())


