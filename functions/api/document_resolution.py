"""From the body of a request with a document to its submission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.api.name_resolution import (
    Requested,
    check_delivery,
    deadline_of,
    normal_form,
    placed,
    refuse_long_deadline,
    unknown_names,
)
from functions.api.problems import Problem, invalid
from functions.api.schemas.requests import CONTENT, DOCUMENT_FIELDS, LINES, DocumentDelivery
from pipelines.errors import FieldError
from suggester.errors import IngredientsUnknown
from suggester.inputs import NOT_A_TEXT, InputReader
from tasks.document_keys import MAX_LINES, format_of
from tasks.errors import BucketRefused, DocumentMisnamed
from tasks.inline_document import InlineDocument
from tasks.other_buckets import document_name
from tasks.submission import Submission
from tasks.task import Lane

if TYPE_CHECKING:
    from functions.api.bootstrap import Services
    from suggester.vocabulary import Language


def is_document(body: Any) -> bool:
    """Whether the body names a document, or has the lines of one."""
    return isinstance(body, dict) and not body.keys().isdisjoint(("document", LINES))


def read_document(
    body: dict[str, Any], services: Services, owner: str, language: Language
) -> Requested:
    """Return the submission of a document, whose lines the worker will read.

    Raises:
        DocumentNotFound: the document does not belong to the owner.
        Problem: the options have a wrong form.
    """
    errors = services.registry.check(body, DOCUMENT_FIELDS, partial=True)
    errors += check_delivery(body, DocumentDelivery)
    for name in CONTENT & body.keys():
        errors.append(FieldError(name, "belongs to the lines of the document; remove it"))
    if LINES in body:
        errors += _check_lines(body)
    if errors:
        raise invalid(placed(errors, "body"))
    sent = normal_form(body, services.registry)
    document = InlineDocument.of(owner, body[LINES]) if LINES in body else None
    try:
        name = document.key if document else _document_name(body["document"], services, owner)
        defaults = InputReader(services.registry, services.vocabulary).read_defaults(body)
        if any(isinstance(line, str) for line in body.get(LINES, ())):
            _refuse_unreadable_texts(defaults, services, LINES)
        if format_of(name) == "text":
            _refuse_unreadable_texts(defaults, services, "document")
        refuse_long_deadline(body, services.tasks.deadline)
    except IngredientsUnknown as error:
        return Requested([sent], [], unknown_names(error, services.vocabulary, can_ignore=False))
    except Problem as refusal:
        return Requested([sent], [], refusal)
    fields = {"document": name, "language": language, "defaults": defaults}
    submission = Submission(
        fields, Lane.DOCUMENT, deadline_of(body), sent, metadata=body.get("metadata")
    )
    return Requested([sent], [submission], document=document)


def _check_lines(body: dict[str, Any]) -> list[FieldError]:
    """Return what is wrong with the lines as a whole; the worker checks each of them."""
    lines = body[LINES]
    if "document" in body:
        return [FieldError(LINES, "cannot be combined with document; send one of the two")]
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        return [FieldError(LINES, f"must be a list of 1 to {MAX_LINES} lines of a document")]
    return []


def _document_name(uri: str, services: Services, owner: str) -> str:
    """Return the name of a document for the worker."""
    try:
        return document_name(services.documents, services.settings.other_buckets, owner, uri)
    except BucketRefused as error:
        raise Problem("document-not-found", str(error)) from error
    except DocumentMisnamed as error:
        raise invalid([("body.document", str(error))]) from error


def _refuse_unreadable_texts(defaults: dict[str, Any], services: Services, field: str) -> None:
    """Refuse a document with lines of text if its kind cannot read them."""
    if not InputReader(services.registry, services.vocabulary, defaults).reads_texts:
        raise invalid([(f"body.{field}", NOT_A_TEXT)])
