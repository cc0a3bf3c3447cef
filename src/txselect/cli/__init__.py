"""The command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Exit codes: 0 answered, 1 cases differ, 2 bad input, 3 an internal check failed."""
    from txselect.cli.app import run

    sys.exit(run(sys.argv[1:]))
