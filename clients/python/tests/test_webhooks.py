"""Webhooks are verified as by the official library of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from standardwebhooks import Webhook

from barback import BarbackError, WebhookVerificationError, verify

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET: Final = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OTHER: Final = "whsec_" + base64.b64encode(b"another of thirty-two bytes .....").decode()
BODY: Final = '{"task_id":"t","status":"SUCCESS","result":"мёд"}'
Headers = dict[str, str]


def signed(
    body: str = BODY, secret: str = SECRET, age: int = 0, seconds: int | None = None
) -> Headers:
    """Sign with the official library, which has no other clock than that of the machine."""
    seconds = int(time.time()) - age if seconds is None else seconds
    at = datetime.fromtimestamp(seconds, UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(seconds),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }


def signed_by_hand() -> Headers:
    """Sign as the specification says, without the official library."""
    headers = signed()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    content = f"msg_1.{headers['webhook-timestamp']}.{BODY}".encode()
    digest = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return headers | {"webhook-signature": f"v1,{digest}"}


def with_signature(change: Callable[[str], str]) -> Callable[[], Headers]:
    """Return a function that changes a valid signature."""

    def changed() -> Headers:
        headers = signed()
        return headers | {"webhook-signature": change(headers["webhook-signature"])}

    return changed


ACCEPTED: Final[dict[str, Callable[[], Headers]]] = {
    "signed by the official library": signed,
    "signed by hand": signed_by_hand,
    "several signatures": with_signature(lambda signature: f"v1,AAAA {signature}"),
    "a signature of another version, too": with_signature(lambda valid: f"v1a,AAAA {valid}"),
    "four minutes old": lambda: signed(age=240),
    "from a clock that is four minutes fast": lambda: signed(age=-240),
}
REFUSED: Final[dict[str, Callable[[], Headers]]] = {
    "another body": lambda: signed(BODY.replace("SUCCESS", "FAIL")),
    "another id": lambda: signed() | {"webhook-id": "msg_2"},
    "another time": lambda: signed() | {"webhook-timestamp": str(int(time.time()) + 9)},
    "another secret": lambda: signed(secret=OTHER),
    "six minutes old": lambda: signed(age=360),
    "from the future": lambda: signed(age=-360),
    "another version only": with_signature(lambda valid: valid.replace("v1,", "v2,")),
    "a time that is no number": lambda: signed() | {"webhook-timestamp": "now"},
    "no id": lambda: signed() | {"webhook-id": ""},
    "no time": lambda: signed() | {"webhook-timestamp": ""},
    "no signature": with_signature(lambda _: ""),
    "a signature that is not base64": with_signature(lambda _: "v1,*"),
    "a signature that is not ASCII": with_signature(lambda _: "v1,ключ"),
    "a part of the signature": with_signature(lambda valid: valid[:-4]),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_webhook_is_accepted_as_by_the_official_library(case: str) -> None:
    headers = ACCEPTED[case]()
    assert Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)
    assert verify(BODY, headers, SECRET) == json.loads(BODY)


@pytest.mark.parametrize("case", REFUSED)
def test_a_webhook_is_refused_as_by_the_official_library(case: str) -> None:
    headers = REFUSED[case]()
    with pytest.raises(Exception, match=r"."):  # it has no common class for its errors
        Webhook(SECRET).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        verify(BODY, headers, SECRET)


def test_during_a_rotation_one_of_several_secrets_must_match() -> None:
    assert verify(BODY, signed(secret=OTHER), [SECRET, OTHER]) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError, match="No signature matches"):
        verify(BODY, signed(), iter([OTHER]))


def test_the_body_may_be_bytes_and_the_headers_in_upper_case() -> None:
    headers = {name.upper(): value for name, value in signed().items()}
    assert verify(BODY.encode(), headers, SECRET) == json.loads(BODY)


def test_a_secret_may_lack_its_prefix_and_its_padding() -> None:
    secret = SECRET.removeprefix("whsec_").rstrip("=")
    assert secret != SECRET.removeprefix("whsec_")
    assert verify(BODY, signed(), secret) == json.loads(BODY)


def test_the_tolerance_and_the_clock_can_be_set() -> None:
    old = signed(seconds=1000)
    assert verify(BODY, old, SECRET, now=1300) == json.loads(BODY)
    with pytest.raises(BarbackError, match="more than 300 seconds ago or in the future"):
        verify(BODY, old, SECRET, now=1301)
    assert verify(BODY, old, SECRET, now=1301, tolerance=301) == json.loads(BODY)


@pytest.mark.parametrize("body", ["no JSON", "[]", "null", "5"])
def test_a_signed_body_that_is_not_a_json_object_is_refused(body: str) -> None:
    with pytest.raises(WebhookVerificationError, match="The body is not"):
        verify(body, signed(body), SECRET)


@pytest.mark.parametrize("secrets", [[], "", "whsec_", "whsec_*", [SECRET, ""]], ids=str)
def test_a_secret_that_is_not_valid_is_refused_and_not_shown(secrets: str | list[str]) -> None:
    with pytest.raises(ValueError, match=r"[Ss]ecret") as caught:
        verify(BODY, signed(), secrets)
    assert SECRET not in str(caught.value)
