"""The faults that happen at times of their own: outages, kills, clocks, the model, messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra.simulation.faults import MAX_SKEW, Fault
from infra.simulation.model import MODEL_KINDS, POISON, SECONDS, VERSIONS
from infra.simulation.nemesis import OUTAGE_KINDS
from infra.simulation.stack import QUEUE_OF_LANE, WEBHOOK_QUEUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.simulation.stack import Stack

OUTAGE_SECONDS: Final = (5.0, 1200.0)
SHORT_TROUBLE: Final = (5.0, 120.0)  # seconds
SLOW_MODEL: Final = (0.5, 12.0)  # seconds of a call
UNKNOWN_TASK: Final = "01a21996-014c-7000-8000-000000000000"
NESTED: Final = "[" * 20_000 + "]" * 20_000


def _message(**fields: object) -> str:
    known = {
        "version": 1,
        "task_id": UNKNOWN_TASK,
        "owner": "ann",
        "input": {},
        "deadline": 9e9,
        "lane": "interactive",
    }
    return json.dumps(known | fields, separators=(",", ":"))


def _delivery(**fields: object) -> str:
    known = {"version": 1, "delivery": UNKNOWN_TASK, "attempt": 1, "due": 0, "host": "h"}
    return json.dumps(known | fields, separators=(",", ":"))


# No code can read these, so nobody may delete them.
UNREADABLE: Final = (
    "not JSON",
    '["a", "list"]',
    NESTED,
    '{"task_id":null}',
    _message(version=2),
    _message(version=True),
    _message(lane="slow"),
    _message(owner=None),
    _message(input=[]),
    _message(deadline="soon"),
    _delivery(version=2),
    _delivery(attempt=0),
    _delivery(due="soon"),
)
# These can be read, but no worker expects their values. They must not harm other messages.
STRANGE: Final = (
    _message(deadline=float("nan")),
    _message(deadline=float("inf")),
    _message(deadline=-1),
    _message(deadline=10**400),
    _message(task_id=""),
    _message(task_id="\ud800"),
    _message(task_id="x" * 3000),
    _message(input={"ingredients": 5}),
    _message(input={"ingredients": [5]}),
    _message(input={"kind": "unheard-of"}),
    _message(input={"kind": ["next", "unheard-of"]}),
    _message(input={"kind": ["next", "complete"], "ingredients": [*sorted(POISON)]}),
    _message(input={"kind": []}),
    _message(input={"kind": [["next"], 5]}),
    _message(input={"top_k": -1}),
    _message(input={"later": "field"}),
    _message(input={"document": 5}, lane="document"),
    _message(input={"document": "k", "language": "en", "progress": 5}, lane="document"),
    _message(input={"document": "k", "progress": {"later": 1}}, lane="document"),
    _delivery(),
    _delivery(attempt=10**6),
    _delivery(host="", due=2e9),
)


class Disruptions:
    """Injects the faults that have intervals."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._random = stack.nemesis.random
        self._acts: Mapping[Fault, Callable[[], None]] = {
            Fault.OUTAGE: self._outage,
            Fault.UNREADABLE: self._send_unreadable,
            Fault.KILLED: self._kill,
            Fault.CLOCK: self._set_clock,
            Fault.MODEL_FAILS: self._fail_model,
            Fault.MODEL_FORGETS: self._forget,
            Fault.MODEL_SLOW: self._slow_model,
            Fault.MODEL_REPLACED: self._replace_model,
            Fault.USED_UP: self._use_up_receives,
        }

    def schedule(self, until: float) -> None:
        """Let each of these faults happen at random times until a time, and then stop."""
        scheduler = self._stack.scheduler
        for fault, act in self._acts.items():
            interval = self._stack.nemesis.profile.intervals.get(fault)
            if interval is None:
                continue
            at = scheduler.now + self._random.expovariate(1 / interval)
            while at < until:
                scheduler.at(at, act)
                at += self._random.expovariate(1 / interval)
        scheduler.at(until, self._stop)

    def _stop(self) -> None:
        nemesis = self._stack.nemesis
        nemesis.is_active = False
        nemesis.outages.clear()
        nemesis.condition.failing = ()
        nemesis.condition.forgets = False
        nemesis.condition.seconds = SECONDS

    def _for_a_while(
        self, begin: Callable[[], None], end: Callable[[], None], seconds: tuple[float, float]
    ) -> None:
        """Begin something that ends later, at the latest when all faults end."""
        shortest, longest = seconds
        lasts = shortest * (longest / shortest) ** self._random.random()
        begin()
        self._stack.scheduler.at(self._stack.scheduler.now + lasts, end)

    def _outage(self) -> None:
        outages = self._stack.nemesis.outages
        service = self._random.choice(("dynamodb", "sqs", "s3"))
        kind = self._random.choice(OUTAGE_KINDS)
        self._note(Fault.OUTAGE, f"{service}: {kind}")

        def begin() -> None:
            outages[service] = kind

        def end() -> None:
            outages.pop(service, None)

        self._for_a_while(begin, end, OUTAGE_SECONDS)

    def _note(self, fault: Fault, detail: str = "") -> None:
        self._stack.nemesis.note(fault, detail)

    def _send_unreadable(self) -> None:
        """Put a message in a queue, as newer code or a stranger would."""
        queue = self._stack.queues[self._random.choice([*QUEUE_OF_LANE.values(), WEBHOOK_QUEUE])]
        is_strange = self._random.random() < 0.5  # noqa: PLR2004 - a half
        body = self._random.choice(STRANGE if is_strange else UNREADABLE)
        message_id = queue.send(body, "stranger")
        if not is_strange:
            self._stack.history.unreadable.add(message_id)
        self._note(Fault.UNREADABLE, f"{message_id} {body[:80]}")

    def _use_up_receives(self) -> None:
        """Let a message of a delivery have all its receives, as after six hours of crashes."""
        queue = self._stack.queues[WEBHOOK_QUEUE]
        if queue.messages:
            message = self._random.choice([*queue.messages.values()])
            message.receive_count = queue.max_receives
            self._note(Fault.USED_UP, message.message_id)

    def _kill(self) -> None:
        running = [
            built.process
            for built in self._stack.instances.values()
            if built.process is not None and not built.process.done
        ]
        if running:
            process = self._random.choice(running)
            self._note(Fault.KILLED, process.name)
            process.kill()

    def _set_clock(self) -> None:
        if self._stack.instances:
            built = self._random.choice([*self._stack.instances.values()])
            built.instance.offset = self._random.uniform(-MAX_SKEW, MAX_SKEW)
            self._note(Fault.CLOCK, f"{built.instance.name} {built.instance.offset:+.1f} s")

    def _fail_model(self) -> None:
        kinds = self._random.choice((MODEL_KINDS, *((kind,) for kind in MODEL_KINDS)))
        self._note(Fault.MODEL_FAILS, " and ".join(kinds))
        self._condition_for_a_while("failing", value=kinds, usual=())

    def _forget(self) -> None:
        self._note(Fault.MODEL_FORGETS)
        self._condition_for_a_while("forgets", value=True, usual=False)

    def _slow_model(self) -> None:
        self._note(Fault.MODEL_SLOW)
        self._condition_for_a_while("seconds", value=SLOW_MODEL, usual=SECONDS)

    def _condition_for_a_while(self, name: str, *, value: object, usual: object) -> None:
        condition = self._stack.nemesis.condition
        self._for_a_while(
            lambda: setattr(condition, name, value),
            lambda: setattr(condition, name, usual),
            SHORT_TROUBLE,
        )

    def _replace_model(self) -> None:
        """Deploy another version; the next invocations load it."""
        nemesis = self._stack.nemesis
        nemesis.model = self._random.choice(VERSIONS)
        self._note(Fault.MODEL_REPLACED, nemesis.model)
