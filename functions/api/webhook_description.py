"""The description of deliveries, in the `webhooks` of OpenAPI."""

from __future__ import annotations

from typing import Any, Final

_HEADERS: Final[dict[str, tuple[str, bool]]] = {
    "webhook-id": ("The id of the delivery, which is the same in each attempt.", True),
    "webhook-timestamp": ("When the attempt was made, in seconds since the epoch.", True),
    "webhook-signature": ("A signature `v1,…` for each valid secret, with spaces between.", True),
    "traceparent": ("That of the submission, if it had one.", False),
}
_BODIES: Final = ("TaskResult", "BatchResult", "ResultLink")

SCHEMAS: Final[dict[str, Any]] = {
    "ResultLink": {
        "type": "object",
        "title": "ResultLink",
        "description": "Where to get a result or a batch whose JSON is larger than 128 KiB.",
        "required": ["url_result"],
        "properties": {
            "task_id": {"type": "string"},
            "status": {"$ref": "#/components/schemas/Status"},
            "batch_id": {"type": "string"},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "url_result": {"type": "string"},
        },
    }
}
WEBHOOKS: Final[dict[str, Any]] = {
    "delivery": {
        "post": {
            "summary": "Delivery of a result",
            "description": "A task, or all of an array, has ended. Sent to the `webhook` of the "
            "submission and signed as Standard Webhooks says; docs/api.md has the details.",
            "operationId": "delivery",
            "parameters": [
                {
                    "name": name,
                    "in": "header",
                    "required": required,
                    "schema": {"type": "string"},
                    "description": text,
                }
                for name, (text, required) in _HEADERS.items()
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in _BODIES]
                        }
                    }
                },
            },
            "responses": {
                "2XX": {"description": "The delivery is accepted"},
                "410": {"description": "No further attempts are made"},
                "default": {"description": "Further attempts follow"},
            },
        }
    }
}
