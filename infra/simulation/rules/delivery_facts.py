"""What happened to the deliveries of a round."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from infra.simulation.events import Posted, RowWritten
from infra.simulation.rules.facts import Violation
from tasks.webhooks.delivery import LIFETIME, delivery_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.simulation.events import Event
    from infra.simulation.rules.facts import Facts, TaskFacts

DELIVERY: Final = "delivery#"
SECRETS: Final = "secrets#"


@dataclass(slots=True)
class DeliveryFacts:
    """What happened to the delivery of a task or a batch.

    Attributes:
        url: the webhook.
        owner: the owner of the task or batch.
        batch_id: the id of the batch; "" for a task.
        tasks: the task, or those of the batch in the order of the array.
        writes: all writes to the row of the delivery, but not its deletion.
        posts: the requests to the receiver.
    """

    url: str
    owner: str
    batch_id: str
    tasks: list[TaskFacts] = field(default_factory=list)
    writes: list[RowWritten] = field(default_factory=list)
    posts: list[Posted] = field(default_factory=list)

    @property
    def ended_at(self) -> float | None:
        """When the last of the tasks ended, or None if one did not."""
        ends = [task.end.at for task in self.tasks if task.end is not None]
        return max(ends) if len(ends) == len(self.tasks) else None

    @property
    def row(self) -> Any:
        """The last row, or None."""
        return self.writes[-1].after if self.writes else None

    @property
    def state(self) -> str:
        """The last state."""
        state: str = self.row["state"]["S"] if self.row else ""
        return state

    @property
    def number(self) -> int:
        """The number of the next attempt."""
        return int(self.row["number"]["N"])

    @property
    def first(self) -> int:
        """The number of the first attempt since the last start."""
        return int(self.row["first"]["N"])

    @property
    def ends_at(self) -> float:
        """From when on there is no other attempt."""
        started_at, expires_at = (float(self.row[n]["N"]) for n in ("started_at", "expires_at"))
        return min(started_at + LIFETIME, expires_at)

    @property
    def restarts(self) -> list[RowWritten]:
        """The writes that started it again."""
        return [write for write in self.writes if is_restart(write)]

    @property
    def created_at(self) -> float:
        """When the row was made, by the clock of the function."""
        return float(self.row["created_at"]["N"])

    @property
    def attempts(self) -> list[Any]:
        """The attempts of the last row."""
        return attempts_of(self.row) if self.row else []

    def violation(self, at: float, text: str) -> Violation:
        """Return a violation of a rule."""
        subject = f"batch {self.batch_id}: " if self.batch_id else ""
        return Violation(self.tasks[0].task_id, at, subject + text)


def attempts_of(item: Any) -> list[Any]:
    """Return the attempts in a row."""
    attempts: list[Any] = json.loads(item["attempts"]["S"])
    return attempts


def is_restart(write: RowWritten) -> bool:
    """Whether a write starts a delivery again."""
    before, after = write.before, write.after
    return bool(before and after and before["started_at"] != after["started_at"])


def is_listing(write: RowWritten) -> bool:
    """Whether a write only lists an attempt that was being made when its delivery started again."""
    before, after = write.before, write.after
    unchanged = ("started_at", "number", "state")
    return bool(before and after and all(before[name] == after[name] for name in unchanged))


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of a round.

    Attributes:
        by_id: those of all tasks and batches with webhooks, by id of the delivery.
        strays: the ids of anything else that has one, and when.
        secrets: all secrets that the owners ever had.
    """

    by_id: dict[str, DeliveryFacts]
    strays: list[tuple[str, float]]
    secrets: dict[str, list[str]]

    def __iter__(self) -> Iterator[DeliveryFacts]:
        """Yield the deliveries."""
        return iter(self.by_id.values())


@lru_cache(maxsize=1)
def deliveries_of(facts: Facts) -> Deliveries:
    """Return the deliveries of a round."""
    found = _expected(facts)
    strays: list[tuple[str, float]] = []
    for delivery_id, event in _of_deliveries(facts.history.events):
        if delivery_id not in found:
            strays.append((delivery_id, event.at))
        elif isinstance(event, Posted):
            found[delivery_id].posts.append(event)
        elif event.after is not None:
            found[delivery_id].writes.append(event)
    return Deliveries(found, strays, _secrets(facts.history.events))


def _expected(facts: Facts) -> dict[str, DeliveryFacts]:
    found: dict[str, DeliveryFacts] = {}
    for _, task in sorted(facts.tasks.items()):  # the ids of an array have its order
        row = task.writes[0].after if task.writes else None
        if row is None or "webhook" not in row:
            continue
        batch_id = row["batch_id"]["S"] if "batch_id" in row else ""
        created_at = float(row["created_at"]["N"])
        delivery_id = delivery_id_of(task.task_id, batch_id or None, created_at)
        delivery = DeliveryFacts(row["webhook"]["S"], row["owner"]["S"], batch_id)
        found.setdefault(delivery_id, delivery).tasks.append(task)
    return found


def _of_deliveries(events: Sequence[Event]) -> Iterator[tuple[str, RowWritten | Posted]]:
    for event in events:
        if isinstance(event, Posted):
            yield event.task_id, event
        elif isinstance(event, RowWritten) and event.task_id.startswith(DELIVERY):
            yield event.task_id.removeprefix(DELIVERY), event


def _secrets(events: Sequence[Event]) -> dict[str, list[str]]:
    """Return all secrets that the owners ever had."""
    found: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if isinstance(event, RowWritten) and event.task_id.startswith(SECRETS) and event.after:
            pairs = json.loads(event.after["secrets"]["S"])
            owner = event.task_id.removeprefix(SECRETS)
            found[owner] += [value for value, _ in pairs if value not in found[owner]]
    return found
