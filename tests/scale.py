"""The size of a test that counts its own examples: smaller in `make test`, larger in `make nightly`."""

import os

NIGHTLY = os.environ.get("TXSELECT_NIGHTLY", "") not in ("", "0")


def examples(usual: int, nightly: int) -> int:
    """`@settings(max_examples=examples(2_000, nightly=20_000))`."""
    return nightly if NIGHTLY else usual
