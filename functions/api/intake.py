"""What a request asks for: its query and its body, read and checked."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from functions.api.dependencies import LanguageOf, OwnerOf, ServicesOf
from functions.api.errors import Problem
from functions.api.schemas import DocumentTask, Drink, Submissions
from functions.api.submissions import document_submission, split_joined, translate
from suggester.requests import object_of
from tasks.service import Submission

JSON_TYPE: Final = re.compile(r"application/([^;\s]+\+)?json\s*(;.*)?", re.IGNORECASE)


def known_query(*names: str) -> Any:
    """Return a dependency that refuses unknown names in a query, and names given twice."""

    async def check(request: Request) -> None:
        given = Counter(name for name, _ in request.query_params.multi_items())
        if unknown := [name for name in given if name not in names]:
            detail = f"The query knows {' and '.join(names)} only; leave {unknown[0]!r} out."
            raise Problem("invalid", detail)
        if twice := [name for name, count in given.items() if count > 1]:
            raise Problem("invalid", f"Give {twice[0]} in the query once.")

    return Depends(check)


async def _json_body(request: Request) -> None:
    """Refuse a body that is not sent as JSON, says nothing, or says one thing twice."""
    body = await request.body()
    if body and not JSON_TYPE.fullmatch(request.headers.get("content-type", "")):
        raise Problem("unsupported-media-type")
    if body.strip() == b"null":
        raise Problem("invalid", "The body says nothing; /docs shows what to send.")
    if body:
        try:
            json.loads(body, object_pairs_hook=object_of)
        except ValueError as error:
            raise Problem(
                "malformed", "A field stands twice in one object; say it once."
            ) from error


def _submissions(
    services: ServicesOf,
    owner: OwnerOf,
    language: LanguageOf,
    body: Submissions | None = None,
    ingredients_joined: Annotated[
        str | None, Query(description="Names with `;` between them, in place of a body.")
    ] = None,
    ignore_unknown: Annotated[  # noqa: FBT002 - FastAPI passes it by name
        bool, Query(description="Leave out unknown names instead of refusing them.")
    ] = False,
) -> list[Submission]:
    """Return what the request asks for, in the model's words."""
    if isinstance(body, DocumentTask):
        if ingredients_joined is not None:
            raise Problem("ambiguous")
        return [document_submission(body, services, owner, language)]
    return translate(
        _drinks(body, ingredients_joined),
        services.vocabulary,
        longest_deadline=services.tasks.deadline,
        ignore_unknown=ignore_unknown,
    )


def _drinks(body: Drink | list[Drink] | None, ingredients_joined: str | None) -> list[Drink]:
    if body is not None and ingredients_joined is not None:
        raise Problem("ambiguous")
    if body is None:
        try:
            return [Drink(ingredients=split_joined(ingredients_joined or ""))]
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
    return body if isinstance(body, list) else [body]


JsonBody = Depends(_json_body)
SubmissionsOf = Annotated[list[Submission], Depends(_submissions)]
