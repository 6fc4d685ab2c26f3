"""The settings of the API, from environment variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.environment import read_seconds, read_text
from tasks.errors import SettingsInvalid
from tasks.other_buckets import OtherBuckets
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping


ORIGIN: Final = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/\s]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the API. Durations are in seconds.

    Attributes:
        table_name: the table of tasks.
        queue_urls: the queue of each lane.
        webhook_queue_url: the queue of deliveries.
        document_bucket: the bucket of documents.
        other_buckets: the buckets of others in which documents may be.
        retention: how long a task is kept.
        deadline: how long a task may take, unless the caller sets a shorter time.
        longest_wait: how long a request may wait for its tasks.
        has_task_list: whether the table has an index of owners.
        has_webhooks: whether results are delivered to webhooks.
        allowed_origins: the origins of other web pages that may call the API.
        local_webhooks: whether `http://localhost` and `http://127.0.0.1` can be webhooks, too.
    """

    table_name: str
    queue_urls: dict[Lane, str]
    webhook_queue_url: str
    document_bucket: str
    other_buckets: OtherBuckets
    retention: int
    deadline: int
    longest_wait: int
    has_task_list: bool
    has_webhooks: bool
    allowed_origins: tuple[str, ...]
    local_webhooks: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            SettingsInvalid: a variable is missing or has an unusable value.
        """
        settings = cls(
            table_name=read_text(environ, "TABLE_NAME"),
            queue_urls={
                Lane.INTERACTIVE: read_text(environ, "TASK_QUEUE_URL"),
                Lane.BULK: read_text(environ, "BULK_QUEUE_URL"),
                Lane.DOCUMENT: read_text(environ, "DOCUMENT_QUEUE_URL"),
            },
            webhook_queue_url=read_text(environ, "WEBHOOK_QUEUE_URL"),
            document_bucket=read_text(environ, "DOCUMENT_BUCKET"),
            other_buckets=OtherBuckets.read(environ),
            retention=read_seconds(environ, "RETENTION_SECONDS"),
            deadline=read_seconds(environ, "DEADLINE_SECONDS"),
            longest_wait=read_seconds(environ, "LONGEST_WAIT_SECONDS"),
            has_task_list=environ.get("TASK_LIST") == "true",
            has_webhooks=environ.get("WEBHOOKS") != "false",
            allowed_origins=_origins(environ.get("ALLOWED_ORIGINS", "")),
            local_webhooks=environ.get("LOCAL_WEBHOOKS") == "true",
        )
        if settings.retention <= settings.deadline:
            raise SettingsInvalid("Set RETENTION_SECONDS to more than DEADLINE_SECONDS.")
        return settings


def _origins(text: str) -> tuple[str, ...]:
    """Return origins as browsers send them: in lower case, without blanks or a slash at the end."""
    origins = [part.strip().lower().removesuffix("/") for part in text.split(",")]
    for origin in filter(None, origins):
        if not ORIGIN.fullmatch(origin):
            raise SettingsInvalid(
                f"ALLOWED_ORIGINS contains {origin!r}; separate origins such as "
                "https://bar.example by commas."
            )
    return tuple(filter(None, origins))
