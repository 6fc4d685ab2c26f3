"""A thread for one request of the synchronous client."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import Future
from contextlib import closing
from itertools import takewhile
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator


class RequestThread(threading.Thread):
    """Sends a request and reads its response.

    httpx2 limits only the time between two bytes. The caller limits the time for all of them: it
    leaves the thread behind, which ends with the next byte of the content, or with the connection.
    """

    def __init__(self, client: httpx2.Client, request: httpx2.Request) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._request = request
        self._response: Future[httpx2.Response] = Future()
        self._is_abandoned = threading.Event()
        self._run_in_context = contextvars.copy_context().run

    def run(self) -> None:
        """Send the request and read the response, until the end or until nobody waits for it."""
        self._run_in_context(self._exchange)

    def _exchange(self) -> None:
        try:
            with closing(self._client.send(self._request, stream=True)) as response:
                assert isinstance(response.stream, httpx2.SyncByteStream)  # noqa: S101 - for mypy
                response.stream = AbandonedStream(response.stream, self._is_abandoned)
                response.read()
            self._response.set_result(response)
        except BaseException as error:  # noqa: BLE001 - the caller gets it
            self._response.set_exception(error)

    def wait(self, limit: float) -> httpx2.Response:
        """Return the response within `limit` seconds.

        Raises:
            httpx2.ReadTimeout: it is not complete by then.
        """
        try:
            return self._response.result(limit)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("", request=self._request) from error
        finally:
            self._is_abandoned.set()


class AbandonedStream(httpx2.SyncByteStream):
    """A stream that ends with the next chunk once nobody waits for it."""

    def __init__(self, stream: httpx2.SyncByteStream, is_abandoned: threading.Event) -> None:
        self._stream = stream
        self._is_abandoned = is_abandoned

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks."""
        return takewhile(lambda _: not self._is_abandoned.is_set(), self._stream)

    def close(self) -> None:
        """Give the connection back, or close it if the stream is not at its end."""
        self._stream.close()
