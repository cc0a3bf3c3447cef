"""YAML text to plain values in which every mapping knows its place.

Narrower than PyYAML's defaults, which read `7:55` as 475 and `no` as False and keep the last of two equal keys:
here plain scalars follow the YAML 1.2 core schema without octal and hexadecimal, and repeated keys, anchors, tags and a
second document are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.cyaml import CParser
from yaml.resolver import Resolver

from txselect.errors import InputError, Place, Problem

PLACE = "place"
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAXIMUM_DEPTH = 60


class _Composer(CParser, Resolver):
    """libyaml's parser, composing nodes with no implicit types of its own."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and shape are PyYAML's

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Resolver.__init__(self)


def parse(text: str, file: str) -> Any:
    """The value of a YAML document; each mapping carries its `Place` under the key `place`.

    Raises InputError (TX001 syntax, TX002 repeated key) with every problem of the document.

    >>> parse("a: no\\nb: 7:55", "x.yaml")["b"]
    '7:55'
    """
    try:
        root = _Composer(text).get_single_node()
    except yaml.YAMLError as error:
        raise InputError([_syntax_problem(error, file)]) from None
    except RecursionError:
        raise InputError([Problem(Place(file), "TX001", "the file is nested too deeply")]) from None
    if root is None:
        raise InputError([Problem(Place(file), "TX001", "the file is empty")])
    reading = _Reading(file)
    value = reading.value(root, depth=0)
    if reading.problems:
        raise InputError(reading.problems)
    return value


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return Problem(place, "TX001", f"not readable as YAML: {reason}", "check indentation, colons and quotes here")


def _position(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


class _Reading:
    """One walk over a document's nodes, collecting problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def place(self, node: yaml.Node) -> Place:
        return Place(self.file, *_position(node))

    def refuse(self, node: yaml.Node, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.place(node), code, message, hint))

    def value(self, node: yaml.Node, depth: int) -> Any:
        # An alias composes to the very node of its anchor, so meeting a node twice means an alias; following them
        # could also grow without bound.
        if id(node) in self._seen:
            return self.refuse(node, "TX001", "anchors and aliases are not allowed", "write the part out again")
        self._seen.add(id(node))
        if depth > _MAXIMUM_DEPTH:
            return self.refuse(node, "TX001", "the file is nested too deeply")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, depth)
            case yaml.SequenceNode():
                return [self.value(item, depth + 1) for item in node.value]
            case _:
                return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        keys: dict[str | tuple[str, int], tuple[int, int]] = {}
        start = node.start_mark
        result: dict[str, Any] = {PLACE: Place(self.file, start.line + 1, start.column + 1, keys)}
        for key, child in self._entries(node):
            keys[key] = _position(child)
            if isinstance(child, yaml.SequenceNode):
                keys.update({(key, index): _position(item) for index, item in enumerate(child.value)})
            result[key] = self.value(child, depth + 1)
        return result

    def _entries(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key_node, child in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key == PLACE:
                self.refuse(key_node, "TX003", "a key must be a plain word other than `place`")
            elif key in seen:
                hint = f"the first stands in line {seen[key]}; keep one of them"
                self.refuse(key_node, "TX002", f"the key `{key}` is written twice", hint)
            else:
                seen[key] = key_node.start_mark.line + 1
                yield key, child

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag not in ("tag:yaml.org,2002:str", "!"):
            return self.refuse(node, "TX001", f"the tag `{node.tag}` is not allowed", "write the plain value")
        text = node.value
        if node.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text):
            return int(text)
        return float(text) if _FLOAT.match(text) else text
