"""The settings of webhooks, from environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.environment import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of webhooks.

    Attributes:
        table_name: the table of tasks.
        queue_url: the queue of deliveries.
        document_bucket: the bucket of documents.
        allow_local: whether `http://localhost` and `http://127.0.0.1` are receivers, too.
    """

    table_name: str
    queue_url: str
    document_bucket: str
    allow_local: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            SettingsInvalid: a variable is missing.
        """
        return cls(
            table_name=read_text(environ, "TABLE_NAME"),
            queue_url=read_text(environ, "WEBHOOK_QUEUE_URL"),
            document_bucket=read_text(environ, "DOCUMENT_BUCKET"),
            allow_local=environ.get("LOCAL_WEBHOOKS") == "true",
        )
