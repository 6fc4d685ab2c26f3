"""Reads and rotates the secrets of owners."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.errors import Unavailable
from tasks.webhooks.secrets import PREFIX, OwnerSecrets, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.webhooks.ports import SecretStore

SECRET_BYTES: Final = 32
MAX_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class SecretService:
    """Reads and rotates secrets. The clock returns seconds since the epoch."""

    store: SecretStore
    clock: Callable[[], float]
    entropy: Callable[[int], bytes] = os.urandom

    def of(self, owner: str) -> list[str]:
        """Return the valid secrets of an owner, newest first; the first read creates one.

        Raises:
            Unavailable: the table did not answer.
        """
        return self._read(owner).valid(self.clock())

    def rotate(self, owner: str) -> list[str]:
        """Make a new secret and return the valid ones; the previous one stays valid for a day.

        Raises:
            Unavailable: the table did not answer, or others rotate at the same time.
        """
        for _ in range(MAX_TRIES):
            now = self.clock()
            rotated = self._read(owner).rotated(self._new(), now)
            if self.store.put_secrets(rotated):
                return rotated.valid(now)
        raise Unavailable("The secrets change too often.")

    def _read(self, owner: str) -> OwnerSecrets:
        for _ in range(MAX_TRIES):
            if (found := self.store.get_secrets(owner)) is not None:
                return found
            created = OwnerSecrets(owner, (Secret(self._new()),))
            if self.store.put_secrets(created):
                return created
        raise Unavailable("The secret was neither found nor created.")

    def _new(self) -> str:
        return PREFIX + base64.b64encode(self.entropy(SECRET_BYTES)).decode()
