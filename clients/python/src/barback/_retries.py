"""When a call is made again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

# Too many requests, a bad gateway, unavailable, a gateway's time-out.
TRANSIENT: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retries:
    """Exponential back-off with full jitter, unless the service says when to come again.

    Args:
        attempts: how often a call is made at most.
        first: the longest pause after the first attempt, in seconds; it doubles at each.
        longest: what no pause exceeds; who is told to wait longer gives up.
        random: gives the jitter, from 0 to 1.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 30.0
    random: Callable[[], float] = random.random

    def pause(self, attempt: int, retry_after: float | None = None) -> float | None:
        """Return the seconds from this attempt, counted from 1, to the next; None for no next."""
        if attempt >= self.attempts or (retry_after or 0) > self.longest:
            return None
        if retry_after is not None:
            return retry_after
        return self.random() * min(self.longest, self.first * 2.0 ** (attempt - 1))


def retry_after_of(response: httpx2.Response) -> float | None:
    """Return the seconds that Retry-After asks for: a number, or a date beside that of Date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
        # The service's own clock: the caller's may be wrong.
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return None
