"""Every error as an RFC 9457 problem: `application/problem+json` with a stable type.

The API has one error of its own, `Problem`. The errors of the other layers are translated by the
table `SLUGS`; any other error is answered with 500, and its cause is logged but not shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from tasks.errors import (
    BatchExpired,
    BatchNotFound,
    CursorInvalid,
    DocumentNotFound,
    KeyReused,
    NothingToDeliver,
    RedeliveryRefused,
    RetryRefused,
    TaskExpired,
    TaskFinished,
    TaskListOff,
    TaskNotFound,
    TooManyTasks,
    Unavailable,
)
from tasks.webhooks.delivery import MAX_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
MAX_ERRORS: Final = 10  # in one answer

# slug: (status, title, detail unless the error has its own)
PROBLEMS: Final[dict[str, tuple[int, str, str]]] = {
    "malformed": (400, "Malformed request", "The body is not JSON; check its quotes and commas."),
    "ambiguous": (
        400,
        "Two drinks in one request",
        "Send either ingredients_joined in the query or a JSON body, not both.",
    ),
    "other-site": (
        403,
        "Request of another site",
        "A page of another site sent this request; its origin must be in ALLOWED_ORIGINS.",
    ),
    "not-found": (404, "Not found", "There is nothing at this path; see /docs for all paths."),
    "task-not-found": (404, "No such task", "None of your tasks has this id; check the id."),
    "batch-not-found": (
        404,
        "No such batch",
        "None of your batches has this id, or it is past its retention; check the id.",
    ),
    "document-not-found": (
        404,
        "No such document",
        "None of your documents has this name; POST /api/documents returns the names.",
    ),
    "task-list-off": (
        404,
        "No list of tasks",
        "This deployment keeps no list of tasks; its operator can set TaskList=true.",
    ),
    "webhooks-off": (
        404,
        "No webhooks",
        "This deployment has no webhooks; its operator can set Webhooks=true.",
    ),
    "method-not-allowed": (
        405,
        "Method not allowed",
        "This path does not support the method; see /docs for the methods.",
    ),
    "already-finished": (409, "Already finished", ""),
    "retry-refused": (409, "Retry refused", ""),
    "nothing-to-deliver": (409, "Nothing to deliver", ""),
    "redelivery-refused": (
        409,
        "Redelivery refused",
        f"The delivery has had {MAX_ATTEMPTS} attempts and starts; fetch the result.",
    ),
    "task-expired": (410, "Task expired", "The task is past its retention; submit it again."),
    "batch-expired": (410, "Batch expired", "The batch is past its retention; submit it again."),
    "too-large": (413, "Body too large", "The body is too large; split it into several requests."),
    "uri-too-long": (
        414,
        "URL too long",
        "The URL is longer than 8 KiB; send the drink as a JSON body.",
    ),
    "unsupported-media-type": (
        415,
        "Unsupported media type",
        "Send the body as JSON with the header Content-Type: application/json.",
    ),
    "invalid": (422, "Invalid value", ""),
    "cursor-invalid": (
        422,
        "Invalid cursor",
        "None of your pages had this cursor; leave it out to begin with the newest task.",
    ),
    "key-reused": (
        422,
        "Idempotency key reused",
        "This Idempotency-Key was used before with another body; use a new key.",
    ),
    "unknown-ingredient": (422, "Unknown ingredient", ""),
    "nothing-to-suggest": (422, "Nothing to suggest", ""),
    "headers-too-large": (
        431,
        "Headers too large",
        "The headers are larger than 10 KiB in total; remove those that this API does not need.",
    ),
    "internal": (
        500,
        "Internal error",
        "The error is on our side and has been logged; try again later.",
    ),
    "unavailable": (503, "Unavailable", "The service is busy; it is safe to send this again."),
}

SLUGS: Final[dict[type[Exception], str]] = {
    TaskNotFound: "task-not-found",
    BatchNotFound: "batch-not-found",
    BatchExpired: "batch-expired",
    CursorInvalid: "cursor-invalid",
    TaskListOff: "task-list-off",
    DocumentNotFound: "document-not-found",
    TaskExpired: "task-expired",
    TaskFinished: "already-finished",
    RetryRefused: "retry-refused",
    TooManyTasks: "invalid",
    KeyReused: "key-reused",
    NothingToDeliver: "nothing-to-deliver",
    RedeliveryRefused: "redelivery-refused",
    Unavailable: "unavailable",
}
RETRY_AFTER: Final = {"unavailable": "1"}
# Replacements for messages of pydantic that only its users understand.
# What is wrong with a value, by pydantic's types of errors, with their contexts.
MESSAGES: Final = {
    **dict.fromkeys(("model_attributes_type", "model_type"), "send a JSON object"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("literal_error", "enum"), "must be {expected}"),
    "extra_forbidden": "there is no such field here",
    "missing": "is missing",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
HTTP_SLUGS: Final = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}


class Problem(Exception):
    """An error in the request.

    Args:
        slug: a key of `PROBLEMS`.
        detail: what is wrong and what to do next; replaces the detail of the table.
        extra: further members of the answer.
    """

    def __init__(self, slug: str, detail: str = "", **extra: Any) -> None:
        super().__init__(slug, detail)
        self.slug = slug
        self.detail = detail
        self.extra = extra

    def __str__(self) -> str:
        return self.detail


def problem_response(
    slug: str, detail: str = "", headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """Return the problem with this slug as a response."""
    status, title, default = PROBLEMS[slug]
    content = {
        "type": f"urn:barback:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail or default,
        **extra,
    }
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def register_error_handlers(app: FastAPI) -> None:
    """Make the application answer every expected error as a problem.

    The handlers are async, because Starlette would call others in a thread.
    """
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for error_type in SLUGS:
        app.add_exception_handler(error_type, _on_tasks_error)


def invalid(errors: Sequence[tuple[str, str]], **extra: Any) -> Problem:
    """Return the problem of invalid fields, each given by its place and what is wrong with it."""
    shown = [{"at": at, "detail": detail} for at, detail in errors[:MAX_ERRORS]]
    detail = "; ".join(f"{error['at']}: {error['detail']}" for error in shown)
    end = "" if detail.endswith("?") else "."
    return Problem("invalid", detail + end, errors=shown, **extra)


async def _on_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - for the type checker
    return problem_response(error.slug, error.detail, **error.extra)


async def _on_tasks_error(_: Request, error: Exception) -> JSONResponse:
    slug = SLUGS[type(error)]
    headers = {"Retry-After": RETRY_AFTER[slug]} if slug in RETRY_AFTER else None
    if isinstance(error, Unavailable):
        logger.warning("A request was refused: %s (%r)", error, error.__cause__)
    if isinstance(error, TaskFinished | RetryRefused):
        return problem_response(slug, str(error), headers, task_status=error.status)
    if isinstance(error, NothingToDeliver):
        return problem_response(slug, str(error), headers)
    if isinstance(error, TooManyTasks):
        detail = f"With an Idempotency-Key, send at most {error.limit} drinks."
        return problem_response(slug, detail, headers)
    return problem_response(slug, headers=headers)


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    slug = HTTP_SLUGS.get(error.status_code, "malformed")
    headers = dict(error.headers or {})
    # Starlette names the methods of one route only.
    if methods := _methods_of(request) if "Allow" in headers else []:
        headers["Allow"] = ", ".join(methods)
    return problem_response(slug, headers=headers)


def _methods_of(request: Request) -> list[str]:
    """Return the methods of all calls at the path of a request."""
    routes = [r for r in request.app.state.calls if r.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in routes for method in route.methods})


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    found = [(_location(item["loc"]), _message(item)) for item in error.errors()]
    return await _on_problem(request, invalid(found))


def _message(item: Mapping[str, Any]) -> str:
    """Return what is wrong with a value."""
    message = MESSAGES.get(item["type"])
    return str(item["msg"]) if message is None else message.format(**item.get("ctx", {}))


def _location(location: Sequence[int | str]) -> str:
    """Return the place of an error in the request, such as `query.limit`."""
    return ".".join(map(str, location))
