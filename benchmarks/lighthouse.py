"""Lighthouse on the page as a phone sees it: the median scores and times of several visits.

It needs npm and Chromium on the PATH. Other work on the machine makes the page slower.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

from infra.local.stack import running_stack

VERSION: Final = "12.8.2"
VISITS: Final = 5
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CATEGORIES: Final = ("performance", "accessibility", "best-practices")
TIMES: Final = {  # in milliseconds
    "first-contentful-paint": "first contentful paint",
    "largest-contentful-paint": "largest contentful paint",
    "total-blocking-time": "total blocking time",
}


def main() -> None:
    """Start the stack, visit the page, and print the medians."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    npx = shutil.which("npx")
    if not (browser and npx):
        sys.exit("make lighthouse needs npm and Chromium on the PATH; install them.")
    with running_stack() as url, tempfile.TemporaryDirectory() as folder:
        visits = [_visit(url, Path(folder) / "report.json", npx, browser) for _ in range(VISITS)]
    load = os.getloadavg()[0]
    print(f"Lighthouse {VERSION}, phone, median of {VISITS} visits, load {load:.1f}")
    for name in CATEGORIES:
        print(f"  {name}: {median(each['categories'][name]['score'] * 100 for each in visits):.0f}")
    for name, words in TIMES.items():
        times = [each["audits"][name]["numericValue"] for each in visits]
        print(f"  {words}: {median(times):.0f} ms")


def _visit(url: str, report: Path, npx: str, browser: str) -> dict[str, Any]:
    """Visit the page once, with an empty cache, and return Lighthouse's report."""
    options = [f"--only-categories={','.join(CATEGORIES)}", "--output=json", "--quiet"]
    # Chromium's own sandbox refuses to run as root.
    flags = "--headless=new" + (" --no-sandbox" if os.geteuid() == 0 else "")
    command = [npx, "--yes", f"lighthouse@{VERSION}", url, *options]
    command += [f"--output-path={report}", f"--chrome-flags={flags}"]
    environment = os.environ | {"CHROME_PATH": browser}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main()
