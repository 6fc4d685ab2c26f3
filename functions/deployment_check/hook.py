"""CodeDeploy's hook: the check's verdict decides whether traffic shifts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hook:
    """Checks the new versions and tells CodeDeploy the verdict.

    Attributes:
        check: raises an exception if a version does not work.
        report: CodeDeploy's `put_lifecycle_event_hook_execution_status`.
    """

    check: Callable[[], None]
    report: Callable[..., Any]

    def run(self, event: Mapping[str, str]) -> None:
        """Check, and report the verdict on the deployment that the event names."""
        status = "Succeeded"
        try:
            self.check()
        except Exception:
            logger.exception("The new versions do not work, so the deployment is rolled back")
            status = "Failed"
        self.report(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )
