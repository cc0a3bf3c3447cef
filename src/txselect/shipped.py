"""Where the rules and cases that come with txselect lie: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """The folder `rules` or `cases` that this installation carries."""
    in_wheel = _HERE / "data" / name
    return in_wheel if in_wheel.is_dir() else _HERE.parent.parent / name
