"""Formatting changes how files look and nothing else."""

import io
import random
import re
from collections import Counter
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from hypothesis import given
from hypothesis import strategies as st

from txselect.check.format import formatted, say_the_same
from txselect.check.format_layout import pieces
from txselect.cli.formatting import fmt
from txselect.errors import InputError
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.shipped import shipped_folder

# The shipped files


@cache
def shipped(name: str) -> dict[str, tuple[str, str]]:
    """By path: each shipped file as it is, and formatted."""
    folder = shipped_folder(name)
    texts = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))}
    return {path: (text, formatted(text, path)) for path, text in texts.items()}


def test_the_shipped_rules_say_the_same_after_formatting():
    before, after = (
        read_pack(Path("rules"), [(path, texts[index].encode()) for path, texts in shipped("rules").items()])
        for index in (0, 1)
    )
    assert (after.rules, after.vocabulary, after.evidence) == (before.rules, before.vocabulary, before.evidence)
    assert (after.ranking, after.title, after.version, after.date) == (
        before.ranking, before.title, before.version, before.date,
    )  # fmt: skip


@pytest.mark.slow
def test_the_shipped_cases_say_the_same_after_formatting():
    texts = shipped("cases")
    assert texts
    assert [path for path, (old, new) in texts.items() if read_case(old, path) != read_case(new, path)] == []


@pytest.mark.parametrize("name", ["rules", "cases"])
def test_shipped_comments_are_all_kept(name: str):
    def lines_with_comments(text: str) -> Counter[str]:
        return Counter(found.strip() for found in re.findall(r"(?:^|\s)#.*", text))

    changed = {path: (old, new) for path, (old, new) in shipped(name).items() if old != new}
    assert [path for path, (old, new) in changed.items() if lines_with_comments(old) != lines_with_comments(new)] == []


@pytest.mark.parametrize("name", ["rules", "cases"])
def test_formatting_a_shipped_file_twice_changes_nothing_more(name: str):
    again = [path for path, (old, new) in shipped(name).items() if old != new and formatted(new, path) != new]
    assert again == []


def test_few_shipped_files_need_a_change():
    texts = [both for name in ("rules", "cases") for both in shipped(name).values()]
    assert sum(old != new for old, new in texts) < len(texts) / 5


# One piece of style at a time

RULE = """\
pack: small
language: 1
date: 2026-01-01

# What is derived.
rules:
  # a comment about the rule
  - id: a.b   # the id
    title: a title

    # about the condition
    when:
      all:  # both
        - fact: fit
        - {ecog: {at_most: 1}}
    derive: strong
    because: >-
      A text over
      two lines.

  - {id: c, title: c, when: {fact: fit}, conflict: {}, because: "It's so."}
"""


def test_what_is_in_style_comes_back_as_it_is():
    assert formatted(RULE, "x.yaml") == RULE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{ecog: {at_most: 1}}", "{ ecog:   {at_most : 1} }"),
        ("title: c, when", "title: c,when"),
        ('"It\'s so."', "'It''s so.'"),
        ("title: a title", "title:    a title"),
        ("title: a title\n", "title: a title   \n"),
        ("date: 2026-01-01\n\n", "date: 2026-01-01\n \n\n\n"),
        ("pack: small\n", "\ufeffpack: small\n"),
        ("pack: small\n", "\n\npack: small\n"),
        ("pack: small\nlanguage: 1\n", "language: 1\npack: small\n"),
        ('"It\'s so."}\n', '"It\'s so."}'),
        ('"It\'s so."}\n', '"It\'s so."}\n\n\n'),
        ("\n", "\r\n"),
        ("  - id: a.b   # the id\n    title: a title\n", "  - title: a title\n    id: a.b   # the id\n"),
        (
            "    derive: strong\n    because: >-\n      A text over\n      two lines.\n",
            "    because: >-\n      A text over\n      two lines.\n    derive: strong\n",
        ),
    ],
)
def test_a_slip_of_style_is_put_right(old: str, new: str):
    assert old in RULE
    assert formatted(RULE.replace(old, new), "x.yaml") == RULE


def test_a_key_moves_with_the_comments_above_it_and_beside_it():
    text = """\
pack: small
language: 1
date: 2026-01-01
rules:
  - because: Why.  # said briefly
    # about the condition
    when:
      # the one thing asked
      fact: fit
    # who
    id: a
    title: a
    conflict: {}
  # the end
"""
    assert (
        formatted(text, "x.yaml")
        == """\
pack: small
language: 1
date: 2026-01-01
rules:
    # who
  - id: a
    title: a
    # about the condition
    when:
      # the one thing asked
      fact: fit
    conflict: {}
    because: Why.  # said briefly
  # the end
"""
    )


