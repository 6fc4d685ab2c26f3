"""A clean environment for every test, and the command line over a fake service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from typer.testing import CliRunner

from barback import Retries
from barback._cli.app import cli
from clients.python.tests.fakes import FakeService

if TYPE_CHECKING:
    from typer.testing import Result


class Command(Protocol):
    """Runs the command line."""

    def __call__(self, *arguments: str, typed: str | bytes = "") -> Result: ...


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the caller has set for the real service out of the tests."""
    for name in ("BARBACK_URL", "BARBACK_API_KEY", "BARBACK_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")  # so that no sentence is broken


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def barback(service: FakeService) -> Command:
    behind = {"transport": service.transport, "retries": Retries(random=lambda: 0.0)}

    def run(*arguments: str, typed: str | bytes = "") -> Result:
        return CliRunner().invoke(cli, arguments, input=typed, obj=dict(behind))

    return run
