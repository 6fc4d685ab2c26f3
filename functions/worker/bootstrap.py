"""Builds the worker, when the handler's module is imported."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from functions.worker.batch import MAX_WRITE_THREADS, BatchWorker
from functions.worker.dispositions import RetryPolicy
from functions.worker.document_lines import lines_with
from functions.worker.document_processor import DocumentProcessor
from functions.worker.document_reader import HAND_OVER_SECONDS, DocumentReader
from functions.worker.metrics import UsageMeter
from functions.worker.pipelines import Pipelines, answer_with
from functions.worker.progress_report import ProgressReporter
from functions.worker.settings import Settings
from functions.worker.task_processor import TaskProcessor
from suggester.artifacts import Artifacts
from suggester.kinds import load_registry
from suggester.suggester import Suggester
from tasks.aws.ports import create_documents, create_queues, create_store
from tasks.aws.telemetry import create_telemetry, silence_botocore
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from functions.worker.processors import Processor
    from tasks.ports import DocumentStore, TaskQueue, TaskStore, Telemetry


def bootstrap(  # noqa: PLR0913 - each argument replaces one part
    environ: Mapping[str, str],
    *,
    pipelines: Pipelines | None = None,
    suggester: Suggester | None = None,
    store: TaskStore | None = None,
    queues: Mapping[Lane, TaskQueue] | None = None,
    documents: DocumentStore | None = None,
    telemetry: Telemetry | None = None,
    clock: Callable[[], float] = time.time,
) -> BatchWorker:
    """Build the worker for its environment. The keyword arguments replace parts of it.

    Raises:
        SettingsInvalid: a variable is missing or has an unusable value.
        SuggesterError: the model cannot be loaded.
        PipelineInvalid: a pipeline cannot be loaded.
    """
    silence_botocore()
    settings = Settings.read(environ)
    telemetry = telemetry or create_telemetry("worker", environ)
    telemetry.observe("ColdStart", 1)
    if pipelines is None:
        suggester = suggester or Suggester.load(Artifacts.of(environ), settings.engine)
        pipelines = Pipelines(load_registry(environ), suggester)
    store = store or create_store(settings.table_name)
    queues = queues or create_queues(settings.queue_urls)
    # The threads start when they are first needed, and all batches share them.
    pool = ThreadPoolExecutor(MAX_WRITE_THREADS, "writer")
    retries = RetryPolicy(settings.max_retries, random.SystemRandom())
    meter = UsageMeter(settings.engine, settings.memory / 1024)
    tasks = TaskProcessor(answer_with(pipelines), pipelines.registry.split, retries, clock)
    processors: dict[Lane, Processor] = dict.fromkeys(settings.queue_urls, tasks)
    if Lane.DOCUMENT in processors:
        queue = queues[Lane.DOCUMENT]
        documents = documents or create_documents(settings.document_bucket)
        reporter = ProgressReporter(store, clock, pool)
        reader = _create_reader(pipelines, documents, queue, clock, reporter)
        processors[Lane.DOCUMENT] = DocumentProcessor(
            reader.run, store, queue, retries, clock, meter
        )
    by_name = {url.rpartition("/")[2]: queues[lane] for lane, url in settings.queue_urls.items()}
    kinds_of = pipelines.kinds_of
    return BatchWorker(processors, store, by_name, clock, telemetry, meter, pool, kinds_of)


def _create_reader(
    pipelines: Pipelines,
    documents: DocumentStore,
    queue: TaskQueue,
    clock: Callable[[], float],
    reporter: ProgressReporter,
) -> DocumentReader:
    return DocumentReader(
        documents=documents,
        queue=queue,
        lines_of=lines_with(pipelines),
        model=pipelines.suggester.version,
        clock=clock,
        reserve=HAND_OVER_SECONDS,
        reporter=reporter,
    )
