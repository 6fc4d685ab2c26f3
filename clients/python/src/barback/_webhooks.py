"""Verifies webhooks.

Source: Standard Webhooks 1.0.0, https://www.standardwebhooks.com, with symmetric keys (v1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any, Final

from barback._errors import WebhookVerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOLERANCE: Final = 300.0  # seconds
PREFIX: Final = "whsec_"
VERSION: Final = "v1"


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secrets: str | Iterable[str],
    *,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> dict[str, Any]:
    """Verify that the service sent a webhook, and return the JSON object of its body.

    Args:
        body: the body exactly as it was received.
        headers: the headers of the request; upper and lower case are the same.
        secrets: one secret, such as `whsec_…`, or several: after a rotation, the old one is valid
            for a day.
        tolerance: the seconds by which the time of the webhook may differ from `now`.
        now: the seconds since the epoch; without it, the time of this machine.

    Raises:
        WebhookVerificationError: the webhook is not from the service, or not from this time.
        ValueError: there is no secret, or one is not valid.
    """
    content = body.encode() if isinstance(body, str) else body
    keys = _keys(secrets)
    found = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = _header(found, "webhook-id"), _header(found, "webhook-timestamp")
    signatures = _header(found, "webhook-signature").split()
    signed = b".".join((message_id.encode(), timestamp.encode(), content))
    if not any(_matches(signature, key, signed) for signature in signatures for key in keys):
        raise WebhookVerificationError(
            "No signature matches. Check the secret, and pass the body exactly as it was received."
        )
    _check_time(timestamp, tolerance, time.time() if now is None else now)
    return _json_object(content)


def _keys(secrets: str | Iterable[str]) -> list[bytes]:
    keys = [_key(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    if not keys:
        raise ValueError("Give at least one secret.")
    return keys


def _key(secret: str) -> bytes:
    """Decode a secret, which may lack the padding of base64. The message omits it."""
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("A secret is not valid. Use one such as whsec_… and base64 after it.")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise WebhookVerificationError(f"The header {name} is missing.")
    return value


def _matches(signature: str, key: bytes, signed: bytes) -> bool:
    version, _, digest = signature.partition(",")
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    return version == VERSION and hmac.compare_digest(digest.encode(), expected)


def _check_time(timestamp: str, tolerance: float, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise WebhookVerificationError("The header webhook-timestamp is not a number of seconds.")
    if abs(now - float(timestamp)) > tolerance:
        raise WebhookVerificationError(
            f"The webhook was sent more than {tolerance:g} seconds ago or in the future. Check the"
            " clock of this machine."
        )


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WebhookVerificationError("The body is not JSON.") from error
    if not isinstance(value, dict):
        raise WebhookVerificationError("The body is not a JSON object.")
    return value
