"""Each wrong input lies beside the exact messages it must get: `NAME.yaml` (or a folder) beside `NAME.expected.txt`.

A wrong rule file is added to the small pack in `healthy_pack/`, which has no faults of its own. After a deliberate
change of messages, `python tests/bad/test_bad_input.py` writes the expected files anew; read the difference before you
keep it.
"""

from functools import cache
from pathlib import Path

import pytest

from txselect.errors import InputError
from txselect.expectations import unmet
from txselect.language.case import read_case
from txselect.language.document import decoded
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, read

HERE = Path(__file__).parent
HEALTHY = HERE / "healthy_pack"
CASES = sorted((HERE / "cases").glob("*.yaml"))
PACKS = sorted(path for path in (HERE / "packs").iterdir() if path.suffix != ".txt")


def files_in(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))]


@cache
def healthy() -> Rules:
    return Rules(read_pack(HEALTHY))


def try_case(path: Path) -> None:
    """The way of `txselect test`: read, decide, compare with what is expected."""
    case = read_case(decoded(path.read_bytes(), path.name), path.name)
    _, decision = read(healthy(), case.profile, engine="linear")
    unmet(case, decision, healthy().pack)


def try_pack(path: Path) -> None:
    added = files_in(path) if path.is_dir() else [(path.name, path.read_bytes())]
    read_pack(Path("pack"), sorted([*files_in(HEALTHY), *added]))


def messages(path: Path) -> str:
    try:
        (try_case if path.parent.name == "cases" else try_pack)(path)
    except InputError as error:
        return f"{error}\n"
    return "no problem\n"


def expected_file(path: Path) -> Path:
    return path.with_name(f"{path.stem}.expected.txt")


@pytest.mark.parametrize("path", [*CASES, *PACKS], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_wrong_input_gets_exactly_its_messages(path: Path):
    assert messages(path) == expected_file(path).read_text(encoding="utf-8")


def test_each_expected_file_has_its_input():
    inputs = {expected_file(path) for path in [*CASES, *PACKS]}
    assert set(HERE.glob("*/*.expected.txt")) == inputs


def test_there_are_many_wrong_inputs_of_either_kind():
    assert min(len(CASES), len(PACKS)) >= 25
    assert len(CASES) + len(PACKS) >= 55


def test_the_healthy_pack_is_healthy():
    assert len(healthy().pack.rules) > 3


if __name__ == "__main__":
    for wrong in [*CASES, *PACKS]:
        expected_file(wrong).write_text(messages(wrong), encoding="utf-8")
