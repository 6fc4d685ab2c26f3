"""The capacity model: its numbers, its limits, its bills, and the documentation made from it."""

from __future__ import annotations

import ast
import heapq
import inspect
import math
import random
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import accumulate
from statistics import fmean, quantiles
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from functions.worker.batch import MAX_WRITE_THREADS
from infra.capacity import costs, limits, quotas, tables
from infra.capacity.__main__ import app
from infra.capacity.deliveries import ATTEMPT, Deliveries, sending, starting
from infra.capacity.documents import ROOT, documents
from infra.capacity.features import features
from infra.capacity.inputs import ServiceTimes, Stack
from infra.capacity.model import TABLE_CALL, WAYS, Demand, Model
from infra.local.template import read_template
from presentation import cost
from tasks.aws import prices

if TYPE_CHECKING:
    from pathlib import Path

POLLED, WAITING, ARRAYS, DELIVERED = WAYS
ROUND_TIMES = ServiceTimes(
    date="2026-11-27",
    machine="test",
    python="3.13",
    milliseconds={
        "submit one drink": 2.0,
        "submit an array of 100 drinks": 20.0,
        "poll a task that is not final": 1.0,
        "read a result": 1.0,
        "process a batch of 1": 2.0,
        "process a batch of 10": 11.0,
        "process a batch of 100": 101.0,
    },
)
STACK = replace(Stack.of_template(), api_memory=1769, key_rate=1e6, key_daily_quota=10**12)
MODEL = Model(STACK, ROUND_TIMES)
MESSAGES = 20_000


@cache
def project() -> Model:
    return Model(Stack.of_template(), ServiceTimes.read())


@cache
def generated() -> dict[Path, str]:
    return documents(project())


def simulated_times(model: Model, rate: float, servers: int, seed: int) -> list[float]:
    """Return the times from the queue to the end of the work.

    Each free worker takes the messages that wait, up to a full batch.
    """
    chance = random.Random(seed)
    source = model.stack.sources["Interactive"]
    spread = math.log(TABLE_CALL.p99 / TABLE_CALL.p50) / 2.3263
    arrivals = list(accumulate(chance.expovariate(rate) for _ in range(MESSAGES)))
    free_at, first, times = [0.0] * servers, 0, list[float]()
    while first < MESSAGES:
        start = max(free_at[0], arrivals[first])
        last = first + 1
        while last < min(MESSAGES, first + source.batch_size) and arrivals[last] <= start:
            last += 1
        rounds = math.ceil((last - first) / MAX_WRITE_THREADS)
        work = model.work(source, last - first).mean - rounds * TABLE_CALL.mean
        work += sum(chance.lognormvariate(math.log(TABLE_CALL.p50), spread) for _ in range(rounds))
        heapq.heapreplace(free_at, start + work)
        times += [start + work - arrival for arrival in arrivals[first:last]]
        first = last
    return times


