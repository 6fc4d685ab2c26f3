"""The formulas against known cases and against a discrete-event simulation."""

from __future__ import annotations

import heapq
import math
import random
from itertools import accumulate
from statistics import fmean, quantiles
from typing import TYPE_CHECKING

import pytest

from infra.capacity.formulas import Duration, Wait, erlang_c, occupied, queue_wait

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPONENTIAL = Duration(mean=1.0, variance=1.0, p50=math.log(2), p99=math.log(100))
ARRIVALS = 200_000


def simulated_waits(rate: float, service: Duration, servers: int, seed: int) -> Iterator[float]:
    """Yield the waits of Poisson arrivals at servers with lognormal service times."""
    chance = random.Random(seed)
    spread = math.sqrt(math.log1p(service.squared_variation))
    location = math.log(service.mean) - spread**2 / 2
    free_at = [0.0] * servers
    gaps = (chance.expovariate(rate) for _ in range(ARRIVALS))
    for arrival in accumulate(gaps):
        start = max(arrival, free_at[0])
        heapq.heapreplace(free_at, start + chance.lognormvariate(location, spread))
        yield start - arrival


@pytest.mark.parametrize("utilization", [0.1, 0.5, 0.9])
def test_one_server_with_exponential_service_is_mm1(utilization: float) -> None:
    """M/M/1: an arrival waits with probability u, for u / (1 - u) on average."""
    wait = queue_wait(utilization, EXPONENTIAL, 1)
    assert wait.probability == pytest.approx(utilization)
    assert wait.mean == pytest.approx(utilization / (1 - utilization))


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_the_percentiles_of_mm1_are_exact(share: float) -> None:
    """The share that waits longer than t is u exp(-(1 - u) t)."""
    longest = queue_wait(0.8, EXPONENTIAL, 1).percentile(share)
    assert 0.8 * math.exp(-0.2 * longest) == pytest.approx(1 - share)


def test_a_percentile_below_the_share_that_does_not_wait_is_zero() -> None:
    assert Wait(probability=0.3, mean=1.0).percentile(0.5) == 0


@pytest.mark.parametrize(
    ("servers", "load", "expected"), [(2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (5, 4.0, 0.5541)]
)
def test_erlang_c_has_the_tabulated_values(servers: int, load: float, expected: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(expected, abs=1e-4)


def test_erlang_c_is_stable_for_thousands_of_servers() -> None:
    """The factorials of the textbook formula overflow."""
    assert 0 < erlang_c(20_000, 19_900) < 1


def test_exponential_service_at_several_servers_is_mmc() -> None:
    """M/M/3 with two Erlang: the wait is C / (c - a)."""
    assert queue_wait(2.0, EXPONENTIAL, 3).mean == pytest.approx(4 / 9)


def test_constant_service_waits_half_as_long_as_exponential_service() -> None:
    """M/D/1: u / (2 (1 - u))."""
    wait = queue_wait(0.8, Duration.fixed(1.0), 1)
    assert wait.mean == pytest.approx(0.8 / (2 * 0.2))


def test_an_overloaded_queue_grows_without_end() -> None:
    assert queue_wait(2.0, Duration.fixed(1.0), 2).mean == math.inf


def test_littles_law() -> None:
    """Ten requests a second that each stay for two seconds occupy twenty."""
    assert occupied(10, 2.0) == 20


def test_a_lognormal_duration_has_its_percentiles_and_its_mean() -> None:
    chance = random.Random(1)
    duration = Duration.lognormal(p50=0.005, p99=0.020)
    spread = math.log(4) / 2.3263
    drawn = [chance.lognormvariate(math.log(0.005), spread) for _ in range(ARRIVALS)]
    cuts = quantiles(drawn, n=100)
    assert (cuts[49], cuts[98]) == pytest.approx((duration.p50, duration.p99), rel=0.02)
    assert fmean(drawn) == pytest.approx(duration.mean, rel=0.01)
    squares = fmean(value**2 for value in drawn) - fmean(drawn) ** 2
    assert squares == pytest.approx(duration.variance, rel=0.05)


@pytest.mark.parametrize(
    ("servers", "utilization", "variation"),
    [(1, 0.7, 0.2), (4, 0.8, 0.2), (10, 0.9, 0.05)],
)
def test_the_wait_is_that_of_a_simulation(
    servers: int, utilization: float, variation: float
) -> None:
    """The mean within 10%, the 99th percentile within 20%: the approximation and the sample err."""
    service = Duration(mean=0.03, variance=variation * 0.03**2, p50=0.03, p99=0.03)
    rate = utilization * servers / service.mean
    waits = list(simulated_waits(rate, service, servers, seed=1))
    wait = queue_wait(rate, service, servers)
    assert wait.mean == pytest.approx(fmean(waits), rel=0.10)
    assert wait.percentile(0.99) == pytest.approx(quantiles(waits, n=100)[98], rel=0.20)
