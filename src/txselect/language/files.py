"""The files of a rules folder and the hash that identifies them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from txselect.errors import Gathering, InputError, Place, Problem


def pack_files(folder: Path) -> list[tuple[str, bytes]]:
    """The YAML files of a rules folder, by path, with their bytes. InputError if there are none."""
    paths = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
    if not paths:
        raise InputError([Problem(Place(str(folder)), "TX014", "no rule files here", "give a folder of .yaml files")])
    problems = Gathering()
    problems.found += with_another_ending(folder)
    files = []
    for path in paths:
        with problems.keeping():
            files.append((path.relative_to(folder).as_posix(), content_of(path)))
    problems.raise_if_any()
    return files


def with_another_ending(folder: Path) -> list[Problem]:
    """A problem for each .yml file below the folder, which would be passed over in silence."""
    message = "only .yaml files are read"
    return [
        Problem(Place(path.as_posix()), "TX014", message, f"name it {path.stem}.yaml") for path in folder.rglob("*.yml")
    ]


def content_of(path: Path) -> bytes:
    """The bytes of a file. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError([Problem(Place(path.as_posix()), "TX014", f"cannot be read: {reason}")]) from None


def pack_sha256(files: Iterable[tuple[str, bytes]]) -> str:
    """One hash over the names and contents of the files: it identifies what a decision was made with."""
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
