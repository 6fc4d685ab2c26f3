"""Settings, read from the environment once and checked there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """Where tasks live and for how long. Durations are in seconds."""

    table_name: str
    task_queue_url: str
    bulk_queue_url: str
    document_queue_url: str
    document_bucket: str
    retention: int
    deadline: int
    longest_wait: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from an environment.

        Raises:
            SettingsInvalid: a variable is missing or has a value that cannot be used.
        """
        settings = cls(
            table_name=_text(environ, "TABLE_NAME"),
            task_queue_url=_text(environ, "TASK_QUEUE_URL"),
            bulk_queue_url=_text(environ, "BULK_QUEUE_URL"),
            document_queue_url=_text(environ, "DOCUMENT_QUEUE_URL"),
            document_bucket=_text(environ, "DOCUMENT_BUCKET"),
            retention=_seconds(environ, "RETENTION_SECONDS"),
            deadline=_seconds(environ, "DEADLINE_SECONDS"),
            longest_wait=_seconds(environ, "LONGEST_WAIT_SECONDS"),
        )
        if settings.retention <= settings.deadline:
            raise SettingsInvalid("RETENTION_SECONDS must be greater than DEADLINE_SECONDS.")
        return settings


def _text(environ: Mapping[str, str], name: str) -> str:
    if not (value := environ.get(name, "")):
        raise SettingsInvalid(f"Set the environment variable {name}; template.yaml shows how.")
    return value


def _seconds(environ: Mapping[str, str], name: str) -> int:
    value = _text(environ, name)
    if not value.isdecimal() or int(value) == 0:
        raise SettingsInvalid(f"{name} must be a whole number of seconds, not {value!r}.")
    return int(value)
