"""Builds the reaper, when the handler's module is imported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from functions.reaper.reaper import Reaper
from functions.reaper.settings import Settings
from tasks.aws.ports import create_delivery_queue, create_store, create_webhooks
from tasks.aws.telemetry import create_telemetry, silence_botocore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.ports import TaskStore, Telemetry
    from tasks.webhooks.ports import DeliveryQueue, WebhookStore


def bootstrap(
    environ: Mapping[str, str],
    *,
    store: TaskStore | None = None,
    webhooks: WebhookStore | None = None,
    webhook_queue: DeliveryQueue | None = None,
    telemetry: Telemetry | None = None,
    clock: Callable[[], float] = time.time,
) -> Reaper:
    """Build the reaper for its environment. The keyword arguments replace parts of it.

    Raises:
        SettingsInvalid: a variable is missing.
    """
    silence_botocore()
    settings = Settings.read(environ)
    return Reaper(
        store=store or create_store(settings.table_name),
        webhooks=webhooks or create_webhooks(settings.table_name),
        webhook_queue=webhook_queue or create_delivery_queue(settings.webhook_queue_url),
        clock=clock,
        telemetry=telemetry or create_telemetry("reaper", environ),
    )
