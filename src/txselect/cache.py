"""Compiled rule packs kept between runs, keyed by the contents of the rules and by the code that reads them."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path

from txselect.language import files
from txselect.model.rules import RulePack
from txselect.version import VERSION


def cached_pack(folder: Path) -> RulePack:
    """The pack in `folder`, from the cache if the same rules were read by the same code before.

    The cache only ever saves time: what cannot be read or written is passed over. Raises InputError as `read_pack`.
    """
    rules = files.pack_files(folder)
    where = user_cache_path("txselect") / f"{_key(folder, files.pack_sha256(rules))}.pickle"
    with suppress(Exception):  # absent, unreadable, or written by something else: then the rules are read anew
        pack = pickle.loads(where.read_bytes())  # the user's own cache folder
        if isinstance(pack, RulePack):
            return pack
    from txselect.language.pack import read_pack

    pack = read_pack(folder, rules)
    with suppress(OSError):
        write_whole(where, pickle.dumps(pack, protocol=pickle.HIGHEST_PROTOCOL))
    return pack


def _key(folder: Path, rules: str) -> str:
    """The folder belongs to the key because places in messages begin with it."""
    return sha256(f"{this_code()} {folder.as_posix()} {folder.resolve()} {rules}".encode()).hexdigest()[:32]


def this_code() -> str:
    """What tells this txselect, on this Python, from one that was edited."""
    package = Path(__file__).parent
    sources = sorted(path for suffix in ("*.py", "*.lp") for path in package.rglob(suffix))
    code = ",".join(f"{path.name}:{path.stat().st_mtime_ns}" for path in sources)
    return sha256(f"{VERSION} {sys.version} {code}".encode()).hexdigest()


def write_whole(where: Path, content: bytes) -> None:
    """An entry of the cache, written as a whole; older entries are cleared away."""
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write_whole(where, content, mode=0o600)
    newest_first = sorted(where.parent.glob(f"*{where.suffix}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[8:]:
        old.unlink(missing_ok=True)
