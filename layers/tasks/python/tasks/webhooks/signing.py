"""Signatures of deliveries.

Source: Standard Webhooks 1.0.0, https://www.standardwebhooks.com, with symmetric keys (v1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from tasks.webhooks.secrets import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable


def signed_headers(
    message_id: str, timestamp: int, body: bytes, secrets: Iterable[str]
) -> dict[str, str]:
    """Return the headers by which a receiver verifies a delivery: a signature for each secret."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [_signature(content, secret) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
