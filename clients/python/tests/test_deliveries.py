"""Webhooks: who gets the results, with which secrets, and what came of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from barback import Barback, Drink, Retries, Run
from barback._deliveries import deliveries, redeliver, webhook_secrets
from barback._endpoint import Endpoint
from barback._requests import SubmitOptions
from barback._service import Service
from barback._session import Session
from clients.python.tests.fakes import FakeTransport, respond, task_json

if TYPE_CHECKING:
    from collections.abc import Coroutine

RECEIVER = "https://bar.example/hook?a=b&c"
OPTIONS = SubmitOptions(webhook=RECEIVER)


def service_over(transport: FakeTransport) -> Service:
    return Service(Session(transport, Endpoint("http://bar", "", "en", 10.0), Retries()))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_each_request_of_a_submission_names_the_webhook() -> None:
    accepted = (respond(202, [task_json(n) for n in range(count)]) for count in (99, 1))
    transport = FakeTransport(*accepted)
    run(service_over(transport).submit([Drink()] * 100, OPTIONS))
    assert [request.url.params["webhook"] for request in transport.requests] == [RECEIVER] * 2


def test_the_submission_of_a_document_names_the_webhook() -> None:
    upload = {"method": "PUT", "url": "http://store/doc"}
    created = respond(201, {"document": "s3://b/doc", "upload": upload})
    transport = FakeTransport(created, httpx2.Response(200), respond(202, [task_json(1)]))
    run(service_over(transport).submit_document(b"[]", "jsonl", None, OPTIONS))
    queries = [request.url.params.get("webhook") for request in transport.requests]
    assert queries == [None, None, RECEIVER]


@pytest.mark.parametrize(
    "option",
    [{"webhook": RECEIVER}, {"idempotency_key": "k"}, {"ignore_unknown": True}, {"wait": 1.0}],
    ids=str,
)
def test_a_run_has_its_own_options(option: dict[str, Any]) -> None:
    """Its resume file keeps them."""
    with Barback("http://bar") as bar, pytest.raises(ValueError, match="A Run has its own options"):
        bar.submit(Run([Drink()]), **option)


def test_the_secrets_are_fetched_and_rotated() -> None:
    transport = FakeTransport(respond(200, {"secrets": ["a"]}), respond(200, {"secrets": ["b"]}))
    bar = service_over(transport)
    assert (run(webhook_secrets(bar, "GET")), run(webhook_secrets(bar, "POST"))) == (["a"], ["b"])
    assert [request.method for request in transport.requests] == ["GET", "POST"]


def test_the_attempts_of_a_delivery_are_shown_and_started_again() -> None:
    attempts = [{"at": "2026-11-27T15:00:00.125000Z", "status": None, "reason": "timeout"}]
    shown = {"webhook": RECEIVER, "state": "PENDING", "attempts": attempts}
    transport = FakeTransport(respond(200, shown), respond(202, shown))
    bar = service_over(transport)
    delivery = run(deliveries(bar, "task-1"))
    assert (delivery.webhook, delivery.state) == (RECEIVER, "PENDING")
    [attempt] = delivery.attempts
    assert attempt.at == datetime(2026, 11, 27, 15, 0, 0, 125_000, UTC)
    assert (attempt.status, attempt.reason) == (None, "timeout")
    assert run(redeliver(bar, "task-1")) == delivery
    assert [(request.method, request.url.path) for request in transport.requests] == [
        ("GET", "/api/task/task-1/deliveries"),
        ("POST", "/api/task/task-1/redeliver"),
    ]
