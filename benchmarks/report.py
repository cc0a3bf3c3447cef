"""Writes the figures of a pytest-benchmark run into docs/performance.md, between its two marks.

python benchmarks/report.py .benchmarks/latest.json
"""

from __future__ import annotations

import json
import platform
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> None:
    run = json.loads(Path(sys.argv[1]).read_text())
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{figures(run)}\n{END}{rest.split(END)[1]}")


def figures(run: dict[str, Any]) -> str:
    """The machine in a sentence and a table for each group: medians, 95th percentiles and the worst, in ms."""
    cpu = run["machine_info"]["cpu"]
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("durable-rules", "clingo", "oxidd", "pydantic", "PyYAML")
    )
    lines = [
        f"Measured on {date.fromisoformat(run['datetime'][:10])}: {cpu.get('brand_raw', platform.processor())}, "
        f"{cpu['count']} cores, Python {run['machine_info']['python_version']}, {libraries}. A shared machine.",
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for benchmark in run["benchmarks"]:
        groups.setdefault(benchmark["group"], []).append(benchmark)
    for group, benchmarks in sorted(groups.items()):
        fastest = min(benchmark["stats"]["median"] for benchmark in benchmarks)
        extra = list(dict.fromkeys(name for benchmark in benchmarks for name in benchmark["extra_info"]))
        columns = ["median ms", "p95 ms", "worst ms", "ratio", *extra]
        lines += ["", f"**{group}**", "", f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        lines += [row(benchmark, fastest, extra) for benchmark in benchmarks]
    return "\n".join(lines) + "\n"


def row(benchmark: dict[str, Any], fastest: float, extra: list[str]) -> str:
    stats = benchmark["stats"]
    times = sorted(stats["data"])
    percentile = times[min(len(times) - 1, int(0.95 * len(times)))]
    name = benchmark["name"].removeprefix("test_").replace("_", " ")
    figures = [f"{1e3 * seconds:.3g}" for seconds in (stats["median"], percentile, times[-1])]
    more = [f"{benchmark['extra_info'].get(column, '')}" for column in extra]
    return f"| {' | '.join([name, *figures, format(stats['median'] / fastest, '.1f'), *more])} |"


if __name__ == "__main__":
    main()
