"""What can go wrong, said as `file:line:column: CODE message`, all problems of an input at once.

The codes are stable and each is explained in `docs/errors.md`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

Position = tuple[int, int]
"""Line and column."""
Path = tuple[str | int, ...]
"""A key of a mapping, then indices down its nested lists."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was written. Lines and columns start at 1; 0 means the whole file or a Python value.

    >>> str(Place("cases/x.yaml", 12, 7))
    'cases/x.yaml:12:7'
    """

    file: str
    line: int = 0
    column: int = 0
    keys: Mapping[str, Position] = field(default_factory=dict, compare=False, repr=False)
    values: Mapping[Path, Position] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __reduce__(self) -> tuple[type[Place], tuple[str, int, int]]:
        """Pickled without `keys` and `values`, which serve only while a file is being checked."""
        return Place, (self.file, self.line, self.column)

    def at(self, key: str, *indices: int) -> Place:
        """Where the value of `key` (or an item of that list) stands, if this place is a mapping that has it."""
        path: Path = (key, *indices)
        while path and path not in self.values:
            path = path[:-1]
        return Place(self.file, *self.values.get(path, (self.line, self.column)))

    def of_key(self, key: str) -> Place:
        """Where `key` itself stands, if this place is a mapping that has it."""
        return Place(self.file, *self.keys.get(key, (self.line, self.column)))


PYTHON = Place("<python>")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with an input, in words that say what to do about it.

    >>> print(Problem(Place("x.yaml", 2, 5), "TX006", "unknown marker `EGRF`", "did you mean `EGFR`?"))
    x.yaml:2:5: TX006 unknown marker `EGRF`
      hint: did you mean `EGFR`?
    """

    place: Place
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        first = f"{self.place}: {self.code} {self.message}"
        return printable(f"{first}\n  hint: {self.hint}" if self.hint else first)


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would steer a terminal or turn the direction of a text; tabs and line ends are none of them."""


def control_character(text: str) -> str | None:
    r"""The first character of a text that nobody can have meant to write, or None.

    >>> control_character("fine"), control_character("title\x1b[2J")
    (None, '\x1b')
    """
    found = _CONTROL.search(text)
    return found[0] if found else None


def printable(text: str) -> str:
    r"""A text in which control characters are seen and do nothing.

    >>> printable("title\x1b[2J")
    'title�[2J'
    """
    return _CONTROL.sub("\ufffd", text)


class TxselectError(Exception):
    """Base of every error that txselect raises on purpose."""


class InputError(TxselectError):
    """Input that cannot be used. `problems` holds every one found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Gathering:
    """Problems gathered while reading on, so that the reader hears of all of them at once.

    >>> problems = Gathering()
    >>> with problems.keeping():
    ...     raise InputError([Problem(PYTHON, "TX004", "`age` is missing")])
    >>> [problem.code for problem in problems.found]
    ['TX004']
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, place: Place, code: str, message: str, hint: str = "") -> None:
        self.found.append(Problem(place, code, message, hint))

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep the problems of an InputError raised inside, and go on."""
        try:
            yield
        except InputError as error:
            self.found.extend(error.problems)

    def raise_if_any(self) -> None:
        if self.found:
            raise InputError(self.found)


class InternalCheckError(TxselectError):
    """A result that could not be certified. It is never turned into an answer."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known words, or an empty text where none is close.

    >>> did_you_mean("postive", ["positive", "negative"])
    'did you mean `positive`?'
    >>> did_you_mean("AKL", ["ALK", "EGFR"])  # too short to be close, but the same letters
    'did you mean `ALK`?'
    """
    originals = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), originals, n=2, cutoff=0.7)
    close = close or [name for name in originals if sorted(name) == sorted(word.casefold())]
    names = " or ".join(f"`{originals[name]}`" for name in close)
    return f"did you mean {names}?" if names else ""
