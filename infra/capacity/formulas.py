"""Closed formulas of queueing theory. Times are in seconds, rates per second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

P99: Final = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, slots=True)
class Duration:
    """A random duration: its mean and variance, its median and its 99th percentile.

    A sum has the exact mean and variance. Its percentiles are the sums of the percentiles, which
    is an upper bound for the 99th: the parts are rarely slow together.
    """

    mean: float
    variance: float
    p50: float
    p99: float

    @classmethod
    def fixed(cls, seconds: float) -> Duration:
        """Return a duration that never varies."""
        return cls(seconds, 0.0, seconds, seconds)

    @classmethod
    def lognormal(cls, p50: float, p99: float) -> Duration:
        """Return a lognormal duration with these percentiles.

        Source: Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1 (1994), ch. 14.
        """
        spread = math.log(p99 / p50) / P99
        mean = p50 * math.exp(spread**2 / 2)
        return cls(mean, mean**2 * math.expm1(spread**2), p50, p99)

    def __add__(self, other: Duration) -> Duration:
        return Duration(
            self.mean + other.mean,
            self.variance + other.variance,
            self.p50 + other.p50,
            self.p99 + other.p99,
        )

    def times(self, count: float) -> Duration:
        """Return the sum of independent durations, one after another."""
        return Duration(
            self.mean * count, self.variance * count, self.p50 * count, self.p99 * count
        )

    def mixed(self, other: Duration, share: float) -> Duration:
        """Return a duration that is the other one for this share of all cases, else this one.

        Its 99th percentile is that of the other one, unless fewer than 1% of the cases are.
        """
        mean = (1 - share) * self.mean + share * other.mean
        squares = (1 - share) * (self.variance + self.mean**2)
        squares += share * (other.variance + other.mean**2)
        p50 = (1 - share) * self.p50 + share * other.p50
        return Duration(mean, squares - mean**2, p50, other.p99 if share > 0.01 else self.p99)  # noqa: PLR2004

    @property
    def squared_variation(self) -> float:
        """The squared coefficient of variation: 0 if it never varies, 1 if exponential."""
        return self.variance / self.mean**2


def occupied(rate: float, seconds: float) -> float:
    """Return how many are present on average if they arrive at this rate and stay this long.

    Source: Little, A Proof for the Queuing Formula L = λW, Operations Research 9 (1961).
    """
    return rate * seconds


def erlang_c(servers: int, load: float) -> float:
    """Return the probability that an arrival in M/M/c waits; the load is in Erlang.

    The recursion of Erlang's formula B is stable for thousands of servers.
    Source: Cooper, Introduction to Queueing Theory (1981), ch. 3.
    """
    if load >= servers:
        return 1.0
    blocking = 1.0
    for count in range(1, servers + 1):
        blocking = load * blocking / (count + load * blocking)
    return servers * blocking / (servers - load * (1 - blocking))


@dataclass(frozen=True, slots=True)
class Wait:
    """The time in a queue: its probability of being positive, and its mean including zeros."""

    probability: float
    mean: float

    def percentile(self, share: float) -> float:
        """Return the time that this share of all arrivals does not exceed.

        A positive wait is taken to be exponential, which is exact for M/M/c and asymptotically
        right for others. Source: Tijms, A First Course in Stochastic Models (2003), section 9.6.
        """
        if self.probability <= 1 - share:
            return 0.0
        return self.mean / self.probability * math.log(self.probability / (1 - share))


def queue_wait(
    rate: float, service: Duration, servers: int, arrival_variation: float = 1.0
) -> Wait:
    """Return the wait in G/G/c by the Allen-Cunneen approximation.

    It is exact for M/M/c, and for M/G/1 (the Pollaczek-Khinchine formula). `arrival_variation` is
    the squared coefficient of variation of the times between arrivals: 1 for Poisson arrivals.
    Source: Allen, Probability, Statistics, and Queueing Theory (1990), section 5.3.4.
    """
    load = rate * service.mean
    if load >= servers:
        return Wait(1.0, math.inf)
    probability = erlang_c(servers, load)
    exponential = probability * service.mean / (servers - load)
    return Wait(probability, exponential * (arrival_variation + service.squared_variation) / 2)


def peak(mean: float) -> float:
    """Return the 99th percentile of how many are present if none of them waits.

    The number present in M/G/∞ has a Poisson distribution, here in its normal approximation.
    Source: Tijms, A First Course in Stochastic Models (2003), section 1.1.3.
    """
    return mean + P99 * math.sqrt(mean)
