"""The entry point: CodeDeploy invokes it before it shifts traffic."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from functions.deployment_check.bootstrap import bootstrap

if TYPE_CHECKING:
    from tasks.task import JsonObject

hook: Final = bootstrap(os.environ)


def handler(event: JsonObject, _context: object) -> None:
    """Check the new versions, and tell CodeDeploy the verdict."""
    hook.run(event)
