"""The command line."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line. Exit codes: 0 answered, 1 cases differ, 2 bad input, 3 an internal check failed."""
    # A command makes many objects and little garbage; looking for it after every 700 of them costs 0.03 s.
    gc.set_threshold(100_000)
    from txselect.cli.app import run

    sys.exit(run(sys.argv[1:]))
