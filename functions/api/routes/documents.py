"""The call for documents: files of many drinks, each of which becomes one task."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from functions.api.dependencies import JsonBodyDep, OwnerDep, ServicesDep
from functions.api.openapi import problems
from functions.api.problems import Problem
from functions.api.schemas.requests import NewDocument
from functions.api.schemas.responses import DocumentView, Upload
from tasks.document_keys import MAX_DOCUMENT, checksum_headers, content_id, upload_key
from tasks.ports import LINK_SECONDS

router = APIRouter(prefix="/api", tags=["documents"], responses=problems(422))


async def _new_document(body: Annotated[Any, JsonBodyDep]) -> NewDocument:
    try:
        return NewDocument.model_validate(body)
    except ValidationError as error:
        placed = [{**found, "loc": ("body", *found["loc"])} for found in error.errors()]
        raise RequestValidationError(placed) from error


@router.post("/documents", status_code=201, responses=problems(400, 413, 415, 503))
async def create_document(
    body: Annotated[NewDocument, Depends(_new_document)], services: ServicesDep, owner: OwnerDep
) -> DocumentView:
    """Return a URL to which a document can be uploaded."""
    if body.size > MAX_DOCUMENT:
        detail = f"A document may have at most {MAX_DOCUMENT} bytes; split it into several."
        raise Problem("too-large", detail)
    document_id = services.new_id() if body.sha256 is None else content_id(body.sha256)
    key = upload_key(owner, document_id, body.format)
    link = services.documents.upload_link(key, body.size, body.sha256)
    return DocumentView(
        document=services.documents.uri(key),
        upload=Upload(url=link, headers=checksum_headers(body.sha256)),
        expires_in=LINK_SECONDS,
    )
