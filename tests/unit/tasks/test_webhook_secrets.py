from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tasks.errors import Unavailable
from tasks.webhooks.secret_service import SecretService
from tests.fakes import NOW, FakeClock, InMemoryWebhookStore

if TYPE_CHECKING:
    from tasks.webhooks.secrets import OwnerSecrets


class LosingStore(InMemoryWebhookStore):
    """A table in which someone else writes a moment earlier, a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def put_secrets(self, secrets: OwnerSecrets) -> bool:
        if self.times:
            self.times -= 1
            super().put_secrets(secrets)
        return super().put_secrets(secrets)


class Harness:
    """The secrets in an empty table."""

    def __init__(self, store: InMemoryWebhookStore | None = None) -> None:
        self.clock = FakeClock()
        self.store = store or InMemoryWebhookStore()
        self.secrets = SecretService(self.store, self.clock)


def test_the_first_read_creates_a_secret() -> None:
    """It has 32 bytes, and stays the same."""
    harness = Harness()
    [secret] = harness.secrets.of("me")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert harness.secrets.of("me") == [secret]
    assert harness.secrets.of("you") != [secret]


def test_two_first_reads_create_one_secret() -> None:
    harness = Harness(LosingStore(1))
    assert harness.secrets.of("me") == harness.secrets.of("me")


def test_a_rotation_puts_a_new_secret_first() -> None:
    harness = Harness()
    [old] = harness.secrets.of("me")
    new, second = harness.secrets.rotate("me")
    assert second == old
    assert new != old
    assert harness.secrets.of("me") == [new, old]


def test_the_old_secret_is_valid_for_a_day() -> None:
    harness = Harness()
    harness.secrets.of("me")
    new, old = harness.secrets.rotate("me")
    harness.clock.now = NOW + 86_399
    assert harness.secrets.of("me") == [new, old]
    harness.clock.now = NOW + 86_400
    assert harness.secrets.of("me") == [new]


def test_a_rotation_drops_expired_secrets_from_the_row() -> None:
    harness = Harness()
    for _ in range(3):
        harness.secrets.rotate("me")
        harness.clock.now += 86_400
    assert len(harness.store.secrets["me"].secrets) == 2


def test_an_owner_has_ten_secrets_at_most() -> None:
    """Each is a signature in every delivery."""
    harness = Harness()
    rotations = [harness.secrets.rotate("me") for _ in range(12)]
    assert len(rotations[-1]) == 10
    assert [secrets[0] for secrets in rotations[2:]] == rotations[-1][::-1]


def test_two_rotations_at_the_same_time_both_add_a_secret() -> None:
    harness = Harness(store := LosingStore(0))
    harness.secrets.of("me")
    store.times = 1
    secrets = harness.secrets.rotate("me")
    assert len(secrets) == 3


def test_secrets_that_change_at_each_attempt_are_unavailable() -> None:
    harness = Harness(store := LosingStore(0))
    harness.secrets.of("me")
    store.times = 10
    with pytest.raises(Unavailable):
        harness.secrets.rotate("me")
