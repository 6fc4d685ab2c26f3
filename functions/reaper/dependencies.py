"""The reaper's composition root."""

from __future__ import annotations

import os
import time
from functools import cache

from functions.reaper.reap import Reaper
from tasks import aws
from tasks.settings import Settings
from tasks.store import DynamoTaskStore
from tasks.telemetry import telemetry_of


@cache
def reaper() -> Reaper:
    """Return this process's reaper, made on the first call."""
    telemetry = telemetry_of("reaper", os.environ)
    settings = Settings.read(os.environ)
    store = DynamoTaskStore(aws.client("dynamodb"), settings.table_name)
    return Reaper(store, time.time, telemetry)