def test_the_keys_of_sources_and_cases_have_an_order_too():
    source = "  - result: good\n    checked: null\n    year: 2020\n    name: A\n    kind: trial\n    id: a\n"
    ordered = "  - id: a\n    kind: trial\n    name: A\n    year: 2020\n    result: good\n    checked: null\n"
    header = "pack: p\nlanguage: 1\ndate: 2026-01-01\nevidence:\n"
    assert formatted(header + source, "x.yaml") == header + ordered
    case = "title: t\nexpect: {}\nprofile:\n  ecog: 1\n  cancer: {type: PRAD}\nnarrative: n\nid: i\n"
    assert re.findall(r"(?m)^\w+", formatted(case, "x.yaml")) == ["id", "title", "narrative", "profile", "expect"]


LONG = "word " * 40


def test_a_folded_text_that_is_too_wide_is_filled_anew():
    header = "id: a\ntitle: a\nnarrative: >-\n"
    end = "profile: {cancer: {type: PRAD}}\n"
    result = formatted(f"{header}  {LONG.strip()}\n  and more.\n{end}", "x.yaml")
    assert max(map(len, result.splitlines())) <= 140
    assert read_case(result, "x.yaml").narrative == f"{LONG}and more."


@pytest.mark.parametrize(
    "narrative",
    [
        f"|-\n  {LONG.strip()}\n  and more.",  # its line ends count
        f">-\n  {LONG.strip()}\n\n  A second paragraph.",
        f">-\n  {LONG.strip()}\n    more indented",
        f">-\n  two  spaces {LONG.strip()}",
        f">- # a comment\n  {LONG.strip()}",
        LONG.strip(),
        '"two\n\n\n  paragraphs"',
        "|-\n  a   \n\n\n  b",
    ],
)
def test_a_text_whose_lines_mean_something_is_left_alone(narrative: str):
    text = f"id: a\ntitle: a\nnarrative: {narrative}\nprofile: {{cancer: {{type: PRAD}}}}\n"
    assert formatted(text, "x.yaml") == text


def test_blank_lines_at_the_end_of_a_text_may_go():
    text = "narrative: |+\n  a text\n\n\nid: a\ntitle: a\nprofile: {cancer: {type: PRAD}}\n"
    assert formatted(text, "x.yaml").endswith("narrative: |+\n  a text\nprofile: {cancer: {type: PRAD}}\n")


def test_a_comment_that_moves_does_not_become_part_of_a_text():
    text = "expect: {}\n      # about the title\ntitle: >-\n  a title\nid: a\nprofile: {cancer: {type: PRAD}}\n"
    assert formatted(text, "x.yaml").startswith("id: a\n# about the title\ntitle: >-\n  a title\nprofile")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("b: [x, 1]  # why\na: 1\n", True),
        ("a: 1  # why\nb: [x, 1]\n", True),
        ("a: 1\nb: [x, 1]\n", False),
        ("a: 1\nb: [1, x]  # why\n", False),
        ('a: "1"\nb: [x, 1]  # why\n', False),
        ("a: true\nb: [x, 1]  # why\n", False),
        ("a: 1\nb: [x, 1]  # why not\n", False),
    ],
)
def test_texts_say_the_same_if_their_values_and_comments_are_the_same(other: str, same: bool):
    assert say_the_same("a: 1\nb: [x, 1]  # why\n", other, "x.yaml") is same


def test_what_cannot_be_read_is_a_problem():
    with pytest.raises(InputError, match=r"x\.yaml:2:1: TX002"):
        formatted("id: a\nid: b\n", "x.yaml")


# Any slips together


@cache
def in_style() -> list[str]:
    return [new for name in ("rules", "cases") for _, new in list(shipped(name).values())[::9]]


def roughened(text: str, chance: random.Random) -> str:
    """The text with spaces around the signs of braces, at the ends of lines, and with more blank lines."""
    for piece in reversed(pieces(text)):
        sign = text[piece.start : piece.end]
        if sign in ("{", "[", ",") and chance.random() < 0.3:
            text = text[: piece.end] + " " * chance.randint(0, 2) * (text[piece.end] != "\n") + text[piece.end :]
        if sign in ("}", "]") and text[piece.start - 1] not in " \n" and chance.random() < 0.3:
            text = text[: piece.start] + " " + text[piece.start :]
    ends = [
        piece.end
        for piece in pieces(text)
        if piece.style in (None, "", '"') and text[piece.end : piece.end + 1] == "\n"
    ]
    for end in reversed(ends):
        text = text[:end] + " " * chance.choice([0, 0, 0, 1, 3]) + text[end:]
    return text.replace("\n", "\r\n") if chance.random() < 0.2 else text


