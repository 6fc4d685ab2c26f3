"""Builds the services of the API, when the handler's module is imported."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.api.backlog import MonitoredQueue
from functions.api.blocking import runner_for
from functions.api.settings import Settings
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary
from tasks.aws.telemetry import silence_botocore
from tasks.ids import new_task_id
from tasks.service import TaskService

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from functions.api.blocking import Runner
    from tasks.ports import DocumentStore, TaskQueue, TaskStore
    from tasks.task import Lane


@dataclass(frozen=True, slots=True)
class Services:
    """The services that the routes use.

    Attributes:
        tasks: submits, fetches and cancels tasks.
        queues: the queue of each lane.
        documents: the files of callers.
        vocabulary: the names that callers use.
        model: the version of the model that the vocabulary belongs to.
        settings: the settings of the API.
        new_id: returns a new id of a document.
        run: makes the calls that block.
    """

    tasks: TaskService
    queues: Mapping[Lane, MonitoredQueue]
    documents: DocumentStore
    vocabulary: Vocabulary
    model: str
    settings: Settings
    new_id: Callable[[], str]
    run: Runner


def bootstrap(
    environ: Mapping[str, str],
    *,
    store: TaskStore | None = None,
    queues: Mapping[Lane, TaskQueue] | None = None,
    documents: DocumentStore | None = None,
    vocabulary: Vocabulary | None = None,
    clock: Callable[[], float] = time.time,
    new_id: Callable[[float], str] = new_task_id,
) -> Services:
    """Build the services for their environment. The keyword arguments replace parts of them.

    Raises:
        SettingsInvalid: a variable is missing or has an unusable value.
        ArtifactInvalid: the vocabulary is missing or damaged.
    """
    silence_botocore()
    settings = Settings.read(environ)
    artifacts = Artifacts.of(environ)
    monitored = {
        lane: MonitoredQueue(queue, clock) for lane, queue in (queues or _queues(settings)).items()
    }
    return Services(
        tasks=TaskService(
            store=store or _store(settings),
            queues=monitored,
            retention=settings.retention,
            deadline=settings.deadline,
            clock=clock,
            new_id=new_id,
        ),
        queues=monitored,
        documents=documents or _documents(settings),
        vocabulary=vocabulary or Vocabulary.load(artifacts),
        model=artifacts.version,
        settings=settings,
        new_id=lambda: new_id(clock()),
        run=runner_for(environ),
    )


# boto3 is imported only where AWS is used: the stack on one machine starts faster without it.
def _store(settings: Settings) -> TaskStore:
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.dynamodb import DynamoTaskStore  # noqa: PLC0415

    return DynamoTaskStore(create_client("dynamodb"), settings.table_name)


def _queues(settings: Settings) -> dict[Lane, TaskQueue]:
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.sqs import SqsTaskQueue  # noqa: PLC0415

    sqs = create_client("sqs")
    return {lane: SqsTaskQueue(sqs, url) for lane, url in settings.queue_urls.items()}


def _documents(settings: Settings) -> DocumentStore:
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.s3 import S3DocumentStore  # noqa: PLC0415

    return S3DocumentStore(create_client("s3"), settings.document_bucket)
