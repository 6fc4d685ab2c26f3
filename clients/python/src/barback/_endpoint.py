"""The service's address and the caller's credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx2

from barback._headers import check_header
from barback._version import VERSION

if TYPE_CHECKING:
    from barback._requests import ApiRequest

USER_AGENT: Final = f"barback-python/{VERSION}"
EXAMPLE_URL: Final = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The service's address, and the headers and timeout for requests to it.

    Args:
        url: the service's URL, with the path of a stage if it has one.
        api_key: the API key, or "" if the service needs none.
        language: the language of the names in the results, `en` or `ru`.
        timeout: the seconds to wait for a response, on top of a request's `server_wait` and
            `transfer_seconds`.

    Raises:
        ValueError: the URL is not valid, or a header cannot carry the key or the language.
    """

    url: str
    api_key: str = field(repr=False)
    language: str
    timeout: float

    def __post_init__(self) -> None:
        try:
            parsed = httpx2.URL(self.url)
        except httpx2.InvalidURL as error:
            raise ValueError(
                f"{self.url!r} is not a valid URL ({error}). Use one such as {EXAMPLE_URL}."
            ) from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"{self.url!r} is not a valid URL. Use one such as {EXAMPLE_URL}.")
        check_header("API key", self.api_key)
        check_header("language", self.language)

    def limit_of(self, request: ApiRequest) -> float:
        """Return the seconds within which the whole response must arrive."""
        return self.timeout + request.server_wait + request.transfer_seconds

    def build(self, request: ApiRequest) -> httpx2.Request:
        """Return the HTTP request to send."""
        return httpx2.Request(
            request.method,
            request.path if request.is_link else f"{self.url.rstrip('/')}/{request.path}",
            params=request.params or None,  # an empty mapping would drop a presigned URL's query
            json=request.json,
            content=request.content,
            headers={
                "User-Agent": USER_AGENT,
                **({} if request.is_link else self._service_headers()),
                **request.headers,
            },
            extensions={"timeout": httpx2.Timeout(self.timeout + request.server_wait).as_dict()},
        )

    def _service_headers(self) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "Accept-Language": self.language,
            **({"x-api-key": self.api_key} if self.api_key else {}),
        }


def origin_of(request: httpx2.Request) -> str:
    """Return the scheme and host of a request, without a password that its URL may contain."""
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
