"""One call, made again where that may help."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import httpx2

from barback._endpoint import api_error, place_of
from barback._errors import ApiError, Unreachable
from barback._retries import TRANSIENT

if TYPE_CHECKING:
    from barback._endpoint import Endpoint
    from barback._requests import Call
    from barback._retries import Retries


class Io(Protocol):
    """The network and the time. That of the synchronous client never suspends: see `client`."""

    async def send(self, request: httpx2.Request, /) -> httpx2.Response:
        """Send a request and read the whole response."""

    async def sleep(self, seconds: float, /) -> None:
        """Let time pass."""

    def now(self) -> float:
        """Return the seconds since some moment; they never run backwards."""


class Exchange:
    """Makes calls through an `Io`."""

    def __init__(self, io: Io, endpoint: Endpoint, retries: Retries) -> None:
        self.io = io
        self._endpoint = endpoint
        self._retries = retries

    async def make(self, call: Call, until: float = math.inf) -> httpx2.Response:
        """Return a response of success; no retry begins after `until`.

        Raises:
            ApiError: the service answered with an error.
            Unreachable: it gave no answer.
        """
        request = self._endpoint.request(call)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(request)
            except (ApiError, Unreachable) as error:
                pause = self._pause(error, attempt)
                if pause is None or self.io.now() + pause > until:
                    raise
            await self.io.sleep(pause)

    async def _once(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self.io.send(request)
        except httpx2.RequestError as error:
            # Not its text: some have none, and none should repeat a header.
            reason = type(error).__name__
            raise Unreachable(
                f"{place_of(request)} gave no answer ({reason}); check the URL and the network."
            ) from error
        if not response.is_success:
            raise api_error(response)
        return response

    def _pause(self, error: ApiError | Unreachable, attempt: int) -> float | None:
        if isinstance(error, Unreachable):
            return self._retries.pause(attempt)
        if error.status not in TRANSIENT:
            return None
        return self._retries.pause(attempt, error.retry_after)