@pytest.mark.parametrize("servers", [10, 50])
@pytest.mark.parametrize("utilization", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_tasks_wait_no_longer_than_the_model_says(utilization: float, servers: int) -> None:
    """The simulated times are at most 5% above the model's, and at most 50% below."""
    model = project()
    source = model.stack.sources["Interactive"]
    full = model.work(source, source.batch_size).mean
    rate = utilization * servers * source.batch_size / full
    times = simulated_times(model, rate, servers, seed=1)
    found = model.batches(source, rate, servers)
    assert 0.5 * found.mean < fmean(times) < 1.05 * found.mean
    cuts = quantiles(times, n=100)
    assert 0.5 * found.percentile(0.5) < cuts[49] < 1.05 * found.percentile(0.5)
    assert 0.5 * found.percentile(0.99) < cuts[98] < 1.05 * found.percentile(0.99)


def test_more_tasks_than_full_batches_can_hold_wait_for_ever() -> None:
    source = MODEL.stack.sources["Interactive"]
    capacity = 10 * source.batch_size / MODEL.work(source, source.batch_size).mean
    assert math.isfinite(MODEL.batches(source, 0.99 * capacity, servers=10).mean)
    assert MODEL.batches(source, 1.01 * capacity, servers=10).mean == math.inf


def test_the_needed_workers_are_busy_to_four_fifths() -> None:
    source = MODEL.stack.sources["Interactive"]
    full = MODEL.work(source, source.batch_size).mean
    assert MODEL.needed_workers(source, 8 * 100 * source.batch_size / full) == 1000


def test_a_worker_with_less_than_a_processor_takes_longer() -> None:
    """Lambda gives one processor for 1,769 MB. Eight threads write the rows of a batch."""
    source = replace(MODEL.stack.sources["Interactive"], memory=1769)
    assert MODEL.work(source, 10).mean == pytest.approx(0.011 + 2 * TABLE_CALL.mean)
    half = replace(source, memory=1769 // 2)
    assert MODEL.work(half, 10).mean == pytest.approx(0.022 + 2 * TABLE_CALL.mean, rel=0.01)


def test_service_times_are_interpolated_between_the_measured_batches() -> None:
    assert ROUND_TIMES.batch_seconds(1) == pytest.approx(0.002)
    assert ROUND_TIMES.batch_seconds(5.5) == pytest.approx(0.0065)
    assert ROUND_TIMES.batch_seconds(55) == pytest.approx(0.056)
    assert ROUND_TIMES.batch_seconds(100) == pytest.approx(0.101)


def test_pollers_share_an_array_and_wait_for_their_window() -> None:
    """Five pollers take 20 of its 100 tasks each."""
    found = MODEL.demand(ARRAYS, 1)
    assert found.batch == 20
    assert 1 < found.p50 < 1.5


def test_at_a_high_rate_pollers_collect_full_batches_in_less_than_their_window() -> None:
    demand = MODEL.demand(ARRAYS, 10_000)
    assert demand.batch == 100
    assert demand.p50 < MODEL.demand(ARRAYS, 1).p50


def test_a_waiting_request_reads_after_growing_pauses() -> None:
    """After 20, 30 and 45 ms, each time for the time of a read."""
    read = 0.001 + TABLE_CALL.mean
    reads, seconds = MODEL.wait_in_request(0.1)
    assert reads == 3
    assert seconds == pytest.approx(0.095 + 3 * read)


def test_a_waiting_request_ends_at_the_longest_wait() -> None:
    _, seconds = MODEL.wait_in_request(math.inf)
    assert MODEL.stack.longest_wait <= seconds < MODEL.stack.longest_wait + 1


def test_a_waiting_caller_sends_one_request_and_a_polling_one_three() -> None:
    assert MODEL.demand(WAITING, 10).requests == 10
    assert MODEL.demand(POLLED, 10).requests == 30
    assert MODEL.demand(ARRAYS, 100).requests == 1


def test_a_waiting_array_is_read_twice_and_its_last_task_more_often() -> None:
    reads, _ = MODEL.wait_in_request(MODEL.demand(ARRAYS, 100).p50)
    assert MODEL.demand(ARRAYS, 100).reads == pytest.approx(2 * 99 + reads, abs=1)


def test_a_transaction_writes_a_row_twice() -> None:
    """The final update writes it once more."""
    assert MODEL.demand(POLLED, 10).writes == 20
    assert MODEL.demand(ARRAYS, 10).writes == 30


def test_the_template_decides_the_numbers() -> None:
    """Both plain numbers and parameters."""
    template = read_template()
    worker = template["Resources"]["WorkerFunction"]["Properties"]
    worker["Events"]["Interactive"]["Properties"]["BatchSize"] = {"Ref": "TestSize"}
    worker["MemorySize"] = 2048
    template["Parameters"] |= {"TestSize": {"Default": 7}}
    template["Parameters"]["ThrottleRate"]["Default"] = 5
    template["Parameters"]["MaximumConcurrency"]["Default"] = 3
    stack = Stack.read(template, {"Resources": {}})
    assert stack.sources["Interactive"].batch_size == 7
    assert stack.sources["Bulk"].memory == 2048
    assert (stack.throttle_rate, stack.concurrency) == (5, 3)


def test_an_alarm_costs_as_much_as_its_metrics() -> None:
    """A metric-math alarm watches several."""
    template: dict[str, Any] = deepcopy(read_template())
    math_alarm = {"Metrics": [{"Expression": "a + b"}, {"MetricStat": {}}, {"MetricStat": {}}]}
    alarms = {
        "Resources": {
            "One": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}},
            "Two": {"Type": "AWS::CloudWatch::Alarm", "Properties": math_alarm},
        }
    }
    without, found = Stack.read(template, {"Resources": {}}), Stack.read(template, alarms)
    assert found.alarm_metrics == without.alarm_metrics + 3
    alarms["Resources"]["Two"]["Condition"] = "HasWebhooks"
    found = Stack.read(template, alarms)
    assert found.alarm_metrics == without.alarm_metrics + 1
    assert found.webhook_alarm_metrics == 2


