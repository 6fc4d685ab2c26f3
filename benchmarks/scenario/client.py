"""The client that both designs serve: it submits drinks one by one and asks until all are final."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Drinks = Sequence[Sequence[str]]
    Submit = Callable[["Client", Drinks], list[str]]

PAUSE: Final = 0.01  # seconds between two questions for a task that is not final
LIMIT: Final = 60.0  # seconds that the tasks may take
ACCEPTED: Final = 202


class Client:
    """One connection that is kept."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LIMIT)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Make a call and return its status and what its JSON says."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, headers)
        answer = self._connection.getresponse()
        found = json.loads(answer.read())
        if answer.status >= 400:  # noqa: PLR2004
            raise RuntimeError(f"{method} {path} was answered with {answer.status}: {found}")
        return answer.status, found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def one_by_one(client: Client, drinks: Drinks) -> list[str]:
    """Submit each drink in a request of its own; returns where the results will be."""
    paths = ["/api/process?ingredients_joined=" + quote(";".join(drink)) for drink in drinks]
    return [client.call("POST", path)[1][0]["url_result"] for path in paths]


def as_array(client: Client, drinks: Drinks) -> list[str]:
    """Submit all drinks in one request; returns where the results will be."""
    _, tasks = client.call("POST", "/api/process", [{"ingredients": drink} for drink in drinks])
    return [task["url_result"] for task in tasks]


def seconds(client: Client, drinks: Drinks, submit: Submit) -> float:
    """Return the time from the first submit to the last result; every task must succeed."""
    started = time.perf_counter()
    for path in submit(client, drinks):
        while (answer := client.call("GET", path))[0] == ACCEPTED:
            if time.perf_counter() - started > LIMIT:
                raise RuntimeError(f"{path} was not final within {LIMIT:.0f} s.")
            time.sleep(PAUSE)
        if answer[1]["status"] != "SUCCESS" or not answer[1]["result"]:
            raise RuntimeError(f"{path} ended as {answer[1]}")
    return time.perf_counter() - started
