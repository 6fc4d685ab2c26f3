"""Webhooks of the stack on MiniStack, whose stream is polled as Lambda polls it."""

from __future__ import annotations

import json
from urllib.parse import urljoin

import httpx2

from infra.emulated.stack import running_emulated_stack
from tests.integration.receiver import receiver
from tests.ministack.stack import wait_for


def test_an_array_is_delivered_once_when_all_of_it_has_ended() -> None:
    with receiver() as found, running_emulated_stack(0) as url, httpx2.Client(base_url=url) as http:
        [secret] = http.get("/api/webhooks/secret").json()["secrets"]
        answer = http.post("/api/process", params={"webhook": found.url}, json=[{}, {}])
        wait_for(lambda: found.delivered, bool, "a delivery")
        batch = http.get(urljoin(str(answer.url), answer.headers["location"])).json()
        shown = wait_for(
            lambda: http.get(f"/api/task/{answer.json()[0]['task_id']}/deliveries").json(),
            lambda deliveries: deliveries["state"] == "DELIVERED",
            "the record of the attempt",
        )
    [delivered] = found.delivered
    assert delivered.is_signed_with(secret)
    assert json.loads(delivered.body) == batch
    assert [attempt["status"] for attempt in shown["attempts"]] == [204]
