"""Sends requests and retries them."""

from __future__ import annotations

import math
import os
import socket
import ssl
from typing import TYPE_CHECKING

import httpx2

from barback._endpoint import origin_of
from barback._errors import ApiError, Unreachable
from barback._parsing import api_error
from barback._retries import RETRYABLE_STATUSES

if TYPE_CHECKING:
    from barback._endpoint import Endpoint
    from barback._requests import ApiRequest
    from barback._retries import Retries
    from barback._transports import Transport


class Session:
    """Sends requests to an endpoint through a transport."""

    def __init__(self, transport: Transport, endpoint: Endpoint, retries: Retries) -> None:
        self.transport = transport
        self._endpoint = endpoint
        self._retries = retries

    async def send(self, request: ApiRequest, until: float = math.inf) -> httpx2.Response:
        """Return a successful response; no retry starts after `until`.

        Raises:
            ApiError: the service returned an error.
            Unreachable: the service did not respond.
        """
        built, limit = self._endpoint.build(request), self._endpoint.limit_of(request)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._send_once(built, limit, is_link=request.is_link)
            except (ApiError, Unreachable) as error:
                delay = self._delay(error, attempt)
                if delay is None or self.transport.now() + delay > until:
                    raise
            await self.transport.sleep(delay)

    async def _send_once(
        self, request: httpx2.Request, limit: float, *, is_link: bool
    ) -> httpx2.Response:
        try:
            response = await self.transport.send(request, limit)
        except httpx2.RequestError as error:
            raise Unreachable(
                f"{origin_of(request)} did not respond ({_reason(error)})."
                " Check the URL and the network."
            ) from error
        if not response.is_success:
            raise api_error(response, is_link=is_link)
        return response

    def _delay(self, error: ApiError | Unreachable, attempt: int) -> float | None:
        if isinstance(error, Unreachable):
            return self._retries.delay(attempt)
        if error.status not in RETRYABLE_STATUSES:
            return None
        return self._retries.delay(attempt, error.retry_after)


def _reason(error: httpx2.RequestError) -> str:
    """Return the name of an error and its cause, if that is an error of the network or of TLS.

    The texts of other errors may be empty, or repeat a secret header.
    """
    name = type(error).__name__
    cause = error.__cause__
    while cause:
        match cause:
            case ssl.SSLError() | socket.gaierror():
                return f"{name}: {cause.strerror}"
            case OSError(errno=int(number)):  # the texts of asyncio differ from those of the system
                return f"{name}: {os.strerror(number)}"
        cause = cause.__cause__ or cause.__context__
    return name
