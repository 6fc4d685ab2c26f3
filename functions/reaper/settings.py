"""The settings of the reaper, from environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.environment import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the reaper: the table of tasks, and the queue of deliveries."""

    table_name: str
    webhook_queue_url: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            SettingsInvalid: a variable is missing.
        """
        return cls(
            table_name=read_text(environ, "TABLE_NAME"),
            webhook_queue_url=read_text(environ, "WEBHOOK_QUEUE_URL"),
        )
