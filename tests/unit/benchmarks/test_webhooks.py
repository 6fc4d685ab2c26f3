from __future__ import annotations

import json

import httpx2
import pytest

from benchmarks.webhooks import Receiver, delay_of, serving
from tasks.ids import new_task_id
from tests.fakes import NOW


def result(status: str = "SUCCESS") -> dict[str, object]:
    return {"task_id": new_task_id(NOW), "status": status, "timings": {"total": 0.25}}


def test_the_delay_begins_when_the_task_ends() -> None:
    assert delay_of(result(), NOW + 0.75) == pytest.approx(0.5, abs=0.002)


def test_a_task_that_failed_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="unexpected"):
        delay_of(result("FAIL"), NOW)


def test_a_receiver_is_complete_after_its_last_delivery() -> None:
    with serving(Receiver(2)) as receiver, httpx2.Client(trust_env=False) as http:
        body = json.dumps(result()).encode()
        assert http.post(receiver.url, content=body).status_code == 204
        assert not receiver.complete.is_set()
        http.post(receiver.url, content=body)
        assert receiver.complete.is_set()


def test_a_receiver_that_hangs_answers_only_in_the_end() -> None:
    with serving(Receiver(1, hangs=True)) as receiver, httpx2.Client(trust_env=False) as http:
        with pytest.raises(httpx2.ReadTimeout):
            http.post(receiver.url, content=b"{}", timeout=0.2)
        assert receiver.delays == []
