"""YAML is read as people mean it, and every value knows where it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txselect.errors import InputError, Place, Problem
from txselect.language.document import decoded, parse


def problems(text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(InputError) as raised:
        parse(text, "x.yaml")
    return [(problem.code, problem.place.line, problem.place.column) for problem in raised.value.problems]


def without_places(value: Any) -> Any:
    match value:
        case dict():
            return {key: without_places(item) for key, item in value.items() if key != "place"}
        case list():
            return [without_places(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "off", "7:55", "0o17", "0x1F", "1_000", ".inf", "-.INF", ".nan", "1e", "2026-01-01"]
)
def test_what_is_no_number_and_no_truth_value_is_a_text(text: str):
    assert parse(f"a: {text}", "x.yaml")["a"] == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-3", -3),
        ("010", 10),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("0.30000000000000004", 0.30000000000000004),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_numbers_truth_values_and_null_are_read_as_such(text: str, value: object):
    found = parse(f"a: {text}", "x.yaml")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("quoted", ['"1"', "'1'", "|-\n  1", ">-\n  1"])
def test_what_is_quoted_is_a_text(quoted: str):
    assert parse(f"a: {quoted}", "x.yaml")["a"] == "1"


def test_a_number_beyond_all_measure_is_a_text():
    assert parse(f"a: {'9' * 5000}", "x.yaml")["a"] == "9" * 5000
    assert parse("a: 1e999", "x.yaml")["a"] == "1e999"


def test_places_are_those_of_keys_values_and_items():
    value = parse("first: 1\nlist:\n  - one\n  - [two, three]\n  - inner: x\n", "x.yaml")
    place: Place = value["place"]
    assert str(place.of_key("list")) == "x.yaml:2:1"
    assert str(place.at("first")) == "x.yaml:1:8"
    assert str(place.at("list", 0)) == "x.yaml:3:5"
    assert str(place.at("list", 1, 1)) == "x.yaml:4:11"
    assert str(value["list"][2]["place"]) == "x.yaml:5:5"


def test_the_place_of_what_is_not_there_is_that_of_what_holds_it():
    place: Place = parse("list: [one]", "x.yaml")["place"]
    assert str(place.at("list", 7)) == "x.yaml:1:7"
    assert str(place.at("missing")) == "x.yaml:1:1"


def test_a_json_document_is_a_yaml_document():
    value = {"a": [1, 2.5, True, None, "x: y"], "b": {"c": "é\n"}}
    assert without_places(parse(json.dumps(value, indent=2), "x.json")) == value


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
numbers = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False, width=16)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts.filter(lambda key: key != "place"), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_any_json_value_survives(value: Any):
    assert without_places(parse(json.dumps(value, ensure_ascii=False), "x.json")) == value


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_a_list_of_problems_with_places(text: str):
    found: tuple[Problem, ...] | None = None
    try:
        parse(text, "x.yaml")
    except InputError as error:
        found = error.problems
    assert found is None or (found and {problem.place.file for problem in found} == {"x.yaml"})


def test_all_problems_of_a_document_are_told_at_once():
    text = "a: 1\na: 2\nb: !tag 3\nc: &x 4\nd: *x\ne: [\n"
    assert problems(text) == [
        ("TX002", 2, 1),
        ("TX001", 3, 4),
        ("TX001", 4, 4),
        ("TX001", 5, 4),
        ("TX001", 7, 1),
    ]


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, '{"a":' * 100_000], ids=["flow", "block", "mappings"])
def test_nesting_without_end_is_refused_at_once(text: str):
    assert [code for code, _, _ in problems(text)] == ["TX001"]


def test_a_billion_laughs_are_not_laughed():
    text = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert {code for code, _, _ in problems(text)} == {"TX001"}


def test_a_byte_order_mark_is_not_part_of_the_text():
    assert decoded(b"\xef\xbb\xbfa: 1", "x.yaml") == "a: 1"


def test_bytes_that_are_no_text_are_refused_with_their_place():
    with pytest.raises(InputError) as raised:
        decoded("ä: 1\nb: ".encode() + b"\xff", "x.yaml")
    assert str(raised.value.problems[0].place) == "x.yaml:2:4"


def test_places_count_from_the_line_in_which_the_text_begins():
    value = parse("a: 1\nb: [x]\n", "x.yaml", 7)
    assert [str(value["place"].at(key)) for key in "ab"] == ["x.yaml:7:4", "x.yaml:8:4"]
    for text, place in (("a: [", "x.yaml:8:1"), ("a: 1\n\tb: 2", "x.yaml:8:1"), ("a: \x07", "x.yaml:7:4")):
        with pytest.raises(InputError, match=f"{place}: TX001"):
            parse(f"{text}\n", "x.yaml", 7)
