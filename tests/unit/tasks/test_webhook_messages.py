from __future__ import annotations

import json

import pytest

from tasks.errors import MessageUnreadable
from tasks.messages import TaskMessage
from tasks.webhooks.delivery import WebhookDelivery
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.signing import signed_headers
from tests.fakes import NOW

MESSAGE = DeliveryMessage("t1", 2, NOW + 0.5, "bar.example")
DELIVERY = WebhookDelivery("t1", "me", "https://BAR.example/hook", NOW, NOW + 86_400, NOW)


def test_a_message_is_read_as_it_was_written() -> None:
    assert DeliveryMessage.decode(MESSAGE.encode()) == MESSAGE


def test_a_message_has_no_url_and_no_secret() -> None:
    """The row has them."""
    message = DeliveryMessage.of(DELIVERY, NOW)
    assert message == DeliveryMessage("t1", 1, NOW, "bar.example")
    assert json.loads(message.encode()).keys() == {"version", "delivery", "attempt", "due", "host"}


@pytest.mark.parametrize(
    ("seconds", "delay"), [(-5, 0), (0, 0), (0.2, 1), (5, 5), (899.5, 900), (21_600, 900)]
)
def test_a_delay_is_rounded_up_and_at_most_15_minutes(seconds: float, delay: int) -> None:
    assert DeliveryMessage("t1", 1, NOW + seconds, "bar.example").delay(NOW) == delay


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"delivery": 1},
        {"attempt": 0},
        {"attempt": 1.5},
        {"attempt": True},
        {"due": -1},
        {"due": "now"},
        {"due": 1e12},
        {"host": None},
    ],
)
def test_a_message_with_another_form_is_unreadable(change: dict[str, object]) -> None:
    body = json.loads(MESSAGE.encode()) | change
    with pytest.raises(MessageUnreadable):
        DeliveryMessage.decode(json.dumps(body))


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"'])
def test_a_text_that_is_no_message_is_unreadable(text: str) -> None:
    with pytest.raises(MessageUnreadable):
        DeliveryMessage.decode(text)


def test_messages_of_tasks_and_of_deliveries_are_told_apart() -> None:
    """The dead-letter queue has both."""
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(MESSAGE.encode())
    with pytest.raises(MessageUnreadable):
        DeliveryMessage.decode(TaskMessage("t1", "me", {}, NOW).encode())


def test_signatures_are_those_of_standard_webhooks() -> None:
    """The example of the specification of `standardwebhooks` and Svix."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_delivery_has_a_signature_of_each_secret() -> None:
    secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QUJD"]
    both = signed_headers("t1", 1, b"{}", secrets)["webhook-signature"].split(" ")
    alone = [signed_headers("t1", 1, b"{}", [secret])["webhook-signature"] for secret in secrets]
    assert both == alone
    assert both[0] != both[1]
