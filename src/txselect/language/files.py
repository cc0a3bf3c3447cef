"""The files of a rules folder and the hash that identifies them; how a file is read, and written as a whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

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


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Written aside and renamed, so that no reader sees half a file. Raises OSError; then the file is as it was.

    mode: who may read and write it, within what this process allows.
    """
    aside = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def pack_sha256(files: Iterable[tuple[str, bytes]]) -> str:
    """One hash over the names and contents of the files: it identifies what a decision was made with."""
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def save(path: Path, text: str) -> None:
    """Write a text to what somebody named, be it a file or a device. Raises InputError if it cannot be written."""
    with writing(path):
        path.write_bytes(text.encode())


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises InputError where something within raises OSError: the file cannot be written."""
    try:
        yield
    except OSError as error:
        message = f"cannot be written: {(error.strerror or str(error)).lower()}"
        raise InputError([Problem(Place(path.as_posix()), "TX014", message)]) from None
