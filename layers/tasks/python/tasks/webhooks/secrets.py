"""The secrets with which an owner's deliveries are signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PREFIX: Final = "whsec_"
OLD_SECONDS: Final = 86_400.0  # how long a secret stays valid after its replacement
MAX_SECRETS: Final = 10  # of an owner that rotates again and again; the oldest are dropped


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: `whsec_` and 32 bytes in base64. The newest one never expires."""

    value: str
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class OwnerSecrets:
    """The row with an owner's secrets, newest first; `version` counts its writes."""

    owner: str
    secrets: tuple[Secret, ...]
    version: int = 1

    def valid(self, now: float) -> list[str]:
        """Return the values of the secrets that are valid, newest first."""
        return [
            secret.value
            for secret in self.secrets
            if secret.expires_at is None or secret.expires_at > now
        ]

    def rotated(self, value: str, now: float) -> OwnerSecrets:
        """Return the secrets with a new one; its predecessor stays valid for a day."""
        newest, *others = self.secrets
        old = [Secret(newest.value, now + OLD_SECONDS), *others]
        kept = [secret for secret in old if secret.expires_at is None or secret.expires_at > now]
        secrets = (Secret(value), *kept)[:MAX_SECRETS]
        return OwnerSecrets(self.owner, secrets, self.version + 1)
