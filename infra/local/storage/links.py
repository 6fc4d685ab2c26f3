"""Signed links to files."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from infra.local.storage.errors import FolderUnusable, LinkInvalid
from infra.local.storage.lock import one_process_at_a_time
from tasks.ports import LINK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRET_NAME: Final = "secret"  # noqa: S105 - the name of the file
SECRET_BYTES: Final = 32


def load_secret(folder: Path) -> bytes:
    """Return the secret of a data folder, and create it first if necessary.

    Raises:
        FolderUnusable: the secret cannot be read or written.
    """
    path = folder / SECRET_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with one_process_at_a_time(folder):
            if not path.exists():
                _create(path)
            return path.read_bytes()
    except OSError as error:
        raise FolderUnusable(folder, error) from error


def _create(path: Path) -> None:
    """Write a secret, whole or not at all."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # with mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(descriptor)
    Path(temporary).replace(path)


class LinkSigner:
    """Signs and verifies links with a secret.

    The signature covers method, key, expiry, and what is known about the content of an upload.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        self._secret = secret
        self._clock = clock

    def sign(self, method: str, key: str, **content: str) -> str:
        """Return the query string of a link that is valid for `LINK_SECONDS`."""
        fields = {"expires": str(int(self._clock()) + LINK_SECONDS), **content}
        return urlencode(fields | {"signature": self._signature(method, key, fields)})

    def verify(self, method: str, key: str, query: Mapping[str, str]) -> None:
        """Check the query parameters of a link.

        Raises:
            LinkInvalid: the link has expired, or it does not belong to this method and key.
        """
        fields = {name: value for name, value in query.items() if name != "signature"}
        signature = query.get("signature", "").encode(errors="replace")
        if not hmac.compare_digest(signature, self._signature(method, key, fields).encode()):
            raise LinkInvalid("The signature of this link is not valid; ask for a new link.")
        if self._clock() >= int(fields["expires"]):
            raise LinkInvalid("This link has expired; ask for a new one.")

    def _signature(self, method: str, key: str, fields: Mapping[str, str]) -> str:
        content = json.dumps([method, key, sorted(fields.items())])
        return hmac.new(self._secret, content.encode(), hashlib.sha256).hexdigest()
