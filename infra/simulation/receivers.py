"""The receivers of webhooks in virtual time: each host has a behaviour of its own."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from infra.simulation.events import Posted
from tasks.errors import ReceiverBusy
from tasks.webhooks.delivery import Reason, Reply
from tasks.webhooks.receivers import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from infra.simulation.history import History
    from infra.simulation.scheduler import Scheduler
    from tasks.webhooks.ports import Post

QUICK: Final = "quick.example"
FLAKY: Final = "flaky.example"  # fails half of the time
SLOW: Final = "slow.example"  # takes seconds
HANGING: Final = "hanging.example"  # never answers
BROKEN: Final = "broken.example"  # always fails
GONE: Final = "gone.example"  # wants no deliveries
BUSY: Final = "busy.example"  # has too many requests now and then
URLS: Final = tuple(
    f"https://{host}/hook" for host in (QUICK, QUICK, FLAKY, SLOW, HANGING, BROKEN, GONE, BUSY)
)
TIMEOUT: Final = 10.0  # seconds
SECONDS: Final = (0.01, 0.2)  # of a request
SLOW_SECONDS: Final = (1.0, 9.0)


class SimulatedReceiver:
    """All receivers, as an instance of the function reaches them."""

    def __init__(self, scheduler: Scheduler, history: History, random: Random) -> None:
        self._scheduler = scheduler
        self._history = history
        self._random = random

    @contextmanager
    def admit(self, _owner: str, url: str) -> Iterator[Post]:
        """Admit a request, unless the receiver is busy."""
        if host_of(url) == BUSY and self._random.random() < 0.5:  # noqa: PLR2004 - a half
            raise ReceiverBusy
        yield partial(self._post, url)

    def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Deliver a body; the receiver acts when the request begins, whatever the sender does."""
        host = host_of(url)
        reply = self._reply(host)
        now = self._scheduler.now
        seconds = self._seconds(host)
        delivery_id = headers["webhook-id"]
        event = Posted(
            now,
            self._history.actor,
            delivery_id,
            url,
            dict(headers),
            body,
            reply,
            until=now + seconds,
        )
        self._history.events.append(event)
        self._scheduler.sleep(seconds)
        return reply

    def _seconds(self, host: str) -> float:
        shortest, longest = SLOW_SECONDS if host == SLOW else SECONDS
        seconds = shortest + (longest - shortest) * self._random.random()
        return TIMEOUT if host == HANGING else seconds

    def _reply(self, host: str) -> Reply:
        if host == HANGING:
            return Reply(reason=Reason.TIMEOUT)
        if host == FLAKY and self._random.random() < 0.5:  # noqa: PLR2004 - a half
            return Reply(self._random.choice((500, 503, 302)))
        return Reply({BROKEN: 503, GONE: 410}.get(host, 204))
