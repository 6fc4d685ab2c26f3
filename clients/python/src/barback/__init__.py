"""Client of Barback, which suggests the next ingredient of a drink.

from barback import Barback

with Barback("http://127.0.0.1:8000") as bar:
    print(bar.suggest(["milk", "strawberry"]).result)
"""

from barback._async_client import AsyncBarback
from barback._client import Barback
from barback._drink import Drink
from barback._errors import (
    ApiError,
    BarbackError,
    TaskCancelled,
    TaskEnded,
    TaskFailed,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
)
from barback._responses import (
    Document,
    Failure,
    Ingredient,
    Line,
    Queue,
    Receipt,
    Result,
    Status,
    Suggestion,
    Task,
    Timings,
)
from barback._retries import Retries

__all__ = [
    "ApiError",
    "AsyncBarback",
    "Barback",
    "BarbackError",
    "Document",
    "Drink",
    "Failure",
    "Ingredient",
    "Line",
    "Queue",
    "Receipt",
    "Result",
    "Retries",
    "Status",
    "Suggestion",
    "Task",
    "TaskCancelled",
    "TaskEnded",
    "TaskFailed",
    "TimedOut",
    "Timings",
    "UnexpectedAnswer",
    "Unreachable",
]
