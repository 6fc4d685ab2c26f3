"""From an HTTP response to its content or an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2

from barback._endpoint import origin_of
from barback._errors import ApiError, UnexpectedResponse
from barback._retries import retry_after_of

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FORBIDDEN: Final = (401, 403)
EXPIRED: Final = "The link has expired. Fetch the result or submit the document again."


def parse_response(
    response: httpx2.Response,
    parse: Callable[[Any], T],
    decode: Callable[[bytes], Any] = json.loads,
) -> T:
    """Decode and parse the content of a response.

    Raises:
        UnexpectedResponse: the content does not have the format of a Barback response.
    """
    try:
        return parse(decode(response.content))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        httpx2.InvalidURL,
    ) as error:
        raise UnexpectedResponse(
            f"{origin_of(response.request)} did not respond like a Barback service. Check the URL"
            " and the versions of client and service."
        ) from error


def list_of(parse: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """Return a parser of arrays whose entries `parse` reads."""
    return lambda body: [parse(entry) for entry in body]


def single(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """Return a parser of arrays with exactly one entry, which `parse` reads."""

    def parse_single(body: Any) -> T:
        [entry] = body
        return parse(entry)

    return parse_single


def decode_json_lines(content: bytes) -> list[Any]:
    """Decode one JSON value from each line."""
    return [json.loads(line) for line in content.splitlines()]


def api_error(response: httpx2.Response, *, is_link: bool) -> ApiError:
    """Return the error that a response describes, whether or not it comes from the service."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    is_problem = isinstance(body, dict) and isinstance(body.get("detail"), str)
    problem = body if is_problem else _gateway_problem(response, is_link=is_link)
    return ApiError(response.status_code, problem, retry_after_of(response))


def _gateway_problem(response: httpx2.Response, *, is_link: bool) -> dict[str, Any]:
    """Describe the response of a gateway or proxy in front of the service, or of a file's link."""
    if response.status_code in FORBIDDEN and is_link:
        return {"detail": EXPIRED}
    if response.status_code in FORBIDDEN:
        return {"detail": "The service did not accept the API key. Check it, or get a new one."}
    redirect = (
        f" and redirects to {response.headers['Location']}"
        if response.has_redirect_location
        else ""
    )
    return {
        "detail": f"{origin_of(response.request)} returned {response.status_code}"
        f" {response.reason_phrase}{redirect}. Check the URL, or try again later."
    }
