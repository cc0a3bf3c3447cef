"""YAML text to plain values in which every mapping knows its place.

Narrower than PyYAML's defaults, which read `7:55` as 475 and `no` as False and keep the last of two equal keys:
here plain scalars follow the YAML 1.2 core schema without octal and hexadecimal, and repeated keys, anchors, tags and a
second document are refused.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from txselect.errors import Gathering, InputError, Path, Place, Position, Problem

PLACE = "place"
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAXIMUM_DEPTH = 60
_MAXIMUM_DIGITS = 18

_QUOTES = "put a text that holds `: ` or starts with a special character in quotes"
_HINTS = {
    "mapping values are not allowed": f"{_QUOTES}; else check the indentation",
    "cannot start any token": _QUOTES,
    "end of stream": "a quote, a bracket or a brace is not closed",
    "expected ',' or ']'": "a bracket is not closed, or a comma is missing",
    "expected ',' or '}'": "a brace is not closed, or a comma is missing",
    "expected key": "check that keys of one mapping stand in one column, and that every quote is closed",
    "could not find expected ':'": "write `key: value`, with a space after the colon",
    "'-' indicator": "check that the items of one list stand in one column",
    "control characters": "remove the invisible character",
    "invalid Unicode character escape": "write the character itself in place of its escape",
}


def decoded(content: bytes, file: str, line: int = 1) -> str:
    """The text of a file's bytes (or of those from a line on), which must be UTF-8. Raises InputError (TX014)."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        problem = Problem(_after(before, file, line), "TX014", "not UTF-8 text", "save the file as UTF-8")
        raise InputError([problem]) from None


def parse(text: str, file: str, line: int = 1) -> Any:
    r"""The value of a YAML document; each mapping carries its `Place` under the key `place`.

    line: that of the file in which the text begins.

    Raises InputError (TX001 syntax, TX002 repeated key, ...) with every problem of the document.

    >>> parse("a: no\nb: 7:55", "x.yaml")["b"]
    '7:55'
    """
    return _Reading(text, file, line).document()


def check_json(text: str, place: Place, hint: str) -> None:
    """Raises InputError (TX001) for a text, beginning at `place`, that only YAML takes: others read JSON files too."""
    with suppress(RecursionError, ValueError):  # `parse` has a word for what is too deep and too long
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            there = Place(place.file, max(place.line, 1) + error.lineno - 1, error.colno)
            message = f"not readable as JSON: {error.msg[:1].lower()}{error.msg[1:]}"
            raise InputError([Problem(there, "TX001", message, hint)]) from None


def _after(text: str, file: str, line: int) -> Place:
    """The place that follows a text which begins in a line of the file."""
    return Place(file, text.count("\n") + line, len(text) - (text.rfind("\n") + 1) + 1)


