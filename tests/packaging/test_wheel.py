"""The wheel as a user gets it: built, installed into a fresh environment, run from an unrelated folder."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from txselect.version import VERSION

CHECKOUT = Path(__file__).parents[2]
BUILD_TOOLS = CHECKOUT / "requirements" / "build.txt"
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What the command printed; a command that fails, fails the test with all it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment["COLUMNS"] = "400"
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command} failed with {result.returncode}:\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names_in_the_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a fresh environment: the wheel and its locked requirements, with the build tools gone again."""
    home = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(home, with_pip=True)
    bin_folder = Path(sysconfig.get_path("scripts", "venv", {"base": str(home), "platbase": str(home)}))
    install = [bin_folder / "python", "-m", "pip", "install", "-qq", "--no-build-isolation"]
    for lock_file in (BUILD_TOOLS, runtime_requirements()):
        run(*install, "--require-hashes", "--requirement", lock_file, cwd=home)
    run(*install, "--no-deps", wheel, cwd=home)
    run(bin_folder / "python", "-m", "pip", "uninstall", "-qq", "--yes", "--requirement", BUILD_TOOLS, cwd=home)
    return bin_folder


def runtime_requirements() -> Path:
    """The lock file that `scripts/set-up` installed here: it leaves out durable-rules where that cannot be compiled."""
    without_durable = Path(sys.prefix) / "runtime.txt"
    return without_durable if without_durable.exists() else CHECKOUT / "requirements" / "runtime.txt"


def shipped(folder: str) -> set[str]:
    tracked = run("git", "ls-files", "--cached", "--others", "--exclude-standard", folder, cwd=CHECKOUT).splitlines()
    return {f"txselect/data/{name}" for name in tracked}


@pytest.mark.parametrize("folder", ["rules", "cases"])
def test_the_wheel_carries_every_file_of_the_knowledge(names_in_the_wheel: set[str], folder: str):
    assert shipped(folder)
    assert shipped(folder) <= names_in_the_wheel


def test_the_wheel_carries_the_package_the_knowledge_and_its_licence_and_nothing_else(names_in_the_wheel: set[str]):
    package = {f"txselect/{path.relative_to(CHECKOUT / 'src/txselect')}" for path in source_files()}
    metadata = {f"txselect-{VERSION}.dist-info/{name}" for name in METADATA}
    assert names_in_the_wheel == package | metadata | shipped("rules") | shipped("cases")


def source_files() -> list[Path]:
    files = (CHECKOUT / "src" / "txselect").rglob("*")
    return [path for path in files if path.is_file() and "__pycache__" not in path.parts]


def test_an_installed_wheel_decides_a_shipped_case_from_another_folder(bin_folder: Path, tmp_path: Path):
    listed = run(bin_folder / "txselect", "cases", cwd=tmp_path)
    found = re.search(r"\S+/vision-population\.yaml", listed)
    assert found, f"`txselect cases` prints no path of the demo's case:\n{listed}"
    case = (tmp_path / found.group()).resolve(strict=True)
    assert not case.is_relative_to(CHECKOUT), "the checkout answered, not the wheel"
    assert "radioligand" in run(bin_folder / "txselect", "recommend", case, cwd=tmp_path)
    assert "radioligand" in run(bin_folder / "txselect", "why", case, "psma_radioligand", cwd=tmp_path)
    # the solver is installed with it, and the theory is in the wheel
    assert "BRCA" in run(bin_folder / "txselect", "nearest", case, "parp_inhibitor", cwd=tmp_path)
