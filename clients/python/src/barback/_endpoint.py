"""From a call to a request, and from a response to its content or an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2

from barback._errors import ApiError, UnexpectedAnswer
from barback._retries import retry_after_of
from barback._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from barback._requests import Call

T = TypeVar("T")

USER_AGENT: Final = f"barback-python/{VERSION}"
KEY_REFUSED: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the service is and how a caller is known to it.

    Args:
        url: the service's; a path, such as a stage's name, is kept.
        key: the API key, or "" where none is asked for.
        language: of the names in the answers, `en` or `ru`.
        timeout: seconds for the service to answer, beside those for which it is asked to wait.

    Raises:
        ValueError: a value cannot be sent.
    """

    url: str
    key: str = field(repr=False)
    language: str
    timeout: float

    def __post_init__(self) -> None:
        try:
            parsed = httpx2.URL(self.url)
        except httpx2.InvalidURL as error:
            raise ValueError(f"{self.url!r} is no URL ({error}).") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"{self.url!r} is no URL; give one such as http://127.0.0.1:8000.")
        check_header("API key", self.key)
        check_header("language", self.language)

    def request(self, call: Call) -> httpx2.Request:
        """Return the request that makes the call."""
        is_foreign = "://" in call.path
        return httpx2.Request(
            call.method,
            call.path if is_foreign else f"{self.url.rstrip('/')}/{call.path}",
            params=call.params or None,  # an empty mapping would cut off a presigned URL's own
            json=call.json,
            content=call.content,
            headers={"User-Agent": USER_AGENT, **({} if is_foreign else self._own(call))},
            extensions={"timeout": httpx2.Timeout(self.timeout + call.wait).as_dict()},
        )

    def _own(self, call: Call) -> dict[str, str]:
        key = {"x-api-key": self.key} if self.key else {}
        return {
            "Accept": "application/json",
            "Accept-Language": self.language,
            **key,
            **call.headers,
        }


def check_header(what: str, value: str) -> None:
    """Refuse what no header can carry, without repeating it: it may be secret.

    Raises:
        ValueError: it has a line break or a letter beyond ASCII.
    """
    if not (value.isascii() and (value.isprintable() or not value)):
        raise ValueError(f"The {what} must be printable ASCII; look for line breaks in it.")


def read(
    response: httpx2.Response,
    parse: Callable[[Any], T],
    load: Callable[[bytes], Any] = json.loads,
) -> T:
    """Return what `parse` makes of the content of a response, which `load` decodes.

    Raises:
        UnexpectedAnswer: it is not what Barback answers.
    """
    try:
        return parse(load(response.content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnexpectedAnswer(
            f"{place_of(response.request)} does not answer as Barback does; check the URL."
        ) from error


def api_error(response: httpx2.Response) -> ApiError:
    """Return the error that a response tells of, whether or not it is a problem of Barback's."""
    try:
        body = response.json()
    except ValueError:
        body = None
    problem = body if isinstance(body, dict) and "detail" in body else _foreign_problem(response)
    return ApiError(response.status_code, problem, retry_after_of(response))


def _foreign_problem(response: httpx2.Response) -> dict[str, Any]:
    """Describe what a gateway or a proxy before the service answered."""
    if response.status_code in KEY_REFUSED:
        return {"detail": "The API key is not accepted here, or has expired; check it."}
    where = place_of(response.request)
    moved = (
        f" It points to {response.headers['Location']}." if response.has_redirect_location else ""
    )
    return {
        "detail": f"{where} answered {response.status_code} {response.reason_phrase}.{moved}"
        " Check the URL, or try again later."
    }


def place_of(request: httpx2.Request) -> str:
    """Return which server a request is for, without a password that its URL may have."""
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
