"""Webhooks are verified as by the official library of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Final

import pytest
from standardwebhooks import Webhook

from barback import BarbackError, WebhookVerificationError, verify

SECRET: Final = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OTHER: Final = "whsec_" + base64.b64encode(b"another of thirty-two bytes .....").decode()
BODY: Final = '{"task_id":"t","status":"SUCCESS","result":"мёд"}'
NOW: Final = int(time.time())  # the official library has no other clock

Headers = dict[str, str]


def signed(body: str = BODY, secret: str = SECRET, seconds: int = NOW) -> Headers:
    """Sign with the official library."""
    at = datetime.fromtimestamp(seconds, UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(seconds),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }


def signed_by_hand() -> Headers:
    """Sign as the specification says, without the official library."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(key, f"msg_1.{NOW}.{BODY}".encode(), hashlib.sha256)
    return signed() | {"webhook-signature": "v1," + base64.b64encode(digest).decode()}


VALID: Final = signed()
SIGNATURE: Final = VALID["webhook-signature"]

ACCEPTED: Final = {
    "signed by the official library": VALID,
    "signed by hand": signed_by_hand(),
    "several signatures": VALID | {"webhook-signature": f"v1,AAAA {SIGNATURE}"},
    "a signature of another version, too": VALID | {"webhook-signature": f"v1a,AAAA {SIGNATURE}"},
    "almost five minutes old": signed(seconds=NOW - 240),
    "from a fast clock": signed(seconds=NOW + 290),
}
REFUSED: Final = {
    "another body": signed(BODY.replace("SUCCESS", "FAIL")),
    "another id": VALID | {"webhook-id": "msg_2"},
    "another time": VALID | {"webhook-timestamp": str(NOW + 1)},
    "another secret": signed(secret=OTHER),
    "more than five minutes old": signed(seconds=NOW - 310),
    "from the future": signed(seconds=NOW + 400),
    "another version only": VALID | {"webhook-signature": SIGNATURE.replace("v1,", "v2,")},
    "a time that is no number": VALID | {"webhook-timestamp": "now"},
    "no id": {name: value for name, value in VALID.items() if name != "webhook-id"},
    "no time": VALID | {"webhook-timestamp": ""},
    "no signature": VALID | {"webhook-signature": ""},
    "a signature that is not base64": VALID | {"webhook-signature": "v1,*"},
    "a signature that is not ASCII": VALID | {"webhook-signature": "v1,ключ"},
    "a part of the signature": VALID | {"webhook-signature": SIGNATURE[:-4]},
}


@pytest.mark.parametrize("headers", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_webhook_is_accepted_as_by_the_official_library(headers: Headers) -> None:
    assert Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)
    assert verify(BODY, headers, SECRET) == json.loads(BODY)


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED.keys())
def test_a_webhook_is_refused_as_by_the_official_library(headers: Headers) -> None:
    with pytest.raises(Exception, match=r"."):  # it has no common class for its errors
        Webhook(SECRET).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        verify(BODY, headers, SECRET)


def test_during_a_rotation_one_of_several_secrets_must_match() -> None:
    assert verify(BODY, signed(secret=OTHER), [SECRET, OTHER]) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError, match="No signature matches"):
        verify(BODY, signed(), iter([OTHER]))


def test_the_body_may_be_bytes_and_the_headers_in_upper_case() -> None:
    headers = {name.upper(): value for name, value in VALID.items()}
    assert verify(BODY.encode(), headers, SECRET) == json.loads(BODY)


def test_a_secret_may_lack_its_prefix_and_its_padding() -> None:
    secret = SECRET.removeprefix("whsec_").rstrip("=")
    assert secret != SECRET.removeprefix("whsec_")
    assert verify(BODY, VALID, secret) == json.loads(BODY)


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
        verify(BODY, VALID, secrets)
    assert SECRET not in str(caught.value)
