"""Nothing in a stored decision can be altered without being found, save the few things listed here.

- `as_of` and `jurisdiction` are what was asked for: with another the file is a decision on another question. It passes
  only where it is, field by field, the true decision on that.
- White space, the order of keys, and 93 for 93.0 say the same.
- Where an engine is missing, what only says so: see `test_replay.py`.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.shipped import cases, rules
from scale import examples, some
from txselect.decision.serialise import to_json
from txselect.decision.stored import plain, read_decision
from txselect.errors import InputError, Place
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, decide
from txselect.replay import replay

Steps = tuple[str | int, ...]
PLACE = Place("decision.json")
QUESTION = {("as_of",), ("jurisdiction",)}


def outcome(rules: Rules, value: Any) -> str:
    """What replay makes of a JSON value: an outcome, or `refused`."""
    try:
        return replay(rules, read_decision(json.dumps(value), PLACE)).outcome
    except InputError:
        return "refused"


def parts(value: Any, path: Steps = ()) -> Iterator[Steps]:
    """The path of every part of a JSON value, leaves and containers."""
    yield path
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield from parts(part, (*path, step))


def part_of(value: Any, path: Steps) -> Any:
    for step in path:
        value = value[step]
    return value


def put(value: Any, path: Steps, part: Any) -> Any:
    made = deepcopy(value)
    part_of(made, path[:-1])[path[-1]] = part
    return made


def others(value: Any) -> list[Any]:
    """Other values that might stand there: near ones, and ones of another kind that a lax reader takes for the same."""
    match value:
        case bool():
            return [not value, int(value), str(value).lower(), None]
        case int() | float():
            return [value + 1, -value - 1, str(value), value == 1, None, [value]]
        case str():
            return [f"{value}x", f" {value}", value.swapcase() + "X", "", None, [value], f"{value}\n"]
        case None:
            return ["x", "", 0, False, []]
        case list():
            doubled = [*value, *value[-1:]] if value else ["x"]
            return [doubled, value[1:] if value else [None], [*value[::-1], None], None, {}]
        case _:
            return [{**value, "x": None}, {**value, "": 1}, [value], None]


def same_in_json(one: Any, other: Any) -> bool:
    """Whether two JSON values say the same; 93 and 93.0 do, 1 and true do not."""
    return json.dumps(_floats(one), sort_keys=True) == json.dumps(_floats(other), sort_keys=True)


def _floats(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case list():
            return [_floats(part) for part in value]
        case dict():
            return {key: _floats(part) for key, part in value.items()}
        case _:
            return value


@cache
def healthy() -> Rules:
    return Rules(read_pack(Path(__file__).parents[1] / "bad" / "healthy_pack"))


@cache
def small() -> dict[str, Any]:
    profile = {
        "as_of": "2026-06-01",
        "ecog": 1,
        "cancer": {"type": "PRAD", "extent": "metastatic"},
        "prior_therapies": [],
        "comorbidities": [],
        "measurements": [{"name": "haemoglobin", "value": 11.0, "unit": "g/dL"}],
    }
    return plain(decide(healthy(), profile, engine="linear"))


def decision_on(rules: Rules, value: Any) -> Any:
    """The decision on the question that an altered decision puts."""
    how = {"as_of": date.fromisoformat(value["as_of"]), "jurisdiction": value["jurisdiction"]}
    return plain(decide(rules, value["profile"], engine=value["engine"]["name"], **how))


def check(rules: Rules, altered: Any, path: Steps) -> None:
    if outcome(rules, altered) == "identical":
        assert path in QUESTION, (path, part_of(altered, path))
        assert same_in_json(decision_on(rules, altered), altered)


def test_every_part_of_a_small_decision_altered_in_every_way_is_found():
    assert outcome(healthy(), small()) == "identical"
    tried = 0
    for path in filter(None, parts(small())):
        current = part_of(small(), path)
        for other in others(current):
            if not same_in_json(current, other):
                check(healthy(), put(small(), path, other), path)
                tried += 1
    assert tried > 500


def test_every_part_of_a_small_decision_taken_out_is_found():
    for path in filter(None, parts(small())):
        altered = deepcopy(small())
        del part_of(altered, path[:-1])[path[-1]]
        assert outcome(healthy(), altered) != "identical", path


def test_every_two_neighbours_of_a_list_that_differ_cannot_be_swapped_unnoticed():
    for path in parts(small()):
        found = part_of(small(), path)
        for place in range(len(found) - 1) if isinstance(found, list) else ():
            swapped = [*found[:place], found[place + 1], found[place], *found[place + 2 :]]
            assert outcome(healthy(), put(small(), path, swapped)) != "identical", (path, place)


@cache
def shipped(name: str) -> tuple[dict[str, Any], list[Steps]]:
    value = plain(decide(rules(), cases()[name], engine="linear"))
    return value, [path for path in parts(value) if path]


@settings(max_examples=examples(300, nightly=10_000))
@given(name=st.sampled_from(some(cases(), 28)), draw=st.data())
def test_any_part_of_a_shipped_decision_altered_is_found(name: str, draw: st.DataObject):
    value, paths = shipped(name)
    path = draw.draw(st.sampled_from(paths))
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=3,
    )
    current = part_of(value, path)
    other = draw.draw(st.sampled_from(others(current)) | json_values)
    if not same_in_json(current, other):
        check(rules(), put(value, path, other), path)


# What may be written otherwise


def shuffled(value: Any) -> Any:
    """The same with the keys of every mapping in another order."""
    match value:
        case dict():
            return {key: shuffled(value[key]) for key in reversed(value)}
        case list():
            return [shuffled(part) for part in value]
        case _:
            return value


def whole(value: Any) -> Any:
    """The same as another language may write it, where 93.0 is 93."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: whole(part) for key, part in value.items()}
        case list():
            return [whole(part) for part in value]
        case _:
            return value


