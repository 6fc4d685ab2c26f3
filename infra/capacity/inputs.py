"""What the model reads: the numbers of template.yaml, and the measured CPU times."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.process_runner import run_process
from infra.local.local_template import parameter_values
from infra.local.template import TEMPLATE, queue_events, read_template, resources_of

if TYPE_CHECKING:
    from infra.local.template import JsonObject

FILE: Final = Path(__file__).with_name("service_times.json")
RUNS: Final = 3
PROCESSED: Final = "process a batch of "
WITH_WEBHOOKS: Final = "HasWebhooks"
CPU_INFO: Final = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Source:
    """An event source: the largest batch, its window in seconds, and the memory of its function."""

    batch_size: int
    window: float
    memory: int


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack with the default values of its parameters. Memory is in MB, times are in seconds."""

    architecture: str
    api_memory: int
    sources: dict[str, Source]
    stream: Source
    stream_readers: int  # of each shard
    largest_concurrency: int
    longest_wait: int
    retention: int
    document_days: int
    throttle_rate: float
    key_rate: float
    key_daily_quota: int
    concurrency: int
    queues_polled: int
    alarm_metrics: int  # without those of webhooks
    webhook_alarm_metrics: int

    @classmethod
    def of_template(cls) -> Stack:
        """Read the templates of this checkout."""
        template = read_template()
        nested = template["Resources"]["Alarms"]["Properties"]["TemplateURL"]
        return cls.read(template, read_template(TEMPLATE.parent / nested))

    @classmethod
    def read(cls, template: JsonObject, alarms: JsonObject) -> Stack:
        """Read the template and the nested template of the alarms."""
        values = parameter_values(template, {})

        def number(value: Any) -> int:
            return int(values[value["Ref"]] if isinstance(value, dict) else value)

        functions = resources_of(template, "AWS::Serverless::Function")
        sources = {
            name: Source(
                number(event["BatchSize"]),
                number(event.get("MaximumBatchingWindowInSeconds", 0)),
                number(function["Properties"]["MemorySize"]),
            )
            for function in functions.values()
            for name, event in queue_events(function["Properties"])
        }
        webhooks = functions["WebhookFunction"]["Properties"]
        [stream] = [e["Properties"] for e in webhooks["Events"].values() if e["Type"] == "DynamoDB"]
        return cls(
            architecture=values["Architecture"],
            api_memory=number(functions["ApiFunction"]["Properties"]["MemorySize"]),
            sources=sources,
            stream=Source(number(stream["BatchSize"]), 0, number(webhooks["MemorySize"])),
            stream_readers=number(stream.get("ParallelizationFactor", 1)),
            largest_concurrency=template["Parameters"]["MaximumConcurrency"]["MaxValue"],
            longest_wait=int(values["LongestWaitSeconds"]),
            retention=int(values["RetentionSeconds"]),
            document_days=int(values["DocumentRetentionDays"]),
            throttle_rate=float(values["ThrottleRate"]),
            key_rate=float(values["KeyRate"]),
            key_daily_quota=int(values["KeyDailyQuota"]),
            concurrency=int(values["MaximumConcurrency"]),
            queues_polled=len(sources),
            alarm_metrics=_metrics(template, None) + _metrics(alarms, None),
            webhook_alarm_metrics=_metrics(alarms, WITH_WEBHOOKS),
        )


def _metrics(template: JsonObject, condition: str | None) -> int:
    """Return how many metrics the alarms with a condition watch; CloudWatch charges for each."""
    found = resources_of(template, "AWS::CloudWatch::Alarm").values()
    alarms = [alarm["Properties"] for alarm in found if alarm.get("Condition") == condition]
    queries = [alarm.get("Metrics", [{"MetricStat": {}}]) for alarm in alarms]
    return sum("MetricStat" in metric for query in queries for metric in query)


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """CPU times in milliseconds on one processor, by kind of request, with AWS stubbed."""

    date: str
    machine: str
    python: str
    milliseconds: dict[str, float]

    @classmethod
    def read(cls) -> ServiceTimes:
        """Return the committed measurement."""
        return cls(**json.loads(FILE.read_text(encoding="utf-8")))

    @classmethod
    def measure(cls) -> ServiceTimes:
        """Measure on this machine: the shortest of several runs, as others only lengthen it."""
        runs = [run_process("request_process").reports[0] for _ in range(RUNS)]
        cpu_info = CPU_INFO.read_text() if CPU_INFO.exists() else ""
        _, _, processor = cpu_info.partition("model name")
        return cls(
            date=datetime.now(UTC).date().isoformat(),
            machine=processor.partition("\n")[0].strip("\t: ") or platform.machine(),
            python=platform.python_version(),
            milliseconds={name: round(min(run[name] for run in runs), 2) for name in runs[0]},
        )

    def write(self) -> None:
        """Replace the committed measurement."""
        FILE.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    def seconds(self, request: str) -> float:
        """Return the CPU time of a kind of request."""
        return self.milliseconds[request] / 1000

    def batch_seconds(self, size: float) -> float:
        """Return the worker's CPU time for a batch, interpolated between the measured sizes."""
        names = [name for name in self.milliseconds if name.startswith(PROCESSED)]
        sizes = [int(name.removeprefix(PROCESSED)) for name in names]
        return float(np.interp(size, sizes, list(map(self.seconds, names))))
