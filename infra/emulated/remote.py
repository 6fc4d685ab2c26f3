"""A function in a container, invoked through Lambda's Runtime Interface Emulator."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.event_source import LocalContext

PATH: Final = "/2015-03-31/functions/function/invocations"


class FunctionFailed(Exception):
    """The function raised an error or exited instead of answering."""


def remote_handler(url: str) -> Callable[[dict[str, Any], LocalContext], Any]:
    """Return a handler that posts the event to the emulator at `url`.

    The handler raises `FunctionFailed` if the function failed, and OSError if no emulator answers.
    """

    def handle(event: dict[str, Any], context: LocalContext) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the operator chose the URL
            url + PATH, json.dumps(event).encode(), {"Content-Type": "application/json"}
        )
        seconds = context.get_remaining_time_in_millis() / 1000
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            response = json.load(answer)
        # The emulator always answers 200; the body may be an error.
        if isinstance(response, dict) and "errorType" in response:
            raise FunctionFailed(f"{response['errorType']}: {response.get('errorMessage')}")
        return response

    return handle
