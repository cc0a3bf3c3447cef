"""Rule and case files in the house style: spacing, quotes, the order of keys; never another meaning.

A small formatter of our own, because the library that keeps comments (`docs/decisions/ruamel.md`) rewrites more than it
should. It moves and replaces pieces of the text at the places that the YAML parser names, and what it makes is read
again and compared before anybody sees it. What a clinician broke into lines stays broken there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from txselect.check.format_layout import comments, tidied_lines, tidied_spaces
from txselect.check.format_order import ordered_keys
from txselect.errors import InternalCheckError
from txselect.language.document import PLACE, decoded, parse


def formatted(text: str, file: str) -> str:
    r"""The text of a rule file, a case or a profile in the house style. What is in it already comes back unchanged.

    >>> print(formatted("id: a\nprofile: { cancer: {type: 'PRAD'},ecog: 1 }\ntitle:   b\nnarrative: c\n", "x.yaml"))
    id: a
    title: b
    narrative: c
    profile: {cancer: {type: "PRAD"}, ecog: 1}
    <BLANKLINE>

    Raises InputError for what cannot be read, and InternalCheckError if the result did not say the same.
    """
    parse(text, file)  # refuses what rule files may not use, before anything is moved
    result = tidied_lines(ordered_keys(tidied_spaces(tidied_lines(text))))
    if result != text and not say_the_same(text, result, file):
        raise InternalCheckError(f"formatting would change what {file} says, so it was left as it is")
    return result


def say_the_same(text: str, other: str, file: str) -> bool:
    """Whether two texts have the same values and the same comments, in whatever order and style."""
    same_values: bool = _plain(parse(text, file)) == _plain(parse(other, file))
    return same_values and Counter(comments(text)) == Counter(comments(other))


def formatted_bytes(content: bytes, file: str) -> bytes:
    """As `formatted`, from the bytes of a file to those to be written."""
    return formatted(decoded(content, file), file).encode()


def _plain(value: Any) -> Any:
    """A value without the places in it, each scalar with its type: 1 is not true. Spaces around a text say nothing."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != PLACE}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return type(value), value.strip() if isinstance(value, str) else value
