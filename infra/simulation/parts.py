"""The pieces under test. A saboteur replaces one of them by a broken variant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.api.backlog import MonitoredQueue
from functions.reaper.reaper import Reaper
from functions.webhooks.bodies import ResultBodies
from functions.webhooks.outbox import Outbox
from functions.webhooks.stream import StreamReader
from functions.worker.batch import BatchWorker
from functions.worker.dispositions import RetryPolicy
from functions.worker.document_lines import lines_with
from functions.worker.document_processor import DocumentProcessor
from functions.worker.document_reader import DocumentReader
from functions.worker.metrics import UsageMeter
from functions.worker.pipelines import answer_with
from functions.worker.progress_report import ProgressReporter
from functions.worker.task_processor import TaskProcessor
from tasks.aws.dynamodb import DynamoTaskStore
from tasks.aws.s3 import S3DocumentStore
from tasks.aws.sqs import SqsTaskQueue
from tasks.aws.webhooks import DynamoWebhookStore, SqsDeliveryQueue
from tasks.batches import BatchService
from tasks.inline_document import InlineDocument
from tasks.other_buckets import document_name
from tasks.service import TaskService
from tasks.task_list import TaskList
from tasks.webhooks.sender import DeliverySender
from tasks.webhooks.service import DeliveryService
from tasks.webhooks.start import DeliveryStarter

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Parts:
    """The classes and functions of which the functions are built."""

    service: Callable[..., TaskService] = TaskService
    task_list: Callable[..., TaskList] = TaskList
    batches: Callable[..., BatchService] = BatchService
    deliveries: Callable[..., DeliveryService] = DeliveryService
    monitored: Callable[..., MonitoredQueue] = MonitoredQueue
    store: Callable[..., DynamoTaskStore] = DynamoTaskStore
    queue: Callable[..., SqsTaskQueue] = SqsTaskQueue
    documents: Callable[..., S3DocumentStore] = S3DocumentStore
    worker: Callable[..., BatchWorker] = BatchWorker
    drinks: Callable[..., TaskProcessor] = TaskProcessor
    answer_with: Callable[..., Any] = answer_with
    document_processor: Callable[..., DocumentProcessor] = DocumentProcessor
    reader: Callable[..., DocumentReader] = DocumentReader
    lines_with: Callable[..., Any] = lines_with
    reporter: Callable[..., ProgressReporter] = ProgressReporter
    retries: Callable[..., RetryPolicy] = RetryPolicy
    meter: Callable[..., UsageMeter] = UsageMeter
    reaper: Callable[..., Reaper] = Reaper
    document_name: Callable[..., str] = document_name
    inline_document: Callable[..., InlineDocument] = InlineDocument.of
    webhook_store: Callable[..., DynamoWebhookStore] = DynamoWebhookStore
    delivery_queue: Callable[..., SqsDeliveryQueue] = SqsDeliveryQueue
    stream_reader: Callable[..., StreamReader] = StreamReader
    starter: Callable[..., DeliveryStarter] = DeliveryStarter
    outbox: Callable[..., Outbox] = Outbox
    sender: Callable[..., DeliverySender] = DeliverySender
    bodies: Callable[..., ResultBodies] = ResultBodies
