import pytest

from tasks.errors import SettingsInvalid
from tasks.settings import Settings

ENVIRONMENT = {
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://sqs/tasks",
    "BULK_QUEUE_URL": "http://sqs/bulk",
    "DOCUMENT_QUEUE_URL": "http://sqs/documents",
    "DOCUMENT_BUCKET": "documents",
    "RETENTION_SECONDS": "86400",
    "LONGEST_WAIT_SECONDS": "20",
    "DEADLINE_SECONDS": "900",
}


def test_settings_come_from_the_environment() -> None:
    """A complete environment is read as it stands."""
    settings = Settings.read(ENVIRONMENT)
    assert settings == Settings(
        "tasks",
        "http://sqs/tasks",
        "http://sqs/bulk",
        "http://sqs/documents",
        "documents",
        86_400,
        900,
        20,
    )


@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_is_named(name: str, value: str | None) -> None:
    """Each setting that is absent or empty is an error that names it."""
    environment = {key: text for key, text in ENVIRONMENT.items() if key != name}
    with pytest.raises(SettingsInvalid, match=name):
        Settings.read(environment if value is None else environment | {name: value})


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon"])
def test_a_duration_is_a_whole_number_of_seconds(value: str) -> None:
    """Anything else than a positive whole number is refused."""
    with pytest.raises(SettingsInvalid, match="DEADLINE_SECONDS"):
        Settings.read(ENVIRONMENT | {"DEADLINE_SECONDS": value})


def test_a_row_outlives_its_deadline() -> None:
    """A retention that is not greater than the deadline is refused."""
    with pytest.raises(SettingsInvalid, match="greater"):
        Settings.read(ENVIRONMENT | {"RETENTION_SECONDS": "900"})
