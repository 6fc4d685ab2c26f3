"""The running stack conforms to its OpenAPI description in every request of schemathesis."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from infra.local.stack import StackSettings, running_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
TIMEOUT: Final = 300  # seconds, on a busy machine


@pytest.fixture
def url() -> Iterator[str]:
    settings = StackSettings(parameters={"Pipelines": "tests.sentiment"})
    with running_stack(settings) as url:
        yield url


def test_the_running_stack_conforms_to_its_description(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Statuses, headers, media types and bodies match /openapi.json, and no status is 500."""
    schemathesis = Path(sys.executable).with_name("schemathesis")
    options = [f"--config-file={CONFIG}", "--no-color", "run", f"{url}/openapi.json"]
    with caplog.at_level(logging.INFO):
        finished = subprocess.run(
            [schemathesis, *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    print(finished.stdout, finished.stderr)
    assert finished.returncode == 0
    cases = re.search(r"(\d+) generated", finished.stdout)
    assert cases is not None
    assert int(cases[1]) >= 400
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "Traceback" not in caplog.text
