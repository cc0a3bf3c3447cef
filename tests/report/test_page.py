"""The page as a browser shows and prints it: its structure, and that nothing is cut off, overlaps or is fetched."""

import re
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from knowledge.shipped import cases, rules
from report.browser import A4_COLUMN, as_printed, measured, run
from report.hostile import hostile_case, hostile_document
from txselect.decision.record import Decision
from txselect.explain.html import page
from txselect.explain.report import report
from txselect.model.profile import Case
from txselect.pipeline import read

SHOWN = {
    "prostate": "vision-population",
    "contradictions": "nsclc-contradictory-pathology",
    "excluded": "driver-egfr-acquired-ret",
    "nothing offered": "progression-only-before-metastases",
}
WIDTHS = {"printed": A4_COLUMN, "screen": 1240}

pytestmark = pytest.mark.slow


def made(case: Case) -> tuple[str, Decision]:
    reading, decision = read(rules(), case.profile, engine="linear")
    return page(report(case, reading, decision)), decision


@cache
def decision_of(name: str) -> Decision:
    return made(cases()[SHOWN[name]])[1]


@pytest.fixture(scope="module", params=sorted(SHOWN))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def printed(name: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    html, _ = made(cases()[SHOWN[name]])
    return measured(tmp_path_factory.mktemp("printed"), as_printed(html), A4_COLUMN)


def test_headings_stand_in_order_under_one_title(name: str, printed: dict[str, Any]):
    levels = [level for level, _ in printed["headings"]]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following <= level + 1 for level, following in pairwise(levels))
    assert printed["title"] == printed["headings"][0][1] == cases()[SHOWN[name]].title
    assert printed["lang"] == "en"


def test_each_offered_option_has_a_heading_and_a_row(name: str, printed: dict[str, Any]):
    headings = [text for level, text in printed["headings"] if level == 3]
    for option in decision_of(name).offered:
        assert any(f" {option.label}: " in heading for heading in headings), option.label
    overview = len(decision_of(name).offered)
    assert overview in [len(table["rows"]) for table in printed["tables"]] or not overview


def test_every_table_names_its_columns_and_rows(printed: dict[str, Any]):
    assert printed["tables"]
    for table in printed["tables"]:
        assert table["columns"] > 0
        assert table["rows"]
        assert all(row == [1, table["columns"]] for row in table["rows"])


def test_nothing_sticks_out_of_an_a4_page(printed: dict[str, Any]):
    assert printed["wider"] <= 0
    assert printed["sticking_out"] == []


def test_a_printed_page_is_black_on_white(printed: dict[str, Any]):
    assert set(printed["colours"]) <= {"rgb(0, 0, 0)", "rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"}


def test_a_page_fetches_nothing_and_the_browser_has_nothing_to_say(printed: dict[str, Any]):
    assert printed["fetched"] == printed["fetching"] == printed["handlers"] == printed["console"] == []
    assert printed["scripts"] == 1  # the one that measures


def test_the_disclaimer_is_shown_once(name: str, printed: dict[str, Any]):
    shown = " ".join(printed["text"].split())
    assert shown.count(decision_of(name).disclaimer) == 1


def test_the_words_of_a_drawing_stand_in_their_boxes_and_apart(printed: dict[str, Any]):
    for drawing in printed["drawings"]:
        assert drawing["boxes"]
        for box in drawing["boxes"]:
            assert all(inside(text, box["frame"]) for text in box["texts"]), box
            assert not any(overlap(*pair) for pair in combinations(box["texts"], 2)), box


def test_the_boxes_of_a_drawing_stand_apart_and_within_it(printed: dict[str, Any]):
    for drawing in printed["drawings"]:
        frames = [box["frame"] for box in drawing["boxes"]]
        assert not any(overlap(*pair) for pair in combinations([*frames, *drawing["headings"]], 2))
        assert all(inside(frame, drawing["view"]) for frame in [*frames, *drawing["headings"], *drawing["paths"]])


def test_a_drawing_can_be_read_and_says_what_it_is(printed: dict[str, Any]):
    for drawing in printed["drawings"]:
        assert drawing["role"] == "img"
        assert drawing["label"].startswith("The reasoning behind ")
        assert drawing["font"] * drawing["scale"] * 0.75 >= 7  # points


def test_signs_and_outlines_tell_what_is_open_and_what_is_excluded(printed: dict[str, Any]):
    signs = {"met": "✓", "unknown": "?", "failed": "✗"}
    for drawing in printed["drawings"]:
        for box in drawing["boxes"]:
            assert box["texts"][0]["text"] == signs[box["mark"]]
            assert box["dashed"] == (box["mark"] == "unknown")
            assert box["crossed"] == box["title"].endswith(": excluded")


def inside(part: dict[str, float], whole: dict[str, float]) -> bool:
    return (
        part["x"] >= whole["x"] - 0.5
        and part["y"] >= whole["y"] - 0.5
        and part["right"] <= whole["right"] + 0.5
        and part["bottom"] <= whole["bottom"] + 0.5
    )


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return (
        min(one["right"], other["right"]) - max(one["x"], other["x"]) > 0.5
        and min(one["bottom"], other["bottom"]) - max(one["y"], other["y"]) > 0.5
    )


# Beyond print


def test_the_longest_case_fits_a_screen(tmp_path: Path):
    found = measured(tmp_path, made(cases()["nsclc-histology-not-specified"])[0], 1240)
    assert found["wider"] <= 0
    assert found["sticking_out"] == []
    assert found["console"] == []


def test_hostile_texts_are_shown_and_do_nothing(tmp_path: Path):
    case = hostile_case()
    found = measured(tmp_path, as_printed(made(case)[0]), A4_COLUMN)
    assert found["title"].split() == case.title.split()
    assert found["scripts"] == 1
    assert found["fetched"] == found["fetching"] == found["handlers"] == found["console"] == []
    assert found["wider"] <= 0
    assert found["sticking_out"] == []


def test_hostile_texts_stay_in_their_boxes_whatever_the_block(tmp_path: Path):
    found = measured(tmp_path, as_printed(page(hostile_document())), A4_COLUMN)
    assert found["scripts"] == 1
    assert found["sticking_out"] == found["console"] == found["fetching"] == []
    assert len(found["drawings"]) > 10
    assert all(
        inside(text, box["frame"]) for drawing in found["drawings"] for box in drawing["boxes"] for text in box["texts"]
    )


def test_it_prints_on_a4(tmp_path: Path):
    target = tmp_path / "board.pdf"
    run(tmp_path, made(cases()["vision-population"])[0], f"--print-to-pdf={target}", "--no-pdf-header-footer")
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", target.read_bytes())
    assert len(sizes) in range(8, 21)
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}
