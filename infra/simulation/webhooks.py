"""The function of webhooks in virtual time, built as its bootstrap does."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from functions.webhooks.outbox import MAX_THREADS
from functions.webhooks.webhooks import Webhooks
from infra.simulation.executor import VirtualExecutor
from infra.simulation.invoker import BuiltHandler
from infra.simulation.model import VERSIONS, vocabulary_of
from infra.simulation.receivers import SimulatedReceiver
from infra.simulation.stack import BUCKET, TABLE, WEBHOOK_QUEUE, url_of
from presentation.results import ResultPresenter
from suggester.kinds import load_registry
from tasks.webhooks.secret_service import SecretService

if TYPE_CHECKING:
    from infra.local.definitions import Function
    from infra.simulation.stack import Stack
    from pipelines.registry import Registry
    from tasks.ports import DocumentStore


def build_webhooks(stack: Stack, function: Function) -> BuiltHandler:
    """Build the function in a new instance."""
    parts, instance = stack.parts, stack.new_instance(function.name)
    pause, clock = stack.scheduler.sleep, instance.clock
    store = parts.store(instance.dynamodb, TABLE, pause)
    rows = parts.webhook_store(instance.dynamodb, TABLE)
    queue = parts.delivery_queue(instance.sqs, url_of(WEBHOOK_QUEUE), pause)
    documents = parts.documents(instance.s3, BUCKET)
    sender = parts.sender(
        store=rows,
        queue=queue,
        secrets=SecretService(rows, clock, instance.random.randbytes),
        bodies=parts.bodies(store, clock, presenter(documents)),
        receiver=SimulatedReceiver(stack.scheduler, stack.history, instance.random),
        clock=clock,
        random=instance.random,
    )
    webhooks = Webhooks(
        stream=parts.stream_reader(parts.starter(store, rows, queue, clock)),
        outbox=parts.outbox(sender, VirtualExecutor(stack.scheduler, MAX_THREADS)),
    )
    return BuiltHandler(instance, handle=webhooks.run)


@cache
def _registry() -> Registry:
    return load_registry({})


def presenter(documents: DocumentStore) -> ResultPresenter:
    """Return the presenter of results, which names ingredients by their ids."""
    return ResultPresenter(_registry(), vocabulary_of(VERSIONS[0]), documents)
