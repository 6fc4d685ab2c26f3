"""Python client for Barback, a service that suggests the next ingredient of a drink.

from barback import Barback

with Barback("http://127.0.0.1:8000") as bar:
    print(bar.suggest(["milk", "strawberry"]).result)
"""

from barback._async_client import AsyncBarback
from barback._catalog import Group, Ingredient, Look, QueueLoad
from barback._client import Barback
from barback._collections import Batch, CancelledBatch, ListedTask
from barback._deliveries import Attempt, Delivery
from barback._drink import Drink
from barback._errors import (
    ApiError,
    BarbackError,
    TaskCancelled,
    TaskFailed,
    TaskTimeout,
    TaskUnsuccessful,
    UnexpectedResponse,
    Unreachable,
    WebhookVerificationError,
)
from barback._input import Input
from barback._responses import (
    DocumentProgress,
    DocumentResults,
    Failure,
    LineResult,
    Part,
    Receipt,
    Result,
    Status,
    Suggestion,
    Task,
    Timings,
)
from barback._retries import Retries
from barback._run import Run, RunProgress
from barback._webhooks import verify

__all__ = [
    "ApiError",
    "AsyncBarback",
    "Attempt",
    "Barback",
    "BarbackError",
    "Batch",
    "CancelledBatch",
    "Delivery",
    "DocumentProgress",
    "DocumentResults",
    "Drink",
    "Failure",
    "Group",
    "Ingredient",
    "Input",
    "LineResult",
    "ListedTask",
    "Look",
    "Part",
    "QueueLoad",
    "Receipt",
    "Result",
    "Retries",
    "Run",
    "RunProgress",
    "Status",
    "Suggestion",
    "Task",
    "TaskCancelled",
    "TaskFailed",
    "TaskTimeout",
    "TaskUnsuccessful",
    "Timings",
    "UnexpectedResponse",
    "Unreachable",
    "WebhookVerificationError",
    "verify",
]
