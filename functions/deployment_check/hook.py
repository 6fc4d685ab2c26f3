"""CodeDeploy's hook: the check's verdict decides whether traffic shifts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hook:
    """Checks the new versions and tells CodeDeploy the verdict.

    Attributes:
        check: raises an exception if a version does not work.
        report: tells CodeDeploy the status of the deployment that an event names.
    """

    check: Callable[[], None]
    report: Callable[[Mapping[str, str], str], None]

    def run(self, event: Mapping[str, str]) -> None:
        """Check, and report the verdict on the deployment that the event names."""
        status = "Succeeded"
        try:
            self.check()
        except Exception:
            logger.exception("The new versions do not work, so the deployment is rolled back")
            status = "Failed"
        self.report(event, status)
