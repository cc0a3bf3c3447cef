"""Cases and bare profiles from YAML text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from txselect.errors import Place
from txselect.language.document import decoded, parse
from txselect.language.files import content_of
from txselect.language.validation import validated
from txselect.model.profile import Case, Expectation, Profile

_CASE_KEYS = Case.model_fields.keys() - Profile.model_fields.keys()


def read_case(text: str, file: str) -> Case:
    """The case in a YAML text. A bare profile becomes a case named after the file, without expectations.

    Raises InputError with every problem.
    """
    value: Any = parse(text, file)
    if isinstance(value, dict) and value.keys() & _CASE_KEYS:
        return validated(Case, value, Place(file))
    profile = validated(Profile, value, Place(file))
    name = Path(file).stem.strip("<>")
    return Case(id=name, title=name, narrative="(a bare profile)", profile=profile, expect=Expectation())


def load_case(path: Path | str) -> Case:
    """The case or bare profile in a file. InputError if it cannot be read."""
    path = Path(path)
    file = path.as_posix()
    return read_case(decoded(content_of(path), file), file)
