"""A process that adds a stored decision to a log: `writer.py LOG DECISION FIRST COUNT [LIMIT]`.

The entries carry the times FIRST, FIRST + 1, ... in milliseconds. COUNT 0: until it is killed. LIMIT: no file of this
process may grow beyond so many bytes, as on a full disk. Says `ready`, waits for a line, and begins. Prints the problem
of an append that fails and ends with 2.
"""

import itertools
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from txselect.decision.stored import read_decision
from txselect.decision_log import append
from txselect.errors import InputError, Place


def main() -> int:
    log, stored, first, count, *limit = sys.argv[1:]
    decision = read_decision(Path(stored).read_text(encoding="utf-8"), Place(stored))
    if os.geteuid() == 0 and not limit:
        os.setuid(65534)  # root may write into any folder
    for size in map(int, limit):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(first), int(first) + int(count)) if int(count) else itertools.count(int(first)):
        try:
            append(Path(log), decision, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number))
        except InputError as error:
            print(error)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
