"""The size of a test that counts its own examples: smaller in `make test`, larger in `make nightly`."""

import os
from collections.abc import Iterable

NIGHTLY = os.environ.get("TXSELECT_NIGHTLY", "") not in ("", "0")


def examples(usual: int, nightly: int) -> int:
    """`@settings(max_examples=examples(2_000, nightly=20_000))`."""
    return nightly if NIGHTLY else usual


def some(names: Iterable[str], usual: int) -> list[str]:
    """As many of the names, spread evenly over their order; all of them in `make nightly`."""
    ordered = sorted(names)
    step = 1 if NIGHTLY else max(1, len(ordered) // usual)
    return ordered[::step]
