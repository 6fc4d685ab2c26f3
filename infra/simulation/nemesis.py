"""The nemesis: faults in calls, deliveries, processes and the model, as long as it is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra.simulation.call_faults import CALL_FAULTS
from infra.simulation.events import Call
from infra.simulation.faults import LONGEST_DELAY, MAX_SKEW, REPEAT, Fault
from infra.simulation.model import VERSIONS, Condition

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from infra.simulation.aws.client import Attempt
    from infra.simulation.events import Span
    from infra.simulation.faults import Profile
    from infra.simulation.history import History
    from infra.simulation.scheduler import Scheduler

LATENCY: Final = (0.002, 0.02)  # seconds of each way of an attempt
OUTAGE_KINDS: Final = (
    Fault.THROTTLED,
    Fault.FAILED,
    Fault.REQUEST_LOST,
    Fault.UNREACHABLE,
    Fault.ANSWER_LOST,
)


class Nemesis:
    """The network, the deliveries and the condition of the model.

    Attributes:
        scheduler: the time.
        history: where faults are noted.
        random: all that is left to chance.
        profile: the faults of this round.
        is_active: whether faults are injected.
        condition: of the model.
        model: the version of the model that new instances load.
        outages: the kind of fault that every attempt meets, by service.
    """

    def __init__(
        self, scheduler: Scheduler, history: History, random: Random, profile: Profile
    ) -> None:
        self.scheduler = scheduler
        self.history = history
        self.random = random
        self.profile = profile
        self.is_active = True
        self.condition = Condition()
        self.model = VERSIONS[0]
        self.outages: dict[str, Fault] = {}
        self._call_rate = sum(profile.calls.values())

    @property
    def span(self) -> Span | None:
        """The request or invocation that is running."""
        process = self.scheduler.current
        return None if process is None else process.span

    def calls(self, method: str, parameters: Mapping[str, Any]) -> None:
        """Note a call of a client."""
        if (span := self.span) is not None:
            key = parameters.get("Key", "")
            detail = key if isinstance(key, str) else key["task_id"]["S"]
            span.calls.append(Call(self.scheduler.now, method, detail))

    def carry(self, attempt: Attempt) -> Any:
        """Let the service answer after a latency, or let a fault happen."""
        fault = self._draw(attempt) if self.is_active else None
        if fault is not None and (inject := CALL_FAULTS[fault].get(attempt.method)) is not None:
            self.note(fault, attempt.method)
            return inject(self, attempt)
        self.latency()
        answer = attempt.send()
        self.latency()
        return answer

    def latency(self) -> None:
        """Let the time of one way of an attempt pass."""
        shortest, longest = LATENCY
        self.scheduler.sleep(shortest + (longest - shortest) * self.random.random())

    def note(self, fault: Fault, detail: str = "", task_id: str = "") -> None:
        """Note a fault in the history, and in the span that met it."""
        self.history.fault(fault, detail, task_id)
        if (span := self.span) is not None:
            span.faults.append(fault)

    def _draw(self, attempt: Attempt) -> Fault | None:
        if (outage := self.outages.get(attempt.service)) is not None:
            return outage
        if not self._call_rate:
            return None
        span = self.span
        if span is not None and span.faults and self.random.random() < REPEAT:
            last = span.faults[-1]
            return Fault(last) if last in CALL_FAULTS else None
        drawn = self.random.random()
        if drawn >= self._call_rate:
            return None
        for fault, rate in self.profile.calls.items():
            if drawn < rate:
                return fault
            drawn -= rate
        return None

    # How queues deliver.

    def happens(self, fault: Fault) -> bool:
        """Whether a fault of a delivery happens now; it is noted."""
        rate = self.profile.deliveries.get(fault, 0.0) if self.is_active else 0.0
        if not rate or self.random.random() >= rate:
            return False
        self.note(fault)
        return True

    def delay(self) -> float:
        """Return the seconds until a message that was sent can be received."""
        late = self.happens(Fault.DELAYED)
        return self.random.uniform(0, LONGEST_DELAY) if late else 0.0

    def pick(self, visible: int) -> int:
        """Return the index of the message to deliver next."""
        if visible == 1 or not self.happens(Fault.REORDERED):
            return 0
        return self.random.randrange(visible)

    def repeats(self) -> bool:
        """Whether a received message stays visible, and is thus received twice."""
        return self.happens(Fault.REPEATED)

    def returns(self) -> float | None:
        """Return after how many seconds a deleted message is delivered again, or None."""
        returned = self.happens(Fault.RETURNED)
        return self.random.uniform(0, LONGEST_DELAY) if returned else None

    # How clocks differ.

    def clock_offset(self) -> float:
        """Return the seconds by which the clock of a new instance differs."""
        if Fault.CLOCK not in self.profile.intervals:
            return 0.0
        return self.random.uniform(-MAX_SKEW, MAX_SKEW)
