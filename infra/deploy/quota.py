"""Settings for an account with few concurrent executions.

The four queues share the executions with the requests. The defaults of the template are meant for
100 unreserved executions or more, which AWS also requires before functions can reserve some. With
fewer, the workers of each queue get an eighth of the executions, so those of all four get half, and
the longest wait is a fifth of the executions in seconds. With 10 executions these are 2 workers,
the smallest number that Lambda accepts, and 2 seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from infra.deploy.errors import DENIED, error_code, translate_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.deploy.account import Target
    from infra.deploy.stack import Stack

CONCURRENCY: Final = "MaximumConcurrency"
WAIT: Final = "LongestWaitSeconds"
QUEUES: Final = 4
ENOUGH: Final = 100
# The executions per unit of each parameter, and the smallest value that the template allows.
RULES: Final = {CONCURRENCY: (8, 2), WAIT: (5, 1)}
QUOTA_CODE: Final = "L-B99A9384"  # "Concurrent executions" in Service Quotas
USUAL_QUOTA: Final = 1000


@dataclass(frozen=True)
class Adjustment:
    """The parameters that a deployment passes because of the quota, and the reason."""

    parameters: Mapping[str, int] = field(default_factory=dict)
    explanation: str = ""

    @property
    def arguments(self) -> list[str]:
        """Return the parameters as arguments of `--parameter-overrides`."""
        return [f"{name}={value}" for name, value in self.parameters.items()]


def unreserved_executions(lambda_: Any) -> int | None:
    """Return how many executions no function reserves, or None if that may not be read.

    Raises:
        DeployError: AWS cannot be reached.
    """
    with translate_errors():
        try:
            limits = lambda_.get_account_settings()["AccountLimit"]
        except ClientError as error:
            if error_code(error) in DENIED:
                return None
            raise
    unreserved: int = limits["UnreservedConcurrentExecutions"]
    return unreserved


def fit(executions: int, parameter: str, default: int) -> int:
    """Return the value of a parameter for so many unreserved executions."""
    if executions >= ENOUGH:
        return default
    divisor, minimum = RULES[parameter]
    return min(default, max(minimum, executions // divisor))


def adjust(
    executions: int | None, defaults: Mapping[str, int], stack: Stack | None, target: Target
) -> Adjustment:
    """Return the parameters to pass.

    CloudFormation keeps the value of a parameter that is not passed. A value that is not in
    samconfig.toml is therefore passed unless it is the default and the stack has no other one.
    """
    free = {name: value for name, value in defaults.items() if not target.stage.sets(name)}
    if executions is None:
        return Adjustment(
            explanation="The credentials do not permit lambda:GetAccountSettings, so the quota of "
            f"concurrent executions is not checked, and {CONCURRENCY} and {WAIT} do not change."
        )
    fitting = {name: fit(executions, name, default) for name, default in free.items()}
    present = stack.parameters if stack else {}
    passed = {
        name: value
        for name, value in fitting.items()
        if value != defaults[name] or present.get(name, str(value)) != str(value)
    }
    lowered = {name: value for name, value in fitting.items() if value != defaults[name]}
    if lowered:
        return Adjustment(passed, _explain_small_quota(executions, lowered, defaults, target))
    return Adjustment(passed, _explain_reset(passed, present))


def _explain_reset(passed: Mapping[str, int], present: Mapping[str, str]) -> str:
    changes = [f"{name} from {present[name]} to {value}" for name, value in passed.items()]
    if not changes:
        return ""
    return f"samconfig.toml does not set them, so the defaults return: {', '.join(changes)}."


def _explain_small_quota(
    executions: int, lowered: Mapping[str, int], defaults: Mapping[str, int], target: Target
) -> str:
    changes = " and ".join(
        f"{name}={value} (instead of {defaults[name]})" for name, value in lowered.items()
    )
    request = target.cli(
        f"service-quotas request-service-quota-increase --service-code lambda "
        f"--quota-code {QUOTA_CODE} --desired-value {USUAL_QUOTA}"
    )
    return (
        f"In {target.region}, this account has {executions} concurrent executions of Lambda that "
        f"no function reserves, and the defaults need {ENOUGH}. Every request, every batch of "
        "drinks or webhooks and every document occupies one, and a request that waits for its "
        f"result keeps it. This deployment therefore sets {changes}: fewer workers for each of the "
        f"{QUEUES} queues and shorter waits, so that other requests still find a free execution. "
        "Under load, tasks stay in their queues for longer, and some requests get a 503. "
        f"Request a higher quota; the next deployment then returns to the defaults:\n  {request}\n"
        f"Values in parameter_overrides in samconfig.toml are never changed."
    )
