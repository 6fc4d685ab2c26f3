"""The ports of webhooks. Those of the table and the queue raise `Unavailable` without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from tasks.webhooks.delivery import Reply, WebhookDelivery
    from tasks.webhooks.messages import DeliveryMessage
    from tasks.webhooks.secrets import OwnerSecrets

    # Sends headers and a body, and returns what became of them, after ten seconds at most.
    Post = Callable[[Mapping[str, str], bytes], Reply]


class DeliveryStore(Protocol):
    """The rows of deliveries."""

    def create_delivery(self, delivery: WebhookDelivery) -> None:
        """Put a new row. A row that exists stays as it is."""

    def get_delivery(self, delivery_id: str) -> WebhookDelivery | None:
        """Return the current row, or None."""

    def replace_delivery(self, delivery: WebhookDelivery, read: WebhookDelivery) -> bool:
        """Replace a row that was read. Returns False if it has changed since then."""


class SecretStore(Protocol):
    """The rows of secrets."""

    def get_secrets(self, owner: str) -> OwnerSecrets | None:
        """Return the current row of an owner, or None."""

    def put_secrets(self, secrets: OwnerSecrets) -> bool:
        """Put a row whose version is one more than that of the current one; 1 creates it.

        Returns False if the current row has another version.
        """


class WebhookStore(DeliveryStore, SecretStore, Protocol):
    """The rows of both kinds, which are in one table."""


class DeliveryQueue(Protocol):
    """The queue of deliveries, fair among the hosts of receivers."""

    def send(self, messages: Sequence[DeliveryMessage], now: float) -> None:
        """Put messages in the queue, each visible after its delay.

        If this raises, some of them may have been sent.
        """


class BodySource(Protocol):
    """The bodies of deliveries."""

    def body_of(self, delivery: WebhookDelivery) -> bytes | None:
        """Return the result of the task or batch as it is now, or None if it has expired.

        Raises:
            Unavailable: the table did not answer.
        """


class Receiver(Protocol):
    """The receivers of deliveries, reached by HTTP."""

    def admit(self, owner: str, url: str) -> AbstractContextManager[Post]:
        """Admit a request of an owner to a URL; the context has the function that makes it.

        Raises:
            ReceiverBusy: too many requests of the owner to the host have no answer yet; try again
                later.
        """
