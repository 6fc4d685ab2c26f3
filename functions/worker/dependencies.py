"""The worker's composition root."""

from __future__ import annotations

import os
import random
import time
from functools import cache
from typing import TYPE_CHECKING, Final

from functions.worker.batch import TIME_GUARD, Worker
from functions.worker.documents import DocumentWorker
from functions.worker.errors import Permanent, Transient
from functions.worker.lines import Lines
from suggester.artifacts import Artifacts
from suggester.errors import MaskEmpty, RequestInvalid
from suggester.requests import Request
from suggester.suggester import Suggester
from tasks import aws
from tasks.documents import S3Documents
from tasks.model import ErrorType
from tasks.queue import SqsTaskQueue
from tasks.settings import Settings
from tasks.store import DynamoTaskStore
from tasks.telemetry import telemetry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from functions.worker.documents import AnswerLines, Line
    from tasks.documents import Format
    from tasks.model import JsonObject

# Megabytes, as in template.yaml, where no Lambda says what this function has.
MEMORY: Final = 1024


@cache
def worker() -> Worker:
    """Return this process's worker, made on the first call."""
    return build(os.environ)


def build(environ: Mapping[str, str]) -> Worker:
    """Make a worker with the model and the AWS clients that the environment asks for."""
    telemetry = telemetry_of("worker", environ)
    telemetry.observe("ColdStart", 1)
    settings = Settings.read(environ)
    artifacts = Artifacts.of(environ)
    engine = environ.get("MODEL_ENGINE") or "litert"
    suggester = Suggester.load(artifacts, engine)
    sqs = aws.client("sqs")
    urls = (settings.task_queue_url, settings.bulk_queue_url, settings.document_queue_url)
    queues = {url.rpartition("/")[2]: SqsTaskQueue(sqs, url) for url in urls}
    documents = DocumentWorker(
        documents=S3Documents(settings.document_bucket),
        queue=SqsTaskQueue(sqs, settings.document_queue_url),
        lines_of=lines_of(suggester),
        model=suggester.version,
        clock=time.time,
        reserve=TIME_GUARD,
    )
    return Worker(
        suggest=answers_of(suggester),
        read=documents.run,
        store=DynamoTaskStore(aws.client("dynamodb"), settings.table_name),
        queues=queues,
        clock=time.time,
        random=random.SystemRandom(),
        telemetry=telemetry,
        engine=engine,
        gigabytes=int(environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or MEMORY) / 1024,
    )


def answers_of(suggester: Suggester) -> Callable[[Sequence[JsonObject]], list[JsonObject]]:
    """Return a function that answers tasks' inputs with the suggester, in tasks' terms."""

    def suggest(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        try:
            answers = suggester.answer([Request.from_json(fields) for fields in inputs])
        except MaskEmpty as error:
            raise Permanent(ErrorType.EMPTY_MASK, str(error)) from error
        except RequestInvalid as error:
            raise Permanent(ErrorType.PREDICTION_FAILED, str(error)) from error
        except (OSError, MemoryError) as error:
            raise Transient from error
        return [{**answer.to_json(), "model": suggester.version} for answer in answers]

    return suggest


def lines_of(suggester: Suggester) -> Callable[[JsonObject, Format], AnswerLines]:
    """Return a function that makes what answers the lines of a document of that format."""

    def make(fields: JsonObject, form: Format) -> AnswerLines:
        defaults = Request.from_json(fields.get("defaults", {}))
        lines = Lines(suggester, defaults, form, fields["language"])

        def answer(batch: Sequence[Line]) -> tuple[list[str], int]:
            try:
                return lines.answer(batch)
            except (OSError, MemoryError) as error:
                raise Transient from error

        return answer

    return make
