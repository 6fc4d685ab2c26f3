"""Fixtures: a clean environment, a fake service, and the command line connected to it."""

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

    def __call__(
        self, *arguments: str, stdin: str | bytes = "", charset: str = "utf-8"
    ) -> Result: ...


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Remove the settings of the developer's shell, and work in an empty folder."""
    monkeypatch.chdir(tmp_path_factory.mktemp("folder"))
    for name in ("BARBACK_URL", "BARBACK_API_KEY", "BARBACK_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")  # wide enough to keep each message on one line


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def barback(service: FakeService) -> Command:
    overrides = {"transport": service.transport, "retries": Retries(random=lambda: 0.0)}

    def run(*arguments: str, stdin: str | bytes = "", charset: str = "utf-8") -> Result:
        runner = CliRunner(charset=charset)
        return runner.invoke(cli, arguments, input=stdin, obj=dict(overrides))

    return run
