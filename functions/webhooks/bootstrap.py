"""Builds the webhooks, when the handler's module is imported."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from functions.webhooks.bodies import ResultBodies
from functions.webhooks.http_receiver import HttpReceiver
from functions.webhooks.outbox import MAX_THREADS, Outbox
from functions.webhooks.settings import Settings
from functions.webhooks.stream import StreamReader
from functions.webhooks.webhooks import Webhooks
from presentation.results import ResultPresenter
from suggester.artifacts import Artifacts
from suggester.kinds import load_registry
from suggester.vocabulary import Vocabulary
from tasks.aws.ports import (
    create_delivery_queue,
    create_documents,
    create_store,
    create_webhooks,
)
from tasks.aws.telemetry import silence_botocore
from tasks.webhooks.secret_service import SecretService
from tasks.webhooks.sender import DeliverySender
from tasks.webhooks.start import DeliveryStarter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from tasks.ports import DocumentStore, TaskStore
    from tasks.webhooks.ports import DeliveryQueue, Receiver, WebhookStore


def bootstrap(  # noqa: PLR0913 - one argument for each port
    environ: Mapping[str, str],
    *,
    store: TaskStore | None = None,
    webhooks: WebhookStore | None = None,
    queue: DeliveryQueue | None = None,
    documents: DocumentStore | None = None,
    receiver: Receiver | None = None,
    clock: Callable[[], float] = time.time,
    pool: Executor | None = None,
) -> Webhooks:
    """Build the webhooks for their environment. The keyword arguments replace parts of them.

    Raises:
        SettingsInvalid: a variable is missing.
        ArtifactInvalid: the vocabulary is missing or damaged.
        PipelineInvalid: a pipeline cannot be used.
    """
    silence_botocore()
    settings = Settings.read(environ)
    tasks = store or create_store(settings.table_name)
    rows = webhooks or create_webhooks(settings.table_name)
    messages = queue or create_delivery_queue(settings.queue_url)
    presenter = ResultPresenter(
        registry=load_registry(environ),
        vocabulary=Vocabulary.load(Artifacts.of(environ)),
        documents=documents or create_documents(settings.document_bucket),
    )
    sender = DeliverySender(
        store=rows,
        queue=messages,
        secrets=SecretService(rows, clock),
        bodies=ResultBodies(tasks, clock, presenter),
        receiver=receiver or HttpReceiver(allow_local=settings.allow_local),
        clock=clock,
    )
    return Webhooks(
        stream=StreamReader(DeliveryStarter(tasks, rows, messages, clock)),
        outbox=Outbox(sender, pool or ThreadPoolExecutor(MAX_THREADS, "sender")),
    )