def demand(**changed: Any) -> Demand:
    """Return a small demand with some numbers changed."""
    return replace(MODEL.demand(WAITING, 1), **changed)


@pytest.mark.parametrize(
    ("changed", "name", "used"),
    [
        ({"requests": 20_000.0, "batches": 0.0}, "gateway requests/s", 2),
        ({"needed": 700, "api": 0.0}, "concurrent executions", 0.7),
        ({"requests": 1_000.0, "batches": 29_000.0}, "invocations/s", 3),
        ({"in_flight": 60_000.0}, "messages in flight", 0.5),
        ({"writes": 80_000.0}, "table writes/s", 2),
        ({"reads": 60_000.0}, "table reads/s", 1.5),
        ({"reads": 0.0, "deliveries": Deliveries(rate=40_000.0)}, "table reads/s", 3),
        (
            {
                "requests": 0.0,
                "batches": 0.0,
                "deliveries": Deliveries(sends=15_000.0, starts=5_000.0),
            },
            "invocations/s",
            2,
        ),
    ],
)
def test_the_most_used_quota_is_first(changed: dict[str, Any], name: str, used: float) -> None:
    found = limits.quota_limits(demand(**changed), MODEL.stack)
    by_name = {limit.name: limit.used for limit in found}
    assert by_name[name] == pytest.approx(used)
    assert found[0].used == max(by_name.values()) == pytest.approx(used)


def test_executions_count_at_their_peaks() -> None:
    """A hundred of API and webhooks on average are 123 in one of a hundred moments."""
    webhooks = Deliveries(sending=30.0, starting=10.0)
    found = limits.quota_limits(demand(api=60.0, needed=7, deliveries=webhooks), MODEL.stack)
    [executions] = [limit.needed for limit in found if limit.name == "concurrent executions"]
    assert executions == pytest.approx(130.3, abs=0.1)


def test_a_small_demand_needs_no_change() -> None:
    assert list(limits.changes(demand(), MODEL.stack)) == []


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"requests": 80.0}, ["`ThrottleRate=100`, and `ThrottleBurst` twice that"]),
        ({"needed": 11}, ["`MaximumConcurrency=11`"]),
        ({"deliveries": Deliveries(needed=12)}, ["`MaximumConcurrency=12`"]),
        (
            {"deliveries": Deliveries(starting=8.0, shards=4)},
            ["`ParallelizationFactor=3` of the table's stream"],
        ),
        (
            {"writes": 8_000.0},
            ["the table's `WarmThroughput`: 10,000 writes/s, 3 reads/s"],
        ),
        (
            {"in_flight": 240_000.0},
            [
                "quota of messages in flight: 300,000 instead of 120,000",
                "or 3 stacks by hash of the owner, in other accounts or regions",
                "or arrays",
            ],
        ),
    ],
)
def test_what_is_exceeded_is_to_be_changed(changed: dict[str, Any], advice: list[str]) -> None:
    """With room for bursts."""
    assert list(limits.changes(demand(**changed), MODEL.stack)) == advice


