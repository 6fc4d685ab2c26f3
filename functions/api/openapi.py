"""The description at /openapi.json: what FastAPI derives, and what it cannot derive."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI

from functions.api.problems import MEDIA_TYPE
from functions.api.schemas.answers import describe_answers
from functions.api.schemas.requests import (
    DOCUMENT_BODY,
    NewDocument,
    submission_body,
    submission_schemas,
)
from functions.api.webhook_description import SCHEMAS, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Sequence

# Responses to any request, from the middleware and the gateway.
EVERYWHERE: Final[tuple[int, ...]] = (414, 429, 431, 503)
WITH_KEY: Final[tuple[int, ...]] = (403,)

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "What is wrong, and what to do next (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:barback:problem:[a-z-]+$"},
        "title": {"type": "string", "minLength": 1},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "minLength": 1},
        "index": {
            "type": "integer",
            "minimum": 0,
            "description": "The index of the drink in the array.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "detail"],
                "properties": {"at": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "unknown": {
            "type": "array",
            "description": "Each unknown name, with the most similar known names.",
            "items": {
                "type": "object",
                "required": ["name", "nearest"],
                "properties": {
                    "name": {"type": "string"},
                    "nearest": {"type": "array", "items": {"type": "string"}},
                    "alcohol": {
                        "type": "boolean",
                        "description": "True if this is an alcoholic drink and the model has none.",
                    },
                },
            },
        },
        "task_status": {"type": "string", "description": "The status of the task."},
    },
}

# Headers of responses, by name.
LATER: Final[dict[str, Any]] = {
    "Retry-After": {
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "description": "Seconds to wait before asking again.",
    }
}
LOCATION: Final[dict[str, Any]] = {
    "Location": {
        "schema": {"type": "string"},
        "description": "The URL of the result, or of the batch if there are several tasks.",
    }
}
APPLIED: Final[dict[str, Any]] = {
    "Preference-Applied": {
        "schema": {"type": "string", "pattern": "^wait=[0-9]+$"},
        "description": "The preference that was applied.",
    }
}
LANGUAGE: Final[dict[str, Any]] = {
    "Content-Language": {
        "required": True,
        "schema": {"type": "string", "enum": ["en", "ru"]},
        "description": "The language of the names.",
    }
}
# The groups of operations.
TAGS: Final[list[dict[str, Any]]] = [
    {"name": "tasks", "description": "Submit, wait, read, cancel, retry."},
    {"name": "webhooks", "description": "Secrets, and the attempts to deliver a result."},
    {"name": "documents", "description": "Upload files whose lines are answered as one task."},
    {"name": "service", "description": "Queues, names that the model knows, and health."},
]
# The calls that take the id of a submitted task.
LINKS: Final[dict[str, Any]] = {
    call: {"operationId": operation, "parameters": {"task_id": "$response.body#/0/task_id"}}
    for call, operation in {
        "status": "get_status",
        "result": "get_result",
        "cancel": "cancel_task",
        "retry": "retry_task",
        "deliveries": "list_deliveries",
        "redeliver": "redeliver_task",
    }.items()
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problem responses of a route, by status."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    description = f"{HTTPStatus(status).phrase}: a problem (RFC 9457)"
    response: dict[str, Any] = {"description": description, "content": content}
    if status in (429, 503):
        response["headers"] = LATER
    return response


class DescribedApi(FastAPI):
    """FastAPI with a complete description."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, which is built on the first call."""
        if self.openapi_schema is None:
            schema = super().openapi()
            registry = self.state.services.registry
            schemas = schema["components"]["schemas"]
            schemas |= submission_schemas(registry) | SCHEMAS | {"Problem": PROBLEM}
            schemas[NewDocument.__name__] = NewDocument.model_json_schema()
            describe_answers(schemas, registry)
            schema["webhooks"] = WEBHOOKS
            schema["paths"]["/api/process"]["post"]["requestBody"] = submission_body(registry)
            schema["paths"]["/api/documents"]["post"]["requestBody"] = DOCUMENT_BODY
            for operations in schema["paths"].values():
                for operation in operations.values():
                    _complete(operation)
                    _name_kinds(operation, registry.kinds)
        return super().openapi()


def _name_kinds(operation: dict[str, Any], kinds: Sequence[str]) -> None:
    """Describe a parameter `kind` by the kinds of this deployment."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "kind":
            parameter["schema"] = {"type": "string", "enum": list(kinds)}


def _complete(operation: dict[str, Any]) -> None:
    statuses = EVERYWHERE
    if "security" in operation:
        statuses = EVERYWHERE + WITH_KEY
        # The gateway requires the key; without a gateway, no key is needed.
        operation["security"].insert(0, {})
    for status in statuses:
        operation["responses"].setdefault(str(status), _problem(status))
