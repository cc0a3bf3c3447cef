"""A page as a real browser lays it out: Chromium without a window, driven through its command line alone.

A script that measures is put into a copy of the page; it writes what it finds into the page, which `--dump-dom` gives.
"""

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

A4_COLUMN = 680
"""What A4 leaves between the margins, in CSS pixels."""

_MEASURE = Path(__file__).with_name("measure.js")
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-logging=stderr",
)


def chromium() -> str:
    """The browser. Where there is none, a test at a desk is skipped, and one in CI fails."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("there is no Chromium, which `scripts/set-up development` installs on Debian")
    if found is None:
        pytest.skip("there is no Chromium here: `apt-get install chromium`")
    return found


def run(folder: Path, html: str, *options: str) -> tuple[str, list[str]]:
    """What Chromium prints for a page, and the messages of its console."""
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    command = [chromium(), *_OPTIONS, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return ended.stdout, [line for line in ended.stderr.splitlines() if ":CONSOLE" in line]


def measured(folder: Path, html: str, width: int) -> dict[str, Any]:
    """What measure.js finds in a page as wide as `width`; `console` are the messages of the browser's console."""
    script = f'<script nonce="measure">{_MEASURE.read_text(encoding="utf-8")}</script></body>'
    copy = html.replace("default-src 'none'", "default-src 'none'; script-src 'nonce-measure'").replace(
        "</body>", script
    )
    assert copy.count("nonce-measure") == copy.count(script) == 1
    printed, console = run(folder, copy, "--dump-dom", f"--window-size={width},1200")
    found = re.search(r'<pre id="measured">(.*?)</pre>', printed, re.DOTALL)
    assert found, printed[-2000:] + "\n".join(console)
    return {**json.loads(unescape(found.group(1))), "console": console}


def as_printed(html: str) -> str:
    """The page with the style of print on the screen."""
    assert html.count("@media print") == 1
    return html.replace("@media print", "@media all")
