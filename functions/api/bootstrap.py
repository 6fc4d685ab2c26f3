"""Builds the services of the API, when the handler's module is imported."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.api.backlog import MonitoredQueue
from functions.api.blocking import runner_for
from functions.api.settings import Settings
from suggester.artifacts import Artifacts
from suggester.kinds import load_registry
from suggester.vocabulary import Vocabulary
from tasks.aws.ports import (
    create_delivery_queue,
    create_documents,
    create_queues,
    create_store,
    create_webhooks,
)
from tasks.aws.telemetry import silence_botocore
from tasks.batches import BatchService
from tasks.ids import new_task_id
from tasks.service import TaskService
from tasks.task_list import TaskList
from tasks.webhooks.secret_service import SecretService
from tasks.webhooks.service import DeliveryService
from tasks.webhooks.start import DeliveryStarter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from functions.api.blocking import Runner
    from pipelines.registry import Registry
    from tasks.ports import DocumentStore, TaskQueue, TaskStore
    from tasks.task import Lane
    from tasks.webhooks.ports import DeliveryQueue, WebhookStore


@dataclass(frozen=True, slots=True)
class Services:
    """The services that the routes use.

    Attributes:
        tasks: submits, fetches, cancels and retries tasks.
        batches: fetches and cancels the tasks of an array.
        task_list: lists the tasks of an owner.
        secrets: the secrets of webhooks.
        deliveries: shows the deliveries to webhooks, and starts them again.
        queues: the queue of each lane.
        documents: the files of callers.
        vocabulary: the names that callers use.
        registry: the kinds that callers can ask for.
        model: the version of the model that the vocabulary belongs to.
        settings: the settings of the API.
        new_id: returns a new id of a document.
        run: makes the calls that block.
    """

    tasks: TaskService
    batches: BatchService
    task_list: TaskList
    secrets: SecretService
    deliveries: DeliveryService
    queues: Mapping[Lane, MonitoredQueue]
    documents: DocumentStore
    vocabulary: Vocabulary
    registry: Registry
    model: str
    settings: Settings
    new_id: Callable[[], str]
    run: Runner


def bootstrap(  # noqa: PLR0913 - one argument for each port
    environ: Mapping[str, str],
    *,
    store: TaskStore | None = None,
    queues: Mapping[Lane, TaskQueue] | None = None,
    webhooks: WebhookStore | None = None,
    webhook_queue: DeliveryQueue | None = None,
    documents: DocumentStore | None = None,
    vocabulary: Vocabulary | None = None,
    clock: Callable[[], float] = time.time,
    new_id: Callable[[float], str] = new_task_id,
) -> Services:
    """Build the services for their environment. The keyword arguments replace parts of them.

    Raises:
        SettingsInvalid: a variable is missing or has an unusable value.
        ArtifactInvalid: the vocabulary is missing or damaged.
        PipelineInvalid: a pipeline cannot be used.
    """
    silence_botocore()
    settings = Settings.read(environ)
    artifacts = Artifacts.of(environ)
    queues = queues or create_queues(settings.queue_urls)
    monitored = {lane: MonitoredQueue(queue, clock) for lane, queue in queues.items()}
    store = store or create_store(settings.table_name, lists_tasks=settings.has_task_list)
    webhooks = webhooks or create_webhooks(settings.table_name)
    webhook_queue = webhook_queue or create_delivery_queue(settings.webhook_queue_url)
    starter = DeliveryStarter(store, webhooks, webhook_queue, clock)
    tasks = TaskService(
        store=store,
        queues=monitored,
        retention=settings.retention,
        deadline=settings.deadline,
        clock=clock,
        new_id=new_id,
    )
    return Services(
        tasks=tasks,
        batches=BatchService(tasks),
        task_list=TaskList(tasks),
        secrets=SecretService(webhooks, clock),
        deliveries=DeliveryService(webhooks, webhook_queue, starter, clock),
        queues=monitored,
        documents=documents or create_documents(settings.document_bucket),
        vocabulary=vocabulary or Vocabulary.load(artifacts),
        registry=load_registry(environ),
        model=artifacts.version,
        settings=settings,
        new_id=lambda: new_id(clock()),
        run=runner_for(environ),
    )
