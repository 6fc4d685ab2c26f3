"""Checks that schemathesis runs in addition to its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import schemathesis

from functions.api.schemas.requests import SEVERAL, SEVERAL_IN_DOCUMENT, SEVERAL_IN_LINES

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, HookContext, Response

# Errors that a schema cannot describe, such as an unknown name or conflicting values.
SEMANTIC_ERRORS: Final = {
    "ambiguous",
    "batch-not-found",
    "cursor-invalid",
    "document-not-found",
    "key-reused",
    "nothing-to-suggest",
    "task-not-found",
    "unknown-ingredient",
}


# What a field must be in relation to others, which a schema cannot describe.
RELATIONS: Final = ("cannot be combined with", "must be one of the ingredients")


@schemathesis.hook
def before_load_schema(_: HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave out inputs of several kinds, because schemathesis cannot resolve their conditions.

    tests/unit/functions/test_pipeline_description.py compares them with the check of requests.
    """
    body = raw_schema["paths"]["/api/process"]["post"]["requestBody"]["content"]
    schema = body["application/json"]["schema"]
    names = SEVERAL, SEVERAL_IN_DOCUMENT, SEVERAL_IN_LINES
    conditional = {f"#/components/schemas/{name}" for name in names}
    array = next(each for each in schema["anyOf"] if each.get("type") == "array")
    for container in (schema, array["items"]):
        container["anyOf"] = [e for e in container["anyOf"] if e.get("$ref") not in conditional]


@schemathesis.check
def only_semantic_errors_for_valid_requests(
    _: CheckContext, response: Response, case: Case[Any]
) -> None:
    """Require a reason that no schema can describe if a request that matches it is rejected."""
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_valid or response.status_code not in (400, 404, 422):
        return
    problem = response.json()
    slug = problem["type"].removeprefix("urn:barback:problem:")
    if slug == "invalid":
        # In the schema, ingredients_joined is a single string, so errors in its names are excused.
        errors = [
            item
            for item in problem.get("errors", ())
            if item["at"].startswith("body") and not item["detail"].startswith(RELATIONS)
        ]
        assert not errors, f"The schema allows a body that is rejected as invalid: {errors}"
    else:
        assert slug in SEMANTIC_ERRORS, f"The schema allows a request that is rejected as {slug}."


@schemathesis.check
def readable_errors(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Require a detail that is a sentence in each error, and no stack trace anywhere."""
    assert "Traceback" not in response.text
    if response.status_code >= 400 and case.method != "HEAD":
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["detail"].endswith((".", "?")), problem["detail"]
