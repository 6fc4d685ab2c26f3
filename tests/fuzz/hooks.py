"""What schemathesis loads: checks of this API's own, beside all of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import schemathesis

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, Response

# What no schema can say: which names there are, and what excludes what.
OF_MEANING: Final = {
    "ambiguous",
    "document-not-found",
    "key-reused",
    "nothing-to-suggest",
    "task-not-found",
    "unknown-ingredient",
}


@schemathesis.check
def refused_for_its_meaning(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """What the schema allows is refused only for what no schema can say."""
    is_allowed = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_allowed or response.status_code not in (400, 404, 422):
        return
    problem = response.json()
    slug = problem["type"].removeprefix("urn:barback:problem:")
    if slug == "invalid":
        # To the schema, the names in ingredients_joined are one string.
        shape = [item for item in problem.get("errors", ()) if item["at"].startswith("body")]
        assert not shape, f"The schema allows what is refused as invalid: {shape}"
    else:
        assert slug in OF_MEANING, f"The schema allows what is refused as {slug}."


@schemathesis.check
def refused_in_a_sentence(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Whatever is refused says so in a sentence, and shows nothing of the inside."""
    assert "Traceback" not in response.text
    if response.status_code >= 400 and case.method != "HEAD":
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["detail"].endswith((".", "?")), problem["detail"]
