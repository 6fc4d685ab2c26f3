"""The environment in which clients of AWS reach an emulator and nothing else."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import boto3

from infra.local.network import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

# The variables by which a shell may select an emulator; all others of AWS are ignored.
ENDPOINTS: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS",
)
# Emulators require credentials; real ones are never used here. The files in ~/.aws are never read.
SETTINGS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def for_emulator(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings instead of the shell's settings of AWS."""
    changed = {
        name: value
        for name, value in environment.items()
        if not name.startswith("AWS_") or name in ENDPOINTS
    }
    changed |= SETTINGS
    for name in ("NO_PROXY", "no_proxy"):
        changed[name] = ",".join(filter(None, (environment.get(name), LOOPBACK, "localhost")))
    return changed


@contextmanager
def emulator_environment() -> Iterator[MutableMapping[str, str]]:
    """Change this process's environment to suit an emulator, and restore it afterwards."""
    before, session = dict(os.environ), boto3.DEFAULT_SESSION
    _replace(for_emulator(before))
    boto3.DEFAULT_SESSION = None  # an older session may have read the files already
    try:
        yield os.environ
    finally:
        _replace(before)
        boto3.DEFAULT_SESSION = session


def _replace(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
