"""Rules of the house that no linter knows."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard, get_args

import pytest
import yaml

from txselect.model.vocabulary import Modality

CHECKOUT = Path(__file__).parents[1]
REFERENCE = CHECKOUT.parent / "shared" / "reference"


@cache
def tracked_files() -> list[Path]:
    """What is, or would be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout, so what is committed cannot be listed")
    return [path for name in listed.stdout.split("\0") if name and (path := CHECKOUT / name).is_file()]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def relative(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


# Where packages come from is the business of each machine, not of the repository.

# The dots are left out here so that this file keeps its own rule.
REGISTRIES = (
    "pypi org, pythonhosted org, anaconda org, npmjs org, npmjs com, yarnpkg com, crates io, "
    "jfrog io, pkg dev, gemfury com, cloudsmith io"
)
HOST = re.compile(REGISTRIES.replace(", ", "|").replace(" ", r"\."), re.IGNORECASE)


def test_no_file_names_a_package_registry():
    named = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in tracked_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if HOST.search(line)
    ]
    assert named == []


def test_lock_files_hold_versions_and_hashes_and_no_addresses():
    lock_files = [path for path in tracked_files() if path.parent == CHECKOUT / "requirements"]
    assert lock_files
    for path in lock_files:
        text = text_of(path)
        assert "://" not in text, relative(path)
        assert not re.search(r"^--(index|extra-index|find-links|trusted-host)", text, re.MULTILINE), relative(path)
        entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())
        assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == [], relative(path)


def test_npm_lock_files_hold_no_addresses():
    for path in tracked_files():
        if path.name in {"package-lock.json", "npm-shrinkwrap.json"}:
            packages = json.loads(text_of(path)).get("packages", {})
            assert [name for name, package in packages.items() if "resolved" in package] == [], relative(path)


# Knowledge is in rules/, never in Python. Docstrings, doctests, comments and the examples under a command's help may
# name what they teach with.

NAMED_LISTS = ("cancers", "biomarkers", "therapies", "agents", "drugs")
# Names of the vocabulary that are also words of the rule language, or of programming.
ALLOWED = {*get_args(Modality), "observation", "Rb"}  # files are opened with "rb"


class Term(NamedTuple):
    """A name as its words; a single word in capitals (a gene, a code) counts only in capitals: `MET`, not `met`."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "Term":
        words = words_of(name)
        return cls(words if len(words) == 1 and words[0].isupper() else tuple(word.casefold() for word in words))


def words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text))


@cache
def vocabulary() -> dict[tuple[str, ...], str]:
    """The words of each name of a cancer, marker, therapy or agent, with the name as it is written."""
    names = [
        name
        for path in (CHECKOUT / "rules").rglob("*.yaml")
        for key in NAMED_LISTS
        for entry in (yaml.load(text_of(path), yaml.CSafeLoader) or {}).get(key, [])
        for name in names_of(entry)
    ]
    allowed = {Term.of(name).words for name in ALLOWED}
    terms = {Term.of(name).words: name for name in names}
    return {words: name for words, name in terms.items() if words and words not in allowed}


def names_of(entry: dict[str, Any]) -> Iterator[str]:
    for value in (entry.get("id"), entry.get("code"), entry.get("label"), *entry.get("aliases", [])):
        if value is not None:
            yield str(value)


def named_in(text: str) -> Iterator[str]:
    """The vocabulary's names that stand in a text as whole words."""
    longest = max(map(len, vocabulary()))
    words = words_of(text)
    for start in range(len(words)):
        for length in range(1, min(longest, len(words) - start) + 1):
            part = words[start : start + length]
            for spelling in {part, tuple(word.casefold() for word in part)}:
                if spelling in vocabulary():
                    yield vocabulary()[spelling]


def apart(identifier: str) -> str:
    """`PsmaRadioligand` in words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", identifier)


def texts_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every identifier and every string of a program, except docstrings and the examples under a command's help."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) or is_epilog(node)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield line, text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield line, apart(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield line, apart(name)
            case ast.keyword(arg=str(name)):
                yield line, apart(name)


def is_epilog(node: ast.AST) -> TypeGuard[ast.keyword]:
    return isinstance(node, ast.keyword) and node.arg == "epilog"


def named_by(program: str) -> list[tuple[int, str]]:
    return [(line, name) for line, text in texts_of(ast.parse(program)) for name in named_in(text)]


@pytest.mark.parametrize("path", sorted((CHECKOUT / "src").rglob("*.py")), ids=relative)
def test_no_python_file_names_a_cancer_a_marker_or_a_drug(path: Path):
    assert [f"{relative(path)}:{line}: {name}" for line, name in named_by(text_of(path))] == []


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("x = 'give pembrolizumab'", ["pembrolizumab"]),
        ("def psma_radioligand_first(): ...", ["psma_radioligand"]),
        ("EGFR = 1", ["EGFR"]),
        ("command(epilog='Example: pembrolizumab')", []),
        ("command(default='pembrolizumab')", ["pembrolizumab"]),
        ('"""Teaches with pembrolizumab."""\n# and with EGFR\nmet = 1', []),
    ],
)
def test_the_search_for_names_sees_code_and_spares_docstrings(
    program: str, found: list[str], monkeypatch: pytest.MonkeyPatch
):
    names = ["pembrolizumab", "psma_radioligand", "EGFR", "MET"]
    monkeypatch.setitem(globals(), "vocabulary", lambda: {Term.of(name).words: name for name in names})
    assert [name for _, name in named_by(program)] == found


# Data of others is read where it lies.


def long_lines(path: Path) -> set[str]:
    return {line for raw in text_of(path).splitlines() if len(line := raw.strip(" \t,")) >= 80}


def test_no_reference_data_is_copied():
    if not REFERENCE.is_dir():
        pytest.skip(f"the reference folder {REFERENCE} is not on this machine")
    theirs = set().union(*(long_lines(path) for path in REFERENCE.rglob("*") if path.is_file()))
    shared = {relative(path): long_lines(path) & theirs for path in tracked_files()}
    assert {name: sorted(lines)[:3] for name, lines in shared.items() if lines} == {}
