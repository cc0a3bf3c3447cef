"""A change of a profile: one path and the value that stands there instead."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

UNKNOWN = "unknown"
"""The value that takes back what a profile says."""

NONE = "none"
"""The value that says of a list that it is complete and empty, and of a prior therapy that it was not given."""

COMPLETE = "complete"
"""The value that says of a list that it is complete: what is not listed is absent."""

_BARE = re.compile(r"(?!(?:true|false|null)\Z)[a-z][a-z_+%/ -]*[a-z+%]|[0-9][0-9.]* [a-z%/^0-9]+", re.IGNORECASE)
"""Texts that YAML reads as themselves without quotes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a profile. `value` is a plain YAML value: a text, a number, true or false, or a mapping.

    >>> str(Change("ecog", 3)), str(Change("biomarkers.BRCA2", "positive germline"))
    ('ecog=3', 'biomarkers.BRCA2=positive germline')
    """

    path: str
    value: Any

    def __str__(self) -> str:
        """The change as `--set` takes it."""
        bare = isinstance(self.value, str) and _BARE.fullmatch(self.value)
        return f"{self.path}={self.value if bare else json.dumps(self.value, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True)
class Edit:
    """What one change did, in words: what it is about, what the profile said of it before and what it says now.

    says: the new statement by itself.
    """

    change: Change
    subject: str
    before: str
    after: str
    says: str