class _Reading:
    """One walk over a document's events, collecting problems. Events, because composing nodes has no limit of depth."""

    def __init__(self, text: str, file: str, line: int) -> None:
        self.text = text
        self.file = file
        self.line = line
        self.problems = Gathering()

    def document(self) -> Any:
        value: Any = None
        try:
            self.parser = CParser(self.text)
            value = self._only_document()
        except yaml.YAMLError as error:
            self.problems.found.append(self._syntax_problem(error))
        self.problems.raise_if_any()
        return value

    def _only_document(self) -> Any:
        self._next()  # the stream begins
        if isinstance(self._next(), StreamEndEvent):
            hint = "a case has `id`, `title`, `narrative` and `profile`; a file of rules starts with `pack`"
            return self.problems.add(Place(self.file), "TX001", "the file is empty", hint)
        value = self._value(self._next(), {}, (), depth=0)
        self._next()  # the document ends
        following = self._next()
        if not isinstance(following, StreamEndEvent):
            self._refuse(following, "TX001", "a second document starts here", "one file holds one; remove the `---`")
        return value

    def _next(self) -> Event:
        event = self.parser.get_event()
        assert event is not None  # nobody asks again after the stream's end
        return event

    def _position(self, event: Event) -> Position:
        mark: Any = event.start_mark
        return mark.line + self.line, mark.column + 1

    def _refuse(self, event: Event, code: str, message: str, hint: str = "") -> None:
        self.problems.add(Place(self.file, *self._position(event)), code, message, hint)

    def _value(self, event: Event, positions: dict[Path, Position], path: Path, depth: int) -> Any:
        """The value that starts with `event`; positions of list items are noted under `path`."""
        if isinstance(event, AliasEvent):
            return self._refuse(
                event, "TX001", f"the alias `*{event.anchor}` is not allowed", "write the part out again"
            )
        self._check_properties(event)
        if isinstance(event, CollectionStartEvent) and depth == _MAXIMUM_DEPTH:
            self._refuse(event, "TX001", f"nested more than {_MAXIMUM_DEPTH} deep")
            raise InputError(self.problems.found)
        match event:
            case MappingStartEvent():
                return self._mapping(event, depth + 1)
            case SequenceStartEvent():
                return self._sequence(positions, path, depth + 1)
            case ScalarEvent():
                return self._scalar(event)
            case _:
                raise AssertionError(event)

    def _check_properties(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, "TX001", f"the anchor `&{event.anchor}` is not allowed", "remove it")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, "TX001", f"the tag `{tag}` is not allowed", "write the plain value")

    def _sequence(self, positions: dict[Path, Position], path: Path, depth: int) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            inner = (*path, len(result))
            positions[inner] = self._position(event)
            result.append(self._value(event, positions, inner, depth))
        return result

    def _mapping(self, start: Event, depth: int) -> dict[str, Any]:
        keys: dict[str, Position] = {}
        positions: dict[Path, Position] = {}
        result: dict[str, Any] = {PLACE: Place(self.file, *self._position(start), keys, positions)}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._key(event, keys, depth)
            event = self._next()
            if key is None:
                self._value(event, {}, (), depth)
                continue
            positions[(key,)] = self._position(event)
            result[key] = self._value(event, positions, (key,), depth)
        return result

    def _key(self, event: Event, keys: dict[str, Position], depth: int) -> str | None:
        """The key, its position noted; None for one that is refused."""
        if not isinstance(event, ScalarEvent):
            self._refuse(
                event, "TX003", "a key must be a plain word", "put a text that starts with `[` or `{` in quotes"
            )
            self._value(event, {}, (), depth)
            return None
        self._check_properties(event)
        key: str = event.value
        if key == PLACE:
            self._refuse(event, "TX003", f"unknown key `{key}`")
        elif key in keys:
            hint = f"the first stands in line {keys[key][0]}; keep one of them"
            self._refuse(event, "TX002", f"the key `{key}` is written twice", hint)
        else:
            keys[key] = self._position(event)
            return key
        return None

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text):
            return int(text) if len(text) <= _MAXIMUM_DIGITS else text
        if _FLOAT.match(text) and math.isfinite(number := float(text)):
            return number
        return text  # whoever expects a number will refuse it

    def _syntax_problem(self, error: Any) -> Problem:
        reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        place, hint = self._place_of(error), next((hint for part, hint in _HINTS.items() if part in reason), "")
        if self._character_at(place) == "\t":
            return Problem(place, "TX001", "not readable as YAML: a tab", "indent with spaces")
        hint = hint or "check indentation, colons and quotes here"
        return Problem(place, "TX001", f"not readable as YAML: {reason}", hint)

    def _place_of(self, error: Any) -> Place:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark:
            return Place(self.file, mark.line + self.line, mark.column + 1)
        if isinstance(error, yaml.reader.ReaderError):  # its position counts bytes
            return _after(self.text.encode()[: error.position].decode(errors="replace"), self.file, self.line)
        return Place(self.file)

    def _character_at(self, place: Place) -> str:
        lines = self.text.split("\n")
        index = place.line - self.line
        line = lines[index] if 0 <= index < len(lines) else ""
        return line[place.column - 1 : place.column]
