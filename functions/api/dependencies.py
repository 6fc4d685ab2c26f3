"""What the routes take from a request."""

from __future__ import annotations

import asyncio
import json
import re
from codecs import BOM_UTF8
from collections import Counter
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Query, Request, Security
from fastapi.security import APIKeyHeader
from starlette.requests import HTTPConnection

from functions.api.bootstrap import Services
from functions.api.document_resolution import is_document, read_document
from functions.api.languages import preferred_language
from functions.api.long_polling import Pause, interruptible_pause
from functions.api.name_resolution import Requested, read_drinks
from functions.api.owners import owner_of
from functions.api.problems import Problem, invalid
from functions.api.tracing import valid_traceparent
from suggester.drinks import split_names
from suggester.errors import DuplicateField
from suggester.requests import reject_duplicate_keys
from suggester.vocabulary import Language
from tasks.errors import WebhookRefused
from tasks.webhooks.receivers import check_receiver

KEY_HEADER: Final = "x-api-key"
# A valid body has three levels. The limit of Python's parser depends on the version of Python and
# on the stack, and code that visits deeper values would have limits of its own.
MAX_NESTING: Final = 16
TOO_DEEP: Final = f"The body has arrays or objects in more than {MAX_NESTING} levels."
JSON_TYPE: Final = re.compile(r"application/([^;\s]+\+)?json\s*(;.*)?", re.IGNORECASE)


def _owner_of(request: HTTPConnection) -> str:
    """Return the owner of this request's tasks. All requests without a key have the same one."""
    return owner_of(request.headers.get(KEY_HEADER, ""))


class _OwnerHeader(APIKeyHeader):
    """The header with the API key, as the owner of the request's tasks."""

    async def __call__(self, request: HTTPConnection) -> str:
        """Return the owner."""
        return _owner_of(request)


_SCHEME: Final[dict[str, Any]] = {
    "name": KEY_HEADER,
    "scheme_name": "APIKeyHeader",
    "auto_error": False,
    "description": "A gateway requires a key. Tasks belong to the owner of the key.",
}
_api_key = APIKeyHeader(**_SCHEME)


# The dependencies are async so that FastAPI calls them directly: a thread for each would cost more
# than they do. They have few dependencies themselves, because FastAPI repeats shared ones.
async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _language(
    accept_language: Annotated[
        str, Header(description="The language of names in the response: `en` or `ru`.")
    ] = "",
) -> Language:
    return preferred_language(accept_language)


async def _task_id(
    task_id: Annotated[str, Path(description="The id, from the response to the submission.")],
) -> str:
    return task_id.lower()  # a UUID may be written in upper case


async def _pause(request: Request) -> Pause:
    """Return the pause of long polling, which the server can end with an event in its state."""
    stopping: asyncio.Event | None = getattr(request.state, "stopping", None)
    return partial(interruptible_pause, stopping=stopping or asyncio.Event())


async def _wait(
    request: Request,
    wait: Annotated[
        int,
        Query(ge=0, description="Seconds to wait, up to the deployment's limit."),
    ] = 0,
) -> int:
    """Return the seconds for which a request may wait."""
    return min(wait, (await _services(request)).settings.longest_wait)


TaskIdDep = Annotated[str, Depends(_task_id)]
ServicesDep = Annotated[Services, Depends(_services)]
OwnerDep = Annotated[str, Security(_OwnerHeader(**_SCHEME))]
PauseDep = Annotated[Pause, Depends(_pause)]
WaitDep = Annotated[int, Depends(_wait)]
LanguageDep = Annotated[Language, Depends(_language)]
# For calls whose answer does not depend on the owner; the gateway requires a key for them, too.
ApiKeyDep = Security(_api_key)


def known_query(*names: str) -> Any:
    """Return a dependency that refuses unknown and repeated names in the query."""

    async def check(request: Request) -> None:
        given = Counter(name for name, _ in request.query_params.multi_items())
        if unknown := [name for name in given if name not in names]:
            detail = f"The query has only {', '.join(names)}; remove {unknown[0]!r}."
            raise Problem("invalid", detail)
        if twice := [name for name, count in given.items() if count > 1]:
            raise Problem("invalid", f"Send {twice[0]} only once in the query.")

    return Depends(check)


