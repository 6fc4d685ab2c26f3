from __future__ import annotations

from typing import Any

import pytest

from functions.api.settings import Settings as ApiSettings
from functions.reaper.settings import Settings as ReaperSettings
from functions.webhooks.settings import Settings as WebhookSettings
from functions.worker.settings import Settings as WorkerSettings
from tasks.errors import SettingsInvalid
from tasks.other_buckets import OtherBuckets
from tasks.task import Lane

API = {
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://sqs/tasks",
    "BULK_QUEUE_URL": "http://sqs/bulk",
    "DOCUMENT_QUEUE_URL": "http://sqs/documents",
    "WEBHOOK_QUEUE_URL": "http://sqs/webhooks",
    "DOCUMENT_BUCKET": "documents",
    "RETENTION_SECONDS": "86400",
    "LONGEST_WAIT_SECONDS": "20",
    "DEADLINE_SECONDS": "900",
}
DRINK_WORKER = {
    "LANES": "interactive,bulk",
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://sqs/tasks",
    "BULK_QUEUE_URL": "http://sqs/bulk",
}
DOCUMENT_WORKER = {
    "LANES": "document",
    "TABLE_NAME": "tasks",
    "DOCUMENT_QUEUE_URL": "http://sqs/documents",
    "DOCUMENT_BUCKET": "documents",
}
WEBHOOKS = {
    "TABLE_NAME": "tasks",
    "WEBHOOK_QUEUE_URL": "http://sqs/webhooks",
    "DOCUMENT_BUCKET": "documents",
}
ENVIRONMENTS: list[tuple[Any, dict[str, str]]] = [
    (ApiSettings, API),
    (WorkerSettings, DRINK_WORKER),
    (WorkerSettings, DOCUMENT_WORKER),
    (WebhookSettings, WEBHOOKS),
    (ReaperSettings, {"TABLE_NAME": "tasks", "WEBHOOK_QUEUE_URL": "http://sqs/webhooks"}),
]


def test_each_variable_of_the_api_becomes_a_setting() -> None:
    chosen = {
        "ALLOWED_ORIGINS": "https://a,https://b",
        "DOCUMENT_BUCKETS": "orders,archive/in",
        "TASK_LIST": "true",
        "WEBHOOKS": "false",
    }
    assert ApiSettings.read(API | chosen) == ApiSettings(
        table_name="tasks",
        queue_urls={
            Lane.INTERACTIVE: "http://sqs/tasks",
            Lane.BULK: "http://sqs/bulk",
            Lane.DOCUMENT: "http://sqs/documents",
        },
        webhook_queue_url="http://sqs/webhooks",
        document_bucket="documents",
        other_buckets=OtherBuckets(("orders", "archive/in")),
        retention=86_400,
        deadline=900,
        longest_wait=20,
        has_task_list=True,
        has_webhooks=False,
        allowed_origins=("https://a", "https://b"),
        local_webhooks=False,
    )


def test_each_variable_of_a_worker_becomes_a_setting() -> None:
    chosen = {
        "MODEL_ENGINE": "tensorflow",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048",
        "MAX_RETRIES": "1",
    }
    assert WorkerSettings.read(DOCUMENT_WORKER | chosen) == WorkerSettings(
        table_name="tasks",
        queue_urls={Lane.DOCUMENT: "http://sqs/documents"},
        document_bucket="documents",
        engine="tensorflow",
        memory=2048,
        max_retries=1,
    )


def test_a_worker_outside_lambda_runs_litert_in_a_gigabyte() -> None:
    settings = WorkerSettings.read(DRINK_WORKER)
    assert (settings.engine, settings.memory, settings.document_bucket) == ("litert", 1024, "")


def test_a_worker_needs_only_the_settings_of_its_lanes() -> None:
    assert WorkerSettings.read(DRINK_WORKER).queue_urls == {
        Lane.INTERACTIVE: "http://sqs/tasks",
        Lane.BULK: "http://sqs/bulk",
    }
    documents = WorkerSettings.read(DOCUMENT_WORKER)
    assert documents.queue_urls == {Lane.DOCUMENT: "http://sqs/documents"}
    assert documents.document_bucket == "documents"


@pytest.mark.parametrize(
    ("settings", "environ", "name"),
    [(settings, environ, name) for settings, environ in ENVIRONMENTS for name in environ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_the_error_names_a_missing_or_empty_variable(
    settings: Any, environ: dict[str, str], name: str, value: str | None
) -> None:
    others = {key: text for key, text in environ.items() if key != name}
    with pytest.raises(SettingsInvalid, match=name):
        settings.read(others if value is None else others | {name: value})


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "²"])
def test_a_duration_must_be_a_positive_whole_number(value: str) -> None:
    with pytest.raises(SettingsInvalid, match="DEADLINE_SECONDS"):
        ApiSettings.read(API | {"DEADLINE_SECONDS": value})


def test_the_retention_must_exceed_the_deadline() -> None:
    """A row must not be deleted before its task ends."""
    with pytest.raises(SettingsInvalid, match="more than DEADLINE_SECONDS"):
        ApiSettings.read(API | {"RETENTION_SECONDS": "900"})


def test_a_worker_retries_three_times_unless_told_otherwise() -> None:
    assert WorkerSettings.read(DRINK_WORKER).max_retries == 3
    assert WorkerSettings.read(DRINK_WORKER | {"MAX_RETRIES": "0"}).max_retries == 0


@pytest.mark.parametrize("value", ["5", "-1", "1.5", "many", "²"])
def test_the_number_of_retries_is_at_most_four(value: str) -> None:
    """SQS moves the message to the dead-letter queue after six receives."""
    with pytest.raises(SettingsInvalid, match="MAX_RETRIES to a number from 0 to 4"):
        WorkerSettings.read(DRINK_WORKER | {"MAX_RETRIES": value})


def test_an_unknown_lane_is_rejected() -> None:
    """The error lists the lanes."""
    with pytest.raises(SettingsInvalid, match="interactive, bulk, document"):
        WorkerSettings.read(DRINK_WORKER | {"LANES": "express"})


@pytest.mark.parametrize("origin", ["bar.example", "https://bar.example/page", "https://", "//x"])
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(SettingsInvalid, match="ALLOWED_ORIGINS contains"):
        ApiSettings.read(API | {"ALLOWED_ORIGINS": f"https://a,{origin}"})


def test_all_origins_can_be_allowed() -> None:
    assert ApiSettings.read(API | {"ALLOWED_ORIGINS": "*"}).allowed_origins == ("*",)
