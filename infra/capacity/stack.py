"""The numbers of template.yaml that the model needs, with the default values of its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.local_template import parameter_values
from infra.local.template import TEMPLATE, queue_events, read_template, resources_of

if TYPE_CHECKING:
    from infra.local.template import JsonObject


@dataclass(frozen=True, slots=True)
class Source:
    """An event source: the largest batch, its window in seconds, and the memory of its function."""

    batch_size: int
    window: float
    memory: int


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as the template describes it. Memory is in MB, times are in seconds."""

    architecture: str
    api_memory: int
    sources: dict[str, Source]
    largest_concurrency: int
    longest_wait: int
    retention: int
    document_days: int
    throttle_rate: float
    key_rate: float
    key_daily_quota: int
    concurrency: int
    queues_polled: int
    alarm_metrics: int

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

        functions = {
            name: function["Properties"]
            for name, function in resources_of(template, "AWS::Serverless::Function").items()
        }
        events = [
            (name, event, function)
            for function in functions.values()
            for name, event in queue_events(function)
        ]
        return cls(
            architecture=values["Architecture"],
            api_memory=number(functions["ApiFunction"]["MemorySize"]),
            sources={
                name: Source(
                    number(event["BatchSize"]),
                    number(event.get("MaximumBatchingWindowInSeconds", 0)),
                    number(function["MemorySize"]),
                )
                for name, event, function in events
            },
            largest_concurrency=template["Parameters"]["MaximumConcurrency"]["MaxValue"],
            longest_wait=int(values["LongestWaitSeconds"]),
            retention=int(values["RetentionSeconds"]),
            document_days=int(values["DocumentRetentionDays"]),
            throttle_rate=float(values["ThrottleRate"]),
            key_rate=float(values["KeyRate"]),
            key_daily_quota=int(values["KeyDailyQuota"]),
            concurrency=int(values["MaximumConcurrency"]),
            queues_polled=len(events),
            alarm_metrics=sum(map(_metrics, (template, alarms))),
        )


def _metrics(template: JsonObject) -> int:
    """Return how many metrics the alarms watch; CloudWatch charges for each."""
    alarms = resources_of(template, "AWS::CloudWatch::Alarm").values()
    queries = [alarm["Properties"].get("Metrics") for alarm in alarms]
    return sum(
        1 if query is None else sum("MetricStat" in metric for metric in query) for query in queries
    )