async def _json_body(request: Request) -> Any:
    """Return the parsed body, or None if there is none. A field may not occur twice in an object.

    Raises:
        Problem: the body is not JSON, or is not declared to be.
    """
    body = await request.body()
    if not body:
        return None
    if not JSON_TYPE.fullmatch(request.headers.get("content-type", "")):
        raise Problem("unsupported-media-type")
    try:
        parsed = json.loads(
            body.removeprefix(BOM_UTF8).decode(), object_pairs_hook=reject_duplicate_keys
        )
    except DuplicateField as error:
        raise Problem("malformed", str(error)) from error
    except RecursionError as error:
        raise Problem("malformed", TOO_DEEP) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        detail = f"The body is not JSON: see {place}, and check the quotes and commas there."
        raise Problem("malformed", detail) from error
    except ValueError as error:
        raise Problem("malformed") from error
    if _nests_too_deeply(parsed):
        raise Problem("malformed", TOO_DEEP)
    if parsed is None:
        raise Problem("invalid", "The body is null; see /docs for what to send.")
    return parsed


def _nests_too_deeply(value: Any) -> bool:
    """Whether a value has more than `MAX_NESTING` levels; without recursion."""
    level = [value]
    for _ in range(MAX_NESTING + 1):
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return False
        level = [
            child for item in level for child in (item.values() if isinstance(item, dict) else item)
        ]
    return True


JsonBodyDep = Depends(_json_body)


TraceparentDep = Annotated[
    str, Header(description="The caller's position in a trace (W3C Trace Context).")
]


async def _requested(
    request: Request,
    body: Annotated[Any, JsonBodyDep],
    ingredients_joined: Annotated[
        str | None, Query(description="Names separated by `;`, instead of a body.")
    ] = None,
    ignore_unknown: Annotated[  # noqa: FBT002 - FastAPI passes it by name
        bool,
        Query(
            description="Leave out unknown names in `ingredients` and `only`, but never in "
            "`exclude`. Documents have no such option."
        ),
    ] = False,
    webhook: Annotated[
        str | None,
        Query(
            description="An https:// URL that gets the result when the task, or all of the array, "
            "has ended."
        ),
    ] = None,
    traceparent: TraceparentDep = "",
) -> Requested:
    """Return the submissions of a request, in ids of the vocabulary."""
    requested = await _read(request, body, ingredients_joined, ignore_unknown=ignore_unknown)
    if webhook is not None:
        requested = requested.delivered_to(await _checked_webhook(request, webhook))
    return requested.traced(valid_traceparent(traceparent))


async def _refuse_without_webhooks(request: Request) -> None:
    if not (await _services(request)).settings.has_webhooks:
        raise Problem("webhooks-off")


WithWebhooksDep = Depends(_refuse_without_webhooks)


async def _checked_webhook(request: Request, url: str) -> str:
    await _refuse_without_webhooks(request)
    settings = (await _services(request)).settings
    try:
        check_receiver(url, allow_local=settings.local_webhooks)
    except WebhookRefused as error:
        raise invalid([("query.webhook", str(error))]) from error
    return url


async def _read(
    request: Request, body: Any, ingredients_joined: str | None, *, ignore_unknown: bool
) -> Requested:
    if body is not None and ingredients_joined is not None:
        raise Problem("ambiguous")
    services = await _services(request)
    if is_document(body):
        language = preferred_language(request.headers.get("accept-language", ""))
        return read_document(body, services, _owner_of(request), language)
    if body is None:
        drink = {"ingredients": split_names(ingredients_joined or "")}
        return read_drinks(drink, services, ignore_unknown=ignore_unknown, source="query")
    return read_drinks(body, services, ignore_unknown=ignore_unknown)


RequestedDep = Annotated[Requested, Depends(_requested)]
