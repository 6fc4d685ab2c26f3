"""The API in virtual time: its instances, and how callers reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra.simulation.scheduler import ProcessDied
from infra.simulation.stack import BUCKET, QUEUE_OF_LANE, TABLE, WEBHOOK_QUEUE, Built, url_of
from tasks.ids import new_task_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.simulation.stack import Stack
    from tasks.aws.s3 import S3DocumentStore
    from tasks.service import TaskService
    from tasks.webhooks.delivery import WebhookDelivery

TIMEOUT: Final = 29.0  # seconds
INSTANCES: Final = 3


@dataclass(slots=True)
class BuiltApi(Built):
    """The API: the service, the deliveries and the files of its callers."""

    service: Any = None
    deliveries: Any = None
    documents: Any = None


class Api:
    """The instances of the API, and how callers reach them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._built = [self._build() for _ in range(INSTANCES)]

    def _build(self) -> BuiltApi:
        stack, parts = self._stack, self._stack.parts
        instance = stack.new_instance("ApiFunction")
        pause = stack.scheduler.sleep
        store = parts.store(instance.dynamodb, TABLE, pause, lists_tasks=True)
        service = parts.service(
            store=store,
            queues={
                lane: parts.monitored(
                    parts.queue(instance.sqs, url_of(name), pause), instance.clock
                )
                for lane, name in QUEUE_OF_LANE.items()
            },
            retention=stack.settings.retention,
            deadline=stack.settings.deadline,
            clock=instance.clock,
            new_id=lambda now: new_task_id(now, instance.random.randbytes),
        )
        rows = parts.webhook_store(instance.dynamodb, TABLE)
        queue = parts.delivery_queue(instance.sqs, url_of(WEBHOOK_QUEUE), pause)
        starter = parts.starter(store, rows, queue, instance.clock)
        built = BuiltApi(
            instance,
            service=service,
            deliveries=parts.deliveries(rows, queue, starter, instance.clock),
            documents=parts.documents(instance.s3, BUCKET),
        )
        stack.instances[instance.name] = built
        return built

    def request(
        self, kind: str, use: Callable[[TaskService, S3DocumentStore], Any], **facts: Any
    ) -> Any:
        """Use the service of some instance for a request, whose span has these facts.

        Raises:
            ProcessDied: the instance died; the caller does not know what it did.
            Exception: the one that the service raised.
        """
        return self._request(kind, lambda built: use(built.service, built.documents), **facts)

    def redeliver(self, kind: str, owner: str, task_id: str) -> WebhookDelivery:
        """Start the delivery of a task again; raises the same."""
        found: WebhookDelivery = self._request(
            kind, lambda built: built.deliveries.restart(built.service.fetch(owner, task_id))
        )
        return found

    def _request(self, kind: str, use: Callable[[BuiltApi], Any], **facts: Any) -> Any:
        index = self._stack.random.randrange(len(self._built))
        built = self._built[index]
        try:
            return self._stack.run(built, kind, lambda: use(built), TIMEOUT, **facts)
        except ProcessDied:
            if self._built[index] is built:
                del self._stack.instances[built.instance.name]
                self._built[index] = self._build()
            raise
