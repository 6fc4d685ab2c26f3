"""Transactions of DynamoDB that are slow, or are cancelled by DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY

from infra.simulation.aws.dynamodb import DynamoTable
from infra.simulation.scheduler import Scheduler
from tasks.aws.dynamodb import DynamoTaskStore
from tasks.errors import Unavailable
from tasks.task import IdempotencyRecord, Outcome, Status, Task
from tests.contract.conftest import simulated_client
from tests.fakes import NOW
from tests.stubbed_table import StubbedTable

if TYPE_CHECKING:
    from collections.abc import Iterator

TASKS = [Task(f"t{number}", "me", {}, NOW, NOW + 900, NOW + 86_400) for number in range(2)]
RECORD = IdempotencyRecord("key#k", "f1", ("t0", "t1"), NOW + 86_400)
CALL = "transact_write_items"
IN_PROGRESS = "TransactionInProgressException"


class Harness(StubbedTable):
    def refuse(self, code: str, **parameters: Any) -> None:
        self.aws.add_client_error(CALL, code, http_status_code=400, **parameters)

    def cancel(self, *codes: str) -> None:
        reasons = [{"Code": code} if code else {} for code in codes]
        fields = {"CancellationReasons": reasons}
        self.refuse("TransactionCanceledException", modeled_fields=fields)

    def accept(self, **expected: Any) -> None:
        self.aws.add_response(CALL, {}, {"TransactItems": ANY, **expected} if expected else None)


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "local")
    harness = Harness()
    with harness.aws:
        yield harness
    harness.aws.assert_no_pending_responses()


def test_a_transaction_in_progress_is_repeated_until_five_seconds_have_passed(
    harness: Harness,
) -> None:
    """DynamoDB completes a transaction when it is repeated after five seconds."""
    token = {"ClientRequestToken": "t0"}
    for _ in range(3):
        harness.refuse(IN_PROGRESS, expected_params={"TransactItems": ANY, **token})
    harness.accept(**token)
    harness.store.create(TASKS)
    assert sum(harness.pauses) >= 5


def test_a_single_row_is_written_without_a_transaction(harness: Harness) -> None:
    """A transaction costs twice as much."""
    harness.aws.add_response("put_item", {})
    harness.store.create(TASKS[:1])


def test_a_transaction_that_stays_in_progress_is_unavailable(harness: Harness) -> None:
    for _ in range(4):
        harness.refuse(IN_PROGRESS)
    with pytest.raises(Unavailable):
        harness.store.create_once(RECORD, TASKS, NOW)


TRANSIENT = ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"]


@pytest.mark.parametrize("codes", [*([code] for code in TRANSIENT), TRANSIENT], ids=str)
def test_a_transaction_cancelled_for_transient_reasons_is_unavailable(
    harness: Harness, codes: list[str]
) -> None:
    harness.cancel("None", "", *codes)  # a row without a fault has the code None, or no code
    with pytest.raises(Unavailable):
        harness.store.create_once(RECORD, TASKS, NOW)


@pytest.mark.parametrize(
    "codes",
    [
        ["ValidationError", "None"],
        ["ItemCollectionSizeLimitExceeded", "None"],
        ["TransactionConflict", "ValidationError"],
        ["SomethingNew", "None"],
    ],
)
def test_a_transaction_cancelled_for_another_reason_is_a_fault_of_the_code(
    harness: Harness, codes: list[str]
) -> None:
    """Sending it again would not help, so the error must stay visible."""
    harness.cancel(*codes)
    with pytest.raises(ClientError):
        harness.store.create(TASKS)


def test_a_row_whose_record_is_gone_is_not_replaced() -> None:
    """DynamoDB deletes expired rows one by one."""
    scheduler = Scheduler(NOW)
    client = simulated_client(DynamoTable(scheduler, "tasks"), scheduler)
    store = DynamoTaskStore(client, "tasks", scheduler.sleep)
    store.create(TASKS[:1])
    store.finish("t0", Outcome(Status.CANCELLED, NOW))
    with pytest.raises(Unavailable, match=r"^The record expired a moment ago\.$"):
        store.create_once(RECORD, TASKS, NOW)
    row = store.get("t0")
    assert row is not None
    assert row.status is Status.CANCELLED


def test_rows_that_an_earlier_request_wrote_are_a_success(harness: Harness) -> None:
    """DynamoDB forgets a token after ten minutes; the conditions then cancel the duplicate."""
    harness.cancel("ConditionalCheckFailed", "ConditionalCheckFailed")
    harness.store.create(TASKS)
