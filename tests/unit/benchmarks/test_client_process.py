"""Tests of the client that is the same for every service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.client_process import CONNECTIONS, WAYS, measure

if TYPE_CHECKING:
    from tests.unit.benchmarks.conftest import FakeService

DRINKS = [["milk", "black tea"], ["water"], ["milk"]]


def run(service: FakeService, way: str, drinks: Any = DRINKS) -> float:
    return asyncio.run(measure(service.url, drinks, WAYS[way]))


def test_each_drink_has_a_request_and_a_caller_of_its_own(service: FakeService) -> None:
    assert run(service, "each") > 0
    assert sorted(service.submissions) == sorted([drink] for drink in DRINKS)
    assert len(set(service.keys.values())) == len(DRINKS)


def test_an_array_is_one_request(service: FakeService) -> None:
    assert run(service, "array") > 0
    assert service.submissions == [DRINKS]


@pytest.mark.parametrize("way", WAYS)
def test_the_caller_reads_each_result_until_it_is_final(service: FakeService, way: str) -> None:
    run(service, way)
    assert sorted(service.read) == sorted(2 * list(service.keys.items()))


def test_the_connections_are_kept_open(service: FakeService) -> None:
    run(service, "each", DRINKS * 20)
    assert len(service.connections) == CONNECTIONS


@pytest.mark.parametrize("way", WAYS)
def test_a_failed_task_is_an_error(service: FakeService, way: str) -> None:
    """A service that fails quickly must not appear to be fast."""
    service.status = "FAIL"
    with pytest.raises(RuntimeError, match="ended as"):
        run(service, way)


def test_a_success_without_a_result_is_an_error(service: FakeService) -> None:
    service.result = ""
    with pytest.raises(RuntimeError, match="ended as"):
        run(service, "each")


def test_a_refused_request_is_an_error(service: FakeService) -> None:
    service.code = 503
    with pytest.raises(RuntimeError, match="returned 503"):
        run(service, "each")


def test_a_lost_connection_is_an_error(service: FakeService) -> None:
    service.hangs_up = True
    with pytest.raises(ConnectionError, match="hung up"):
        run(service, "each")