@given(st.data())
def test_whatever_the_spacing_was_the_same_comes_out(data: st.DataObject):
    text = data.draw(st.sampled_from(in_style()))
    assert formatted(roughened(text, data.draw(st.randoms(use_true_random=False))), "x.yaml") == text


WORDS = (
    "fit",
    "it's",
    "two  spaces",
    " lead",
    "- x",
    "# no",
    "a: b",
    "x # y",
    "line\nbreak",
    "one\n\ntwo\n",
    "",
    "1",
    "{",
    "a,b",
)
KEYS = ("id", "title", "when", "because", "derive", "evidence", "rules", "pack", "narrative", "profile")
values = st.recursive(
    st.one_of(
        st.sampled_from(WORDS), st.integers(0, 9), st.booleans(), st.none(), st.text(st.characters(codec="utf-8"))
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=12,
)


def with_comments(text: str, chance: random.Random) -> str:
    """The text with comments and blank lines of any indentation above lines on which nothing goes on."""
    goes_on = {
        line
        for piece in pieces(text)
        for line in range(piece.token.start_mark.line + 1, piece.token.end_mark.line + 1)
        if "\n" in text[piece.start : piece.end].rstrip()
    }
    result: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if number not in goes_on:
            result += [" " * chance.randint(0, 6) + "# a comment"] * (chance.random() < 0.3)
            result += [" " * chance.randint(0, 3)] * (chance.random() < 0.1)
        result.append(line)
    return "\n".join(result)


@given(
    value=st.dictionaries(st.sampled_from(KEYS), values, min_size=1),
    how=st.fixed_dictionaries(
        {
            "default_flow_style": st.sampled_from([None, False, True]),
            "default_style": st.sampled_from([None, None, "'", '"', ">", "|"]),
            "width": st.sampled_from([20, 80, 300]),
            "indent": st.sampled_from([2, 4]),
        }
    ),
    chance=st.randoms(use_true_random=False),
)
def test_any_document_keeps_its_meaning_and_is_in_style_after_one_pass(
    value: dict[str, Any], how: dict[str, Any], chance: random.Random
):
    text = with_comments(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, **how), chance)
    with suppress(InputError):  # where the dump uses a part of YAML that rule files may not use
        once = formatted(text, "x.yaml")  # raises where the meaning would change
        assert formatted(once, "x.yaml") == once


# The command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.yaml").write_text(RULE, encoding="utf-8")
    (tmp_path / "rough.yaml").write_text(RULE.replace("{fact: fit}", "{ fact: fit }"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_what_is_not_in_style(folder: Path, capsys: pytest.CaptureFixture[str]):
    fmt(["."])
    assert capsys.readouterr().out == "formatted rough.yaml\n1 file formatted, 1 left alone\n"
    assert (folder / "rough.yaml").read_text(encoding="utf-8") == RULE


def test_looking_writes_nothing_and_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]):
    rough = (folder / "rough.yaml").read_bytes()
    with pytest.raises(typer.Exit) as raised:
        fmt(["."], check=True)
    assert raised.value.exit_code == 1
    assert capsys.readouterr().out == "rough.yaml\n1 file would be formatted, 1 left alone\n"
    with pytest.raises(typer.Exit):
        fmt(["."], diff=True)
    shown = capsys.readouterr().out
    assert "+  - {id: c, title: c, when: {fact: fit}, conflict" in shown
    assert "\x1b" not in shown
    with pytest.raises(typer.Exit):
        fmt(["rough.yaml"], diff=True, color=True)
    assert "\x1b[32m+  - {id: c" in capsys.readouterr().out
    assert (folder / "rough.yaml").read_bytes() == rough


def test_standard_input_comes_out_formatted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    rough = RULE.replace("{fact: fit}", "{ fact: fit }").encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(rough)))
    fmt(["-"])
    assert capsys.readouterr().out == RULE


def test_files_in_style_are_not_touched(folder: Path, capsys: pytest.CaptureFixture[str]):
    written = (folder / "good.yaml").stat().st_mtime_ns
    fmt(["good.yaml"])
    fmt(["good.yaml"], check=True)
    assert (folder / "good.yaml").stat().st_mtime_ns == written
    assert capsys.readouterr().out == "0 files formatted, 1 left alone\n0 files would be formatted, 1 left alone\n"


def test_a_file_that_cannot_be_read_does_not_keep_others_from_being_formatted(folder: Path):
    (folder / "bad.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.yaml:.* TX001"):
        fmt(["."])
    assert (folder / "rough.yaml").read_text(encoding="utf-8") == RULE
