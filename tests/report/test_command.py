"""`txselect report`: where the page goes and in which form."""

from pathlib import Path

import pytest

from txselect.cli.app import run

CASE = "cases/kidney/kidney-sarcomatoid.yaml"
CHECKOUT = Path(__file__).parents[2]
ANSWERED, BAD_INPUT = 0, 2

Captured = pytest.CaptureFixture[bytes]


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, cache_folder: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def report(*options: object) -> int:
    return run(["report", str(CHECKOUT / CASE), "--engine", "linear", *map(str, options)])


def refused(capsys: Captured, *options: object) -> str:
    assert report(*options) == BAD_INPUT
    printed = capsys.readouterr()
    assert printed.out == ""
    return str(printed.err)


@pytest.mark.parametrize(
    ("file", "start"), [("board.html", "<!DOCTYPE html>"), ("board.HTM", "<!DOCTYPE html>"), ("board.md", "# ")]
)
def test_the_ending_of_the_file_says_how_it_is_written(tmp_path: Path, file: str, start: str):
    assert report("-o", tmp_path / file) == ANSWERED
    assert (tmp_path / file).read_text(encoding="utf-8").startswith(start)


def test_the_format_stands_before_the_ending(tmp_path: Path):
    assert report("-o", tmp_path / "board.txt", "--format", "markdown") == ANSWERED
    assert (tmp_path / "board.txt").read_text(encoding="utf-8").startswith("# ")


def test_what_is_printed_is_what_is_written(tmp_path: Path, capsysbinary: Captured):
    assert report("-o", tmp_path / "board.html") == ANSWERED
    assert report("-o", "-") == ANSWERED
    assert capsysbinary.readouterr().out == (tmp_path / "board.html").read_bytes()


def test_a_report_takes_the_options_of_a_decision(tmp_path: Path):
    made = {}
    for options in ((), ("--as-of", "2020-01-31"), ("--jurisdiction", "EMA")):
        assert report("-o", tmp_path / "board.md", *options) == ANSWERED
        made[options] = (tmp_path / "board.md").read_text(encoding="utf-8")
    assert len(set(made.values())) == 3
    assert "as of 2020-01-31" in made["--as-of", "2020-01-31"]
    assert "- jurisdiction: EMA" in made["--jurisdiction", "EMA"]


@pytest.mark.parametrize("file", ["board.pdf", "board", "board."])
def test_an_ending_that_says_nothing_is_refused_and_nothing_is_written(tmp_path: Path, capsys: Captured, file: str):
    said = refused(capsys, "-o", tmp_path / file)
    assert said.startswith("--output: TX005 ")
    assert "there are .html and .md" in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_bad_input(tmp_path: Path, capsys: Captured):
    target = tmp_path / "no-such-folder" / "board.html"
    assert refused(capsys, "-o", target).startswith(f"{target}: TX014 cannot be written: no such file or directory")


def test_a_full_disk_is_bad_input_and_no_traceback(capsys: Captured):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    said = refused(capsys, "-o", "/dev/full", "--format", "html")
    assert said.startswith("/dev/full: TX014 cannot be written: no space left on device")


def test_where_to_write_must_be_said(capsys: Captured):
    assert "--output" in refused(capsys)
