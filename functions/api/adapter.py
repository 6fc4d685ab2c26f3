"""From API Gateway's events to the application and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mangum import Mangum

from functions.api.errors import problem_response

if TYPE_CHECKING:
    from mangum.types import LambdaContext, LambdaEvent


class Adapter(Mangum):
    """Mangum, with an answer to what it cannot read: base64, a port or Unicode that is none.

    What goes wrong in the application never comes out of it as an error.
    """

    def __call__(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """Answer an event."""
        try:
            return super().__call__(event, context)
        except ValueError:
            problem = problem_response(
                "malformed", "The request cannot be read; check its headers."
            )
            return {
                "statusCode": problem.status_code,
                "headers": dict(problem.headers),
                "multiValueHeaders": {},
                "body": bytes(problem.body).decode(),
                "isBase64Encoded": False,
            }
