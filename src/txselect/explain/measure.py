"""How wide text is, so that it can be broken into the lines of a box without a browser's help.

The widths are those of a wide font (DejaVu Sans), so that text set in a usual one (Arial, Helvetica) fits as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDTHS = {
    **dict.fromkeys("ijlI'|", 0.30),
    **dict.fromkeys(" ,.:;/\\ftr()[]-!J", 0.41),
    **dict.fromkeys("mMWw%@#+<=>&~", 1.0),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.79),
}
_HYPHENED = re.compile(r"[^-]*-+|[^-]+")
_OTHERS = {True: 0.64, False: 1.05}  # letters and digits of ASCII; any other character


def width_of(text: str, size: float) -> float:
    """The most room that a text takes in a font of a size, in the size's unit.

    >>> width_of("ill", 10) < width_of("mmm", 10)
    True
    """
    return size * sum(_WIDTHS.get(character) or _OTHERS[character.isascii()] for character in text)


def broken(text: str, width: float, size: float) -> list[str]:
    """Text in lines that are no wider than `width`: broken at spaces, after hyphens and, if need be, within a word.

    >>> broken("a second-generation drug", 70, 10)
    ['a second-', 'generation', 'drug']
    """
    lines: list[str] = []
    for word in text.split():
        space = " "
        for piece in _pieces(word, width, size):
            if lines and width_of(f"{lines[-1]}{space}{piece}", size) <= width:
                lines[-1] += f"{space}{piece}"
            else:
                lines.append(piece)
            space = ""
    return lines


def _pieces(word: str, width: float, size: float) -> Iterator[str]:
    """A word in parts that end with a hyphen, and these in parts that are not too wide."""
    for part in _HYPHENED.findall(word):
        start = 0
        for end in range(2, len(part) + 1):
            if end - start > 1 and width_of(part[start:end], size) > width:
                yield part[start : end - 1]
                start = end - 1
        yield part[start:]
