"""botocore's own retries: its standard mode decides, and virtual time passes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.retries import quota, standard

from infra.simulation.aws.errors import operation_model

if TYPE_CHECKING:
    from collections.abc import Callable


class Retries:
    """The retries of a client.

    Args:
        service: the name of the service.
        attempts: the largest number of attempts of a call.
        random: returns a number from 0 to 1, for the pauses.
    """

    def __init__(self, service: str, attempts: int, random: Callable[[], float]) -> None:
        self._service = service
        self._quota = quota.RetryQuota()
        adapter = standard.RetryEventAdapter()
        detector = standard.ThrottlingErrorDetector(adapter)
        backoff = standard.ExponentialBackoff(
            random=random, service_name=service, throttling_detector=detector
        )
        checker: Any = standard.RetryQuotaChecker(self._quota, detector)
        self._handler = standard.RetryHandler(
            retry_policy=standard.RetryPolicy(_conditions(attempts), backoff),
            retry_event_adapter=adapter,
            retry_quota=checker,
            service_name=service,
        )

    def delay(
        self, operation: str, attempt: int, error: Exception, context: dict[str, Any]
    ) -> float | None:
        """Return the seconds before the next attempt, or None if there is none."""
        response = None
        if isinstance(error, ClientError):
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raw: Any = None
            response = (AWSResponse("", status, HTTPHeaders(), raw), error.response)
        delay: float | None = self._handler.needs_retry(
            response=response,
            attempts=attempt,
            operation=operation_model(self._service, operation),
            caught_exception=None if response else error,
            request_dict={"context": context},
        )
        return delay

    def succeeded(self, context: dict[str, Any]) -> None:
        """Regain capacity for retries after a call whose attempts had this context."""
        self._quota.release(context.get("retry_quota_capacity", 1))


@cache
def _conditions(attempts: int) -> standard.StandardRetryConditions:
    return standard.StandardRetryConditions(attempts)
