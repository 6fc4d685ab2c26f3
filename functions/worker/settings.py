"""The settings of the worker, from environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.environment import read_text
from tasks.errors import SettingsInvalid
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping

QUEUE_URLS: Final = {
    Lane.INTERACTIVE: "TASK_QUEUE_URL",
    Lane.BULK: "BULK_QUEUE_URL",
    Lane.DOCUMENT: "DOCUMENT_QUEUE_URL",
}
DEFAULT_MEMORY: Final = 1024  # MB, as in template.yaml, outside Lambda
DEFAULT_RETRIES: Final = 3
MOST_RETRIES: Final = 4  # SQS moves a message to the dead-letter queue after six receives


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a worker.

    Attributes:
        table_name: the table of tasks.
        queue_urls: the queues of the lanes that this worker serves.
        document_bucket: the bucket of documents; empty if this worker serves none.
        engine: the name of the engine that runs the network.
        memory: in MB.
        max_retries: how often a task is retried after transient failures.
    """

    table_name: str
    queue_urls: dict[Lane, str]
    document_bucket: str
    engine: str
    memory: int
    max_retries: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; a worker needs only those of its lanes.

        Raises:
            SettingsInvalid: a variable is missing or has an unusable value.
        """
        lanes = _read_lanes(environ)
        return cls(
            table_name=read_text(environ, "TABLE_NAME"),
            queue_urls={lane: read_text(environ, QUEUE_URLS[lane]) for lane in lanes},
            document_bucket=(
                read_text(environ, "DOCUMENT_BUCKET") if Lane.DOCUMENT in lanes else ""
            ),
            engine=environ.get("MODEL_ENGINE") or "litert",
            memory=int(environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or DEFAULT_MEMORY),
            max_retries=_read_retries(environ),
        )


def _read_lanes(environ: Mapping[str, str]) -> list[Lane]:
    names = read_text(environ, "LANES").split(",")
    try:
        return [Lane(name.strip()) for name in names]
    except ValueError as error:
        raise SettingsInvalid(
            f"Set LANES to one or more of {', '.join(Lane)}, separated by commas."
        ) from error


def _read_retries(environ: Mapping[str, str]) -> int:
    text = environ.get("MAX_RETRIES") or str(DEFAULT_RETRIES)
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST_RETRIES:
        raise SettingsInvalid(
            f"Set MAX_RETRIES to a number from 0 to {MOST_RETRIES}, not {text!r}."
        )
    return int(text)
