"""Every error as an RFC 9457 problem: `application/problem+json` with a stable type.

The table below says which type of error answers with which status. What it does not name answers
500, with the cause in the log and nothing of it in the answer.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tasks.errors import (
    DocumentNotFound,
    KeyReused,
    TaskExpired,
    TaskFinished,
    TaskNotFound,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"

# slug: (status, title, detail unless the error has its own)
PROBLEMS: Final[dict[str, tuple[int, str, str]]] = {
    "malformed": (400, "Malformed request", "The body is not JSON; check its quotes and commas."),
    "ambiguous": (
        400,
        "Two drinks in one request",
        "Send either ingredients_joined in the query or a JSON body, not both.",
    ),
    "not-found": (404, "Not found", "There is nothing at this path; /docs lists what there is."),
    "task-not-found": (404, "No such task", "No task of yours has this id; check the id."),
    "document-not-found": (
        404,
        "No such document",
        "No document of yours has this name; POST /api/documents gives the names.",
    ),
    "method-not-allowed": (405, "Method not allowed", "This path has other methods; see /docs."),
    "already-finished": (409, "Already finished", ""),
    "task-expired": (410, "Task expired", "The task is past its retention; submit it again."),
    "too-large": (413, "Body too large", "The body is too large; send the drinks in parts."),
    "uri-too-long": (
        414,
        "URL too long",
        "The URL has more than 8 KiB; send the drink as a JSON body.",
    ),
    "unsupported-media-type": (
        415,
        "Unsupported media type",
        "Send the body as JSON with the header Content-Type: application/json.",
    ),
    "invalid": (422, "Invalid value", ""),
    "key-reused": (
        422,
        "Idempotency key reused",
        "This Idempotency-Key came with another body before; take a new one.",
    ),
    "unknown-ingredient": (422, "Unknown ingredient", ""),
    "nothing-to-suggest": (422, "Nothing to suggest", ""),
    "headers-too-large": (
        431,
        "Headers too large",
        "The headers have more than 10 KiB in all; leave out what this API does not ask for.",
    ),
    "internal": (500, "Internal error", "The fault is ours and has been logged; try again later."),
    "unavailable": (503, "Unavailable", "The service is busy; sending the same again is safe."),
}

SLUGS: Final[dict[type[Exception], str]] = {
    TaskNotFound: "task-not-found",
    DocumentNotFound: "document-not-found",
    TaskExpired: "task-expired",
    TaskFinished: "already-finished",
    KeyReused: "key-reused",
    Unavailable: "unavailable",
}
RETRY_AFTER: Final = {"unavailable": "1"}
# What pydantic says of these only who knows it understands.
PLAINLY: Final = {
    "extra_forbidden": "there is no such field here",
    "model_attributes_type": 'send a drink as an object, such as {"ingredients": ["milk"]}',
    "model_type": 'send a drink as an object, such as {"ingredients": ["milk"]}',
    "string_pattern_mismatch": "the value is none that is allowed here; /docs shows which are",
}
HTTP_SLUGS: Final = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}


class Problem(Exception):
    """An error in the request, as the caller is told of it.

    Args:
        slug: a key of `PROBLEMS`.
        detail: what is wrong and what to do next, in place of the table's.
        extra: further members of the answer.
    """

    def __init__(self, slug: str, detail: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.extra = extra


def problem_response(
    slug: str, detail: str = "", headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """Return the problem of that slug as a response."""
    status, title, usual = PROBLEMS[slug]
    content = {
        "type": f"urn:barback:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail or usual,
        **extra,
    }
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make the app answer every error as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for error_type in SLUGS:
        app.add_exception_handler(error_type, _on_tasks_error)
    app.add_exception_handler(Exception, _on_unforeseen)


def _on_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - for the type checker
    return problem_response(error.slug, error.detail, **error.extra)


def _on_tasks_error(_: Request, error: Exception) -> JSONResponse:
    slug = SLUGS[type(error)]
    headers = {"Retry-After": RETRY_AFTER[slug]} if slug in RETRY_AFTER else None
    if isinstance(error, Unavailable):
        logger.warning("A request was refused: %s (%r)", error, error.__cause__)
    if isinstance(error, TaskFinished):
        return problem_response(slug, str(error), headers, task_status=error.task.status)
    return problem_response(slug, headers=headers)


def _on_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    slug = HTTP_SLUGS.get(error.status_code, "malformed")
    return problem_response(slug, headers=error.headers)


def _on_unforeseen(_: Request, error: Exception) -> JSONResponse:
    logger.error("A request failed", exc_info=error)
    return problem_response("internal")


def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem_response("malformed")
    errors = [{"at": _place(item["loc"]), "detail": _said(item)} for item in found[:10]]
    detail = "; ".join(f"{item['at']}: {item['detail']}" for item in errors) + "."
    return problem_response("invalid", detail, errors=errors, **_index(found[0]["loc"]))


def _said(item: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, in a caller's words where pydantic's are its own."""
    return PLAINLY.get(item["type"]) or str(item["msg"])


def _place(location: Sequence[int | str]) -> str:
    """Return where in the request it is, such as `body[3].ingredients[0]`."""
    is_tagged = location[1:2] in (("one",), ("many",), ("document",))
    parts = [*location[:1], *location[2:]] if is_tagged else location
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts).lstrip(".")


def _index(location: Sequence[int | str]) -> dict[str, Any]:
    """Return which entry of an array it is about, if the body is an array."""
    in_array = len(location) > 2 and location[1] == "many"  # noqa: PLR2004
    return {"index": location[2]} if in_array and isinstance(location[2], int) else {}
