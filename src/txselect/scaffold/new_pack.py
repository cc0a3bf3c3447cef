"""A pack to begin with: ranking, vocabulary, rules, two cases and a page about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Template

from txselect.errors import Gathering
from txselect.scaffold.files import already_there, write
from txselect.scaffold.names import PACK_NAME, check_name

_TEMPLATES = Path(__file__).parent / "pack"


def new_pack(name: str, into: Path, day: date) -> list[Path]:
    """Write a pack to the folder `into/name`, dated `day`; the files written.

    Raises InputError for a name that is none, and where the folder exists.
    """
    problems = Gathering()
    check_name(name, PACK_NAME, "pack", "write lower-case words joined by `-`, such as `my-pack`", problems)
    folder = into / name
    problems.found += already_there([folder])
    problems.raise_if_any()
    texts = {folder / path: text for path, text in _texts(name, day)}
    write(texts)
    return list(texts)


def _texts(name: str, day: date) -> Iterator[tuple[Path, str]]:
    for path in sorted(path for path in _TEMPLATES.rglob("*") if path.suffix in (".yaml", ".md")):
        text = Template(path.read_text(encoding="utf-8")).substitute(name=name, date=day.isoformat())
        yield path.relative_to(_TEMPLATES), text
