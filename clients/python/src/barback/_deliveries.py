"""Deliveries of results to webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from barback._parsing import parse_response
from barback._requests import deliveries_request, redeliver_request, secrets_request
from barback._service import id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from barback._responses import Task
    from barback._service import Service


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of a delivery.

    Args:
        status: the status of the receiver's answer; None if there was none.
        reason: why there was no answer; None if there was one.
    """

    at: datetime
    status: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of a result to its webhook.

    Args:
        webhook: the URL of the receiver; None if the task has none.
        state: `PENDING`, `DELIVERED` or `FAILED`; None if there is no delivery yet.
        attempts: all attempts, in the order in which they began.
    """

    webhook: str | None
    state: str | None
    attempts: tuple[Attempt, ...]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Delivery:
        """Read a delivery from a response."""
        attempts = tuple(
            Attempt(datetime.fromisoformat(each["at"]), each["status"], each["reason"])
            for each in body["attempts"]
        )
        return cls(body["webhook"], body["state"], attempts)


async def webhook_secrets(service: Service, method: Literal["GET", "POST"]) -> list[str]:
    """Return the secrets of webhooks, for POST after a rotation."""
    response = await service.session.send(secrets_request(method))
    return parse_response(response, lambda body: [str(each) for each in body["secrets"]])


async def deliveries(service: Service, task: Task | str) -> Delivery:
    """Return the delivery of a task's result to its webhook."""
    response = await service.session.send(deliveries_request(id_of(task)))
    return parse_response(response, Delivery.from_json)


async def redeliver(service: Service, task: Task | str) -> Delivery:
    """Start a delivery again."""
    response = await service.session.send(redeliver_request(id_of(task)))
    return parse_response(response, Delivery.from_json)
