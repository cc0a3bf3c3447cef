"""`docs/errors.md` explains every code that the program can raise, and each of its examples is real."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from txselect.cli.app import run
from txselect.errors import InputError, Problem
from txselect.expectations import unmet
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, read
from txselect.recorded import Records, read_records, record_of, unlike

CHECKOUT = Path(__file__).parents[2]
HEALTHY = Path(__file__).parent / "healthy_pack"
PAGE = CHECKOUT / "docs" / "errors.md"
EXAMPLE = re.compile(
    r"```yaml (case|rules)\.yaml\n(.*?)```\n+(?:```json recorded\.json\n(.*?)```\n+)?```text\n(.*?)```", re.DOTALL
)
TABLE = re.compile(r"```csv table\.csv\n(.*?)```\n+```text\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"`txselect ([^`]+)` says\n+```text\n(.*?)```", re.DOTALL)


class Example(NamedTuple):
    code: str
    kind: str
    text: str
    messages: str
    recorded: str = ""


def sections() -> dict[str, str]:
    parts = re.split(r"^## (TX\d{3}) .*$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def examples() -> Iterator[Example]:
    for code, section in sections().items():
        for kind, text, recorded, shown in EXAMPLE.findall(section):
            yield Example(code, kind, text, shown, recorded)
        for table, shown in TABLE.findall(section):
            yield Example(code, "table", table, shown)
        for arguments, shown in COMMAND.findall(section):
            yield Example(code, "command", arguments, shown)


@cache
def healthy() -> Rules:
    return Rules(read_pack(HEALTHY))


def messages_of_a_case(text: str, records: Records) -> str:
    problems: Iterable[Problem]
    try:
        case = read_case(text, "case.yaml")
        _, decision = read(healthy(), case.profile, engine="linear")
        problems = unmet(case, decision, healthy().pack)
        if records:
            problems = [*problems, *unlike(records[case.id], record_of(decision), case.place)]
    except InputError as error:
        problems = error.problems
    return "".join(f"{problem}\n" for problem in problems)


def messages_of_rules(text: str) -> str:
    files = [(f"healthy/{path.name}", path.read_bytes()) for path in sorted(HEALTHY.glob("*.yaml"))]
    with pytest.raises(InputError) as raised:
        read_pack(Path(), [*files, ("rules.yaml", text.encode())])
    return f"{raised.value}\n".replace("./", "")


def test_every_code_in_the_program_has_a_section_and_no_section_is_left_over():
    source = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "src").rglob("*.py"))
    assert set(re.findall(r"TX0\d{2}", source)) == set(sections())


def test_every_section_has_an_example_that_shows_its_code():
    shown = {example.code for example in examples() if f" {example.code} " in example.messages}
    assert shown == set(sections())


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: f"{example.code}-{example.kind}")
def test_an_example_gets_exactly_the_messages_shown(
    example: Example, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    if example.kind == "command":
        monkeypatch.chdir(tmp_path)
        run(example.text.split())
        assert capsys.readouterr().err == example.messages
    elif example.kind == "table":
        monkeypatch.chdir(tmp_path)
        Path("table.csv").write_text(example.text, encoding="utf-8")
        run(["cohort", "table.csv", "-o", "decided"])
        assert capsys.readouterr().err == example.messages
    elif example.kind == "case":
        recorded = tmp_path / "recorded.json"
        recorded.write_text(example.recorded or "{}", encoding="utf-8")
        assert messages_of_a_case(example.text, read_records(recorded)) == example.messages
    else:
        assert messages_of_rules(example.text) == example.messages
