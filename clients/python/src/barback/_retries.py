"""When to retry a request."""

from __future__ import annotations

import random
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

# Too Many Requests, Bad Gateway, Service Unavailable, Gateway Timeout.
RETRYABLE_STATUSES: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retries:
    """Exponential backoff with full jitter. A Retry-After header replaces the computed delay.

    Args:
        attempts: the maximum number of attempts, the first one included.
        first_delay: the longest delay before the first retry in seconds; it doubles each time.
        max_delay: the longest delay in seconds. A longer Retry-After ends the retries.
        random: returns the jitter, from 0 to 1.
    """

    attempts: int = 4
    first_delay: float = 0.5
    max_delay: float = 30.0
    random: Callable[[], float] = random.random

    def delay(self, attempt: int, retry_after: float | None = None) -> float | None:
        """Return the seconds to wait after this attempt (from 1), or None for no retry."""
        if attempt >= self.attempts or (retry_after or 0) > self.max_delay:
            return None
        if retry_after is not None:
            return retry_after
        return self.random() * min(self.max_delay, self.first_delay * 2.0 ** (attempt - 1))


def retry_after_of(response: httpx2.Response) -> float | None:
    """Return the seconds in Retry-After, from a number or from a date relative to Date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
        # The service's clock, because the caller's may be wrong.
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
