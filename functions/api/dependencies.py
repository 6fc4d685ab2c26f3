"""The API's composition root, and what routes take from a request."""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyHeader

from suggester.artifacts import Artifacts
from suggester.vocabulary import LANGUAGES, Language, Vocabulary
from tasks import aws
from tasks.backlog import WatchedQueue
from tasks.documents import S3Documents
from tasks.ids import new_task_id
from tasks.model import Priority
from tasks.queue import SqsTaskQueue
from tasks.service import TaskService
from tasks.settings import Settings
from tasks.store import DynamoTaskStore
from tasks.telemetry import telemetry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.documents import DocumentStore


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with.

    Attributes:
        tasks: the life of tasks.
        queues: where tasks wait, and for how long.
        vocabulary: the names that callers use.
        model: the version of the model that the names are of.
        documents: where files of many drinks lie.
        new_id: makes the id of a document.
        longest_wait: for how many seconds a request may wait for its tasks at most.
    """

    tasks: TaskService
    queues: Mapping[Priority, WatchedQueue]
    vocabulary: Vocabulary
    model: str
    documents: DocumentStore
    longest_wait: int
    new_id: Callable[[], str] = lambda: new_task_id(time.time())


@cache
def services() -> Services:
    """Return this process's services, made on the first call."""
    return build(os.environ)


def build(environ: Mapping[str, str]) -> Services:
    """Make the services with the model and the AWS clients that the environment asks for."""
    telemetry_of("api", environ)
    settings = Settings.read(environ)
    artifacts = Artifacts.of(environ)
    sqs = aws.client("sqs")
    queues = {
        Priority.INTERACTIVE: WatchedQueue(SqsTaskQueue(sqs, settings.task_queue_url)),
        Priority.BULK: WatchedQueue(SqsTaskQueue(sqs, settings.bulk_queue_url)),
        Priority.DOCUMENT: WatchedQueue(SqsTaskQueue(sqs, settings.document_queue_url)),
    }
    tasks = TaskService(
        store=DynamoTaskStore(aws.client("dynamodb"), settings.table_name),
        queues=queues,
        retention=settings.retention,
        deadline=settings.deadline,
    )
    vocabulary = Vocabulary.load(artifacts)
    documents = S3Documents(settings.document_bucket)
    model = artifacts.version
    return Services(tasks, queues, vocabulary, model, documents, settings.longest_wait)


def allowed_origins() -> list[str]:
    """Return the origins of pages elsewhere that may call this API, as the environment has them."""
    return [origin for origin in os.environ.get("ALLOWED_ORIGINS", "").split(",") if origin]


# These are async, so that FastAPI calls them where it is: a thread for each would cost more than
# they do.
async def _services(request: Request) -> Services:
    made: Services = request.app.state.services()
    return made


_api_key = APIKeyHeader(
    name="x-api-key",
    auto_error=False,
    description="The gateway asks for it where there is one; tasks belong to their key.",
)


async def _owner(key: Annotated[str | None, Security(_api_key)] = None) -> str:
    """Return the owner of what this request makes: a hash, so that no key is ever stored."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:32]


async def _language(accept_language: Annotated[str, Header()] = "") -> Language:
    """Return the language that the caller would rather read, English unless told otherwise."""
    wanted = dict(map(_weighed, accept_language.lower().split(",")))
    return max(LANGUAGES, key=lambda language: wanted.get(language, 0.0))


def _weighed(item: str) -> tuple[str, float]:
    """Read an item of Accept-Language, such as `ru-RU; q=0.9`; 0 if its weight is none."""
    tag, *parameters = (part.strip() for part in item.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    is_weight = re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", weight)
    return tag.partition("-")[0], float(weight) if is_weight else 0.0


# For calls that tell every caller the same: the gateway asks for a key there, too.
KeyAsked = Security(_api_key)
ServicesOf = Annotated[Services, Depends(_services)]
OwnerOf = Annotated[str, Depends(_owner)]
LanguageOf = Annotated[Language, Depends(_language)]
