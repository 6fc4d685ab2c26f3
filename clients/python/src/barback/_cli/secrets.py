"""The secrets of webhooks, for a command that runs for longer than they may be valid."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from barback._cli.console import print_message
from barback._errors import BarbackError, WebhookVerificationError
from barback._webhooks import verify

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNATURE: Final = re.compile(r"(^|\s)v1,[A-Za-z0-9+/]{43}=(\s|$)")
READ_INTERVAL: Final = 5.0  # seconds


class Secrets:
    """The secrets of webhooks. They are read again for a signature that may be of a new one.

    Args:
        read: returns the valid secrets.
        now: returns the time of a monotonic clock in seconds.

    Raises:
        BarbackError: the secrets cannot be read.
    """

    def __init__(
        self, read: Callable[[], list[str]], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._now = now
        self._valid = read()
        self._lock = threading.Lock()
        self._next_read = 0.0

    def verify(self, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Verify a webhook, whose headers have names in lower case, and return its JSON object.

        Raises:
            WebhookVerificationError: the webhook is not from the service, or not from this time.
        """
        secrets = self._valid
        try:
            return verify(body, headers, secrets)
        except WebhookVerificationError:
            is_signed = SIGNATURE.search(headers.get("webhook-signature", ""))
            if not is_signed or self._read_again() == secrets:
                raise
        return verify(body, headers, self._valid)

    def _read_again(self) -> list[str]:
        """Return the valid secrets, from the service if they were not read just before."""
        with self._lock:
            if self._now() >= self._next_read:
                self._next_read = self._now() + READ_INTERVAL
                try:
                    self._valid = self._read()
                except BarbackError as error:
                    print_message(f"The secrets cannot be read. {error}")
            return self._valid
