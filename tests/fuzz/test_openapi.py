"""The running stack keeps to its own description, whatever schemathesis makes of it."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from infra.local.stack import running_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
WITHIN: Final = 300  # seconds, on a machine that has other things to do


@pytest.fixture
def url() -> Iterator[str]:
    with running_stack(0) as url:
        yield url


def test_the_stack_keeps_to_its_description(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Statuses, headers, media types and bodies are those of /openapi.json, and none is a 500."""
    schemathesis = Path(sys.executable).with_name("schemathesis")
    options = [f"--config-file={CONFIG}", "--no-color", "run", f"{url}/openapi.json"]
    with caplog.at_level(logging.INFO):
        found = subprocess.run(
            [schemathesis, *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
    print(found.stdout, found.stderr)
    assert found.returncode == 0
    cases = re.search(r"(\d+) generated", found.stdout)
    assert cases is not None
    assert int(cases[1]) >= 400
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "Traceback" not in caplog.text
