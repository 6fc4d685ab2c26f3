"""The reaper's composition root."""

from __future__ import annotations

import os
import time
from functools import cache

from functions.reaper.reap import Reaper
from tasks import aws
from tasks.settings import Settings
from tasks.store import DynamoTaskStore


@cache
def reaper() -> Reaper:
    """Return this process's reaper, made on the first call."""
    settings = Settings.read(os.environ)
    return Reaper(DynamoTaskStore(aws.client("dynamodb"), settings.table_name), time.time)