REWRITTEN: dict[str, Callable[[Any], str]] = {
    "indented": lambda value: json.dumps(value, indent=7),
    "escaped": lambda value: json.dumps(value, ensure_ascii=True),
    "shuffled": lambda value: json.dumps(shuffled(value)),
    "whole numbers": lambda value: json.dumps(whole(value)),
}


@pytest.mark.parametrize("rewritten", REWRITTEN.values(), ids=REWRITTEN)
def test_another_spelling_of_the_same_json_is_identical(rewritten: Callable[[Any], str]):
    value, _ = shipped("vision-population")
    text = rewritten(value)
    assert text != to_json(read_decision(json.dumps(value), PLACE))
    assert replay(rules(), read_decision(text, PLACE)).outcome == "identical"


# What cannot be read


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_decision(text, PLACE)
    return [f"{problem.place}: {problem.code} {problem.message}" for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "decision.json:1:1: TX001 not readable as JSON: expecting value"),
        ('{"schema":\n  nought}', "decision.json:2:3: TX001 not readable as JSON: expecting value"),
        ('{"schema": "x"\n', "decision.json:2:1: TX001 not readable as JSON: expecting ',' delimiter"),
        ('{"a": NaN}', "decision.json: TX001 not readable as JSON: `NaN` is no number of JSON"),
        ('{"a": 1, "a": 2, "b": 1, "b": 1}', "decision.json: TX002 the key `a` is written twice"),
        ("[]", "decision.json: TX005 the schema is missing, expected `txselect.decision/1`"),
        ("cancer: {type: PRAD}", "decision.json:1:1: TX001 not readable as JSON: expecting value"),
        ('{"schema": "txselect.decision/2"}', "decision.json: TX005 the schema is `txselect.decision/2`, expected"),
        ("[" * 100_000, "decision.json: TX001 not readable as JSON: "),
        (f'{{"a": {"9" * 10_000}}}', "decision.json: TX001 not readable as JSON: "),
    ],
)
def test_what_is_no_stored_decision_is_refused_with_its_place(text: str, message: str):
    assert problems(text)[0].startswith(message)


def test_every_problem_of_a_decision_is_told_at_once():
    broken = {**deepcopy(small()), "as_of": "yesterday", "txselect": 1, "flags": None}
    del broken["options"][0]["status"]
    told = {message.split("`")[1] for message in problems(json.dumps(broken))}
    assert told == {"as_of", "flags", "options[0].status", "txselect"}


@pytest.mark.parametrize(
    ("path", "other", "message"),
    [
        (("options", 0, "rank"), "1", '`options[taxane].rank` is written `"1"`'),
        (("options", 0, "note"), "x", "unknown key `options[taxane].note`"),
        (("as_of",), "2026-06-01T00:00:00", '`as_of` is written `"2026-06-01T00:00:00"`'),
        (("profile", "other_findings"), ["\ud800"], "TX001 not readable as JSON: "),
        (("profile", "age"), 1e400, "`Infinity` is no number of JSON"),
    ],
)
def test_a_value_that_a_lax_reader_would_take_is_refused(path: Steps, other: Any, message: str):
    assert any(message in found for found in problems(json.dumps(put(small(), path, other))))
