"""Logs on a terminal, with the fields that Lambda's JSON formatter writes on AWS."""

from __future__ import annotations

import logging
from typing import Final

STANDARD_FIELDS: Final = vars(logging.makeLogRecord({})).keys() | {"asctime", "message"}


class FieldFormatter(logging.Formatter):
    """A formatter that appends the fields given as `extra`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - a method of logging
        """Return the line, without a traceback."""
        fields = [
            f"{name}={value}" for name, value in vars(record).items() if name not in STANDARD_FIELDS
        ]
        return " ".join([super().formatMessage(record), *fields])


def configure_logging(level: int = logging.WARNING) -> None:
    """Log to the standard error stream."""
    handler = logging.StreamHandler()
    handler.setFormatter(FieldFormatter())
    logging.basicConfig(level=level, handlers=[handler])
