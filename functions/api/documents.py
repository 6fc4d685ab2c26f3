"""The calls for documents: files of many drinks that are one task each."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from functions.api.dependencies import OwnerOf, ServicesOf
from functions.api.errors import Problem
from functions.api.intake import JsonBody
from functions.api.openapi import problems
from functions.api.schemas import Positive
from tasks.documents import LINK_SECONDS, MAX_BYTES, Format, upload_key

router = APIRouter(prefix="/api", responses=problems(422))


class NewDocument(BaseModel):
    """A file that is to be uploaded."""

    model_config = ConfigDict(extra="forbid")

    size: Positive = Field(alias="bytes", description=f"Its size; at most {MAX_BYTES}.")
    format: Format = Field(
        default="jsonl",
        description="`jsonl`: a drink or a list of names a line; `text`: names with `;` between.",
    )


class Upload(BaseModel):
    """Where the file is to be put: without a key, and with exactly the size that was said."""

    method: Literal["PUT"] = "PUT"
    url: str


class DocumentView(BaseModel):
    """A document that can be uploaded now, and then be named in a submission."""

    document: str = Field(description="What to send as `document` to /api/process.")
    upload: Upload
    expires_in: int = Field(description="Seconds for which the upload's URL holds.")


@router.post(
    "/documents", status_code=201, dependencies=[JsonBody], responses=problems(400, 413, 415, 503)
)
def new_document(body: NewDocument, services: ServicesOf, owner: OwnerOf) -> DocumentView:
    """Get a URL to upload a document to."""
    if body.size > MAX_BYTES:
        raise Problem("too-large", f"A document has at most {MAX_BYTES} bytes; send it in parts.")
    key = upload_key(owner, services.new_id(), body.format)
    return DocumentView(
        document=services.documents.uri(key),
        upload=Upload(url=services.documents.upload_link(key, body.size)),
        expires_in=LINK_SECONDS,
    )