@pytest.mark.parametrize(("rate", "daily_quota"), [(20.0, 10**12), (1e6, 20 * 86_400)])
def test_the_limits_of_a_key_decide_how_many_keys_are_needed(rate: float, daily_quota: int) -> None:
    """Here, a key may send 20 requests a second in both cases."""
    stack = replace(MODEL.stack, key_rate=rate, key_daily_quota=daily_quota)
    assert list(limits.changes(demand(requests=20.0), stack)) == []
    advice = ["2 keys, or a higher `KeyRate` and `KeyDailyQuota`"]
    assert list(limits.changes(demand(requests=21.0), stack)) == advice


def test_provisioned_pollers_replace_a_concurrency_above_the_parameters_maximum() -> None:
    first = next(limits.changes(demand(needed=MODEL.stack.largest_concurrency + 1), MODEL.stack))
    assert first == "`ProvisionedPollerConfig` with 101 pollers in place of `ScalingConfig`"


def test_the_bill_of_a_million_polled_tasks() -> None:
    """Computed by hand for a stack with one processor for each function."""
    source = replace(MODEL.stack.sources["Interactive"], memory=1769)
    stack = replace(MODEL.stack, sources={"Interactive": source}, retention=costs.MONTH)
    found = Model(stack, ROUND_TIMES).demand(POLLED, 1)
    table_ms, queue_ms = TABLE_CALL.mean, 0.010 * math.exp((math.log(5) / 2.32635) ** 2 / 2)
    api = (0.002 + table_ms + queue_ms) + 2 * (0.001 + table_ms)
    gb_seconds = 1e6 * 1769 / 1024 * (api + 0.002 + table_ms)
    expected = (
        3e6 * (prices.GATEWAY_REQUEST + prices.FUNCTION_REQUEST)
        + 1e6 * prices.FUNCTION_REQUEST
        + gb_seconds * prices.GB_SECOND["x86_64"]
        + 3e6 * prices.FAIR_QUEUE_REQUEST
        + 2e6 * (prices.TABLE_WRITE + prices.TABLE_READ)
        + 1 * prices.TABLE_GB_MONTH
        + (4.6 + 0.3) * prices.LOG_GB
        + 3 * prices.TRAFFIC_GB
    )
    assert costs.per_million(found, stack) == pytest.approx(expected, rel=1e-4)


def test_the_bill_of_a_million_webhooks() -> None:
    """Computed by hand, at a rate at which each attempt and each record has its invocation."""
    found = Model(replace(STACK, retention=costs.MONTH), ROUND_TIMES)
    delivered = found.demand(DELIVERED, 0.01)
    start = TABLE_CALL.mean + 0.010 * math.exp((math.log(5) / 2.32635) ** 2 / 2)
    expected = (
        3e6 * prices.FAIR_QUEUE_REQUEST
        + 2e6 * prices.FUNCTION_REQUEST
        + 1e6 * (ATTEMPT.mean + start) / 2 * prices.GB_SECOND["x86_64"]
        + 2e6 * prices.TABLE_WRITE
        + 3e6 * prices.TABLE_READ
        + 1 * prices.TABLE_GB_MONTH
        + 2.6 * prices.LOG_GB
        + 1 * prices.TRAFFIC_GB
    )
    bill = sum(item.usd for item in costs.webhooks(delivered, found.stack))
    assert bill == pytest.approx(expected, rel=1e-3)
    tasks = sum(item.usd for item in costs.items(delivered, found.stack))
    assert costs.per_million(delivered, found.stack) == pytest.approx(tasks + bill)


def test_the_idle_stack_has_items_that_it_saves_without_webhooks() -> None:
    """Seven metrics, and five polls of a queue each 20 seconds."""
    found = costs.idle_month(project().stack)
    saved = [item.usd for item in found if item.name.startswith("webhooks")]
    polls = 5 * costs.MONTH / 20 * prices.QUEUE_REQUEST
    assert saved == pytest.approx([7 * prices.ALARM_METRIC_MONTH, polls])


def test_features_cost_what_their_calls_cost() -> None:
    """Computed by hand for a million tasks; the calls of AWS are tested where they are made."""
    stack = replace(STACK, retention=costs.MONTH)
    delivered = Model(stack, ROUND_TIMES).demand(DELIVERED, 10)
    delivery = sum(item.usd for item in costs.webhooks(delivered, stack))
    requests = prices.GATEWAY_REQUEST + prices.FUNCTION_REQUEST
    read, write = 1e6 * prices.TABLE_READ, 1e6 * prices.TABLE_WRITE
    by_name = dict(features(delivered, stack))
    assert list(by_name.values()) == pytest.approx(
        [
            delivery,
            delivery / 100 + 9 * read,  # two groups of each of four shards, and the attempt
            1e4 * requests + read,
            write,
            2e4 * requests + (1 + 4 / 50) * read,
            read + 3 * write,
            2 * write + prices.TABLE_GB_MONTH,
            0,
        ]
    )


@pytest.mark.parametrize(
    ("rate", "executions", "invocations"), [(20.0, 5.0, 20.0), (80.0, 10.0, 40.0)]
)
def test_attempts_share_an_invocation_when_all_executions_are_busy(
    rate: float, executions: float, invocations: float
) -> None:
    """Here, at most ten run, of a quarter of a second each."""
    source = MODEL.stack.sources["Deliveries"]
    assert sending(source, rate, servers=10) == pytest.approx((executions, invocations))


def test_full_batches_of_attempts_keep_the_needed_executions_busy_to_four_fifths() -> None:
    """A batch of ten takes a quarter of a second."""
    assert MODEL.deliveries(4000 * 0.8, writes=0.0).needed == 100


@pytest.mark.parametrize(
    ("rate", "invocations"), [(0.016, 0.016), (16.0, 16 * (1 - math.exp(-1))), (1e5, 1e3)]
)
def test_records_share_an_invocation_at_a_high_rate(rate: float, invocations: float) -> None:
    """Lambda reads each of the four shards four times a second, at most 100 records each."""
    found = starting(MODEL.stack.stream, rate, shards=4)
    assert found == pytest.approx(invocations, rel=1e-3)


def test_a_month_has_all_its_tasks_and_the_idle_stack() -> None:
    found = MODEL.demand(POLLED, 10)
    million = costs.per_million(found, MODEL.stack)
    idle = sum(item.usd for item in costs.idle_month(MODEL.stack))
    assert costs.per_month(found, MODEL.stack) == pytest.approx(25.92 * million + idle)


@pytest.mark.parametrize("module", [cost, costs], ids=["receipts", "bills"])
def test_prices_are_in_one_table(module: Any) -> None:
    """No other module has a number as small as the price of a request."""
    numbers = [
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert [number for number in numbers if 0 < number < 0.01] == []


def test_quotas_and_prices_have_the_month_that_the_documentation_names() -> None:
    assert (prices.MONTH, quotas.MONTH) == ("2026-11", "2026-11")
    for name in ("docs/operating.md", "docs/scaling.md"):
        assert "of November 2026" in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["docs/scaling.md", "docs/scaling.svg", "docs/operating.md"])
def test_the_documentation_is_up_to_date(name: str) -> None:
    """`make capacity DOCS=1` writes it again."""
    assert generated()[ROOT / name] == (ROOT / name).read_text(encoding="utf-8")


def test_a_document_without_a_place_for_a_section_is_refused(tmp_path: Path) -> None:
    """Otherwise, `make capacity DOCS=1` would silently write nothing."""
    (tmp_path / "docs").mkdir()
    for name in ("scaling.md", "operating.md"):
        (tmp_path / "docs" / name).write_text("# A page\n", encoding="utf-8")
    with pytest.raises(ValueError, match="where the section belongs"):
        documents(project(), tmp_path)


def test_the_readme_has_the_costs_of_the_model() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert tables.summary(project()) in text.replace(
        "[cost](docs/operating.md#what-it-costs)", "cost"
    )


def test_a_rate_is_printed_for_each_way() -> None:
    """`make capacity RATE=250`."""
    printed = CliRunner().invoke(app, ["--rate", "250"])
    assert printed.exit_code == 0
    assert printed.output.count("\n| 250 ") == len(WAYS)


def test_a_rate_of_zero_is_refused() -> None:
    assert CliRunner().invoke(app, ["--rate", "0"]).exit_code == 2
