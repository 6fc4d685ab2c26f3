"""Unit tests of the SQLite file: migrations, a full disk, threads, processes and crashes."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.storage.database import FILE_NAME, Database, open_database, translate_errors
from infra.local.storage.errors import DataFromNewerVersion, FolderUnusable
from infra.local.storage.lock import one_process_at_a_time
from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.schema import MIGRATIONS
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.local.storage.task_store import SqliteTaskStore
from infra.local.storage.webhook_store import SqliteWebhookStore
from tasks.errors import Unavailable
from tasks.task import Lane, Outcome, Status, Task
from tasks.webhooks.delivery import WebhookDelivery
from tests.fakes import NOW, FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TASK = Task("t1", "me", {"n": 1}, NOW, NOW + 900, NOW + 86_400)
OUTCOME = Outcome(Status.SUCCESS, NOW + 1, result={"added": ["sugar"]})
FULL = "PRAGMA max_page_count = 1"  # SQLite then refuses to let the file grow


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path)) as database:
        yield database


def queue_of(database: Database) -> SqliteTaskQueue:
    return SqliteTaskQueue(database, "q", FakeClock(), settings=QueueSettings(90))


def python(program: str, folder: Path) -> subprocess.Popen[str]:
    """Start a program in a process of its own. `folder` is its first argument."""
    paths = [ROOT, ROOT / "layers/tasks/python"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_rows_and_messages_survive_a_restart(tmp_path: Path) -> None:
    with closing(open_database(tmp_path)) as database:
        SqliteTaskStore(database).create([TASK])
        queue_of(database).send_bodies(["a"])
    with closing(open_database(tmp_path)) as database:
        assert SqliteTaskStore(database).get("t1") == TASK
        assert [message.body for message in queue_of(database).receive(10)] == ["a"]


def test_data_of_an_older_version_are_migrated_and_kept(tmp_path: Path) -> None:
    with closing(open_database(tmp_path)) as database:
        SqliteTaskStore(database).create([TASK])
    step = ("ALTER TABLE tasks ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",)
    with closing(open_database(tmp_path, migrations=[*MIGRATIONS, step])) as database:
        assert SqliteTaskStore(database).get("t1") == TASK
        assert database.query("SELECT colour FROM tasks") == [("red",)]


def test_the_tasks_of_the_first_version_are_migrated(tmp_path: Path) -> None:
    """They have neither a webhook nor metadata."""
    with closing(open_database(tmp_path, migrations=MIGRATIONS[:1])) as database:
        row = ("t1", "me", "bulk", "PROCESSING", "{}", NOW, NOW + 900, NOW + 86_400, 0)
        names = "task_id, owner, lane, status, input, created_at, deadline, expires_at, attempts"
        database.execute(f"INSERT INTO tasks ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    with closing(open_database(tmp_path)) as database:
        expected = Task("t1", "me", {}, NOW, NOW + 900, NOW + 86_400, Lane.BULK)
        assert SqliteTaskStore(database).get("t1") == expected


@pytest.mark.parametrize(("is_batch", "batch_id"), [(0, None), (1, "d1")])
def test_deliveries_without_ids_of_their_own_are_migrated(
    tmp_path: Path, is_batch: int, batch_id: str | None
) -> None:
    with closing(open_database(tmp_path, migrations=MIGRATIONS[:5])) as database:
        row = ("d1", "me", "https://a", NOW, NOW + 9, NOW, "PENDING", "[]", 1, 1, is_batch, None)
        database.execute(f"INSERT INTO deliveries VALUES ({', '.join('?' * len(row))})", row)
    with closing(open_database(tmp_path)) as database:
        expected = WebhookDelivery("d1", "me", "https://a", NOW, NOW + 9, NOW, batch_id=batch_id)
        assert SqliteWebhookStore(database).get_delivery("d1") == expected


def test_a_migration_runs_once(tmp_path: Path) -> None:
    migrations = [*MIGRATIONS, ("CREATE TABLE extra (n)",), ("INSERT INTO extra VALUES (1)",)]
    for _ in range(2):
        with closing(open_database(tmp_path, migrations=migrations)) as database:
            assert database.query("SELECT n FROM extra") == [(1,)]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    with closing(open_database(tmp_path)) as database:
        SqliteTaskStore(database).create([TASK])
    broken = ("DELETE FROM tasks", "INSERT INTO no_such_table VALUES (1)")
    with pytest.raises(FolderUnusable, match="no_such_table"):
        open_database(tmp_path, migrations=[*MIGRATIONS, broken])
    with closing(open_database(tmp_path)) as database:
        assert SqliteTaskStore(database).get("t1") == TASK


def test_data_of_a_newer_version_are_refused_and_left_alone(tmp_path: Path) -> None:
    newer = [*MIGRATIONS, ("CREATE TABLE future (n)",)]
    open_database(tmp_path, migrations=newer).close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(DataFromNewerVersion) as raised:
        open_database(tmp_path)
    assert str(raised.value) == (
        f"A newer version of Barback wrote the data in {tmp_path} (format {len(newer)}; this one "
        f"reads formats up to {len(MIGRATIONS)}). Start that version, or set DATA_DIR to another "
        "folder."
    )
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    content = b"These are the notes of somebody else.\n" * 200
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(FolderUnusable, match=r"cannot be kept in .*: file is not a database; set"):
        open_database(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_folder_that_cannot_be_created_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="set DATA_DIR to another folder"):
        open_database(tmp_path / "file" / "data")


def test_only_the_user_can_read_a_new_data_folder(tmp_path: Path) -> None:
    open_database(tmp_path / "data").close()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])
def test_a_durable_database_syncs_every_transaction(
    tmp_path: Path, *, durable: bool, level: int
) -> None:
    """SQLite's level 1 is NORMAL and 2 is FULL."""
    with closing(open_database(tmp_path, durable=durable)) as database:
        assert database.query("PRAGMA synchronous") == [(level,)]
        assert database.query("PRAGMA journal_mode") == [("wal",)]


def test_a_full_disk_makes_every_write_unavailable_and_harms_no_data(database: Database) -> None:
    store, queue = SqliteTaskStore(database), queue_of(database)
    store.create([TASK])
    queue.send_bodies(["a"])
    database.query(FULL)
    with pytest.raises(Unavailable):
        store.create([Task("t2", "me", {"text": "x" * 100_000}, NOW, NOW, NOW)])
    with pytest.raises(Unavailable):
        queue.send_bodies(["b", "c" * 100_000])
    with pytest.raises(Unavailable):
        store.finish("t1", Outcome(Status.SUCCESS, NOW, result={"text": "x" * 100_000}))
    assert store.get("t1") == TASK
    assert store.get("t2") is None
    assert queue.length() == (1, 0)


def test_the_database_works_again_when_the_disk_has_space(database: Database) -> None:
    store = SqliteTaskStore(database)
    database.query(FULL)
    large = Task("t2", "me", {"text": "x" * 100_000}, NOW, NOW, NOW)
    with pytest.raises(Unavailable):
        store.create([large])
    database.query("PRAGMA max_page_count = 1000000")
    store.create([large])
    assert store.get("t2") == large


@pytest.fixture
def little_space() -> Iterator[None]:
    """Let no file of this process grow beyond 300,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("little_space")
def test_a_log_that_cannot_grow_starts_over_after_one_failed_write(database: Database) -> None:
    """The log takes more space than the data, and must not keep the disk full."""
    store = SqliteTaskStore(database)
    refused = []
    for number in range(100):
        task = Task(f"t{number}", "me", {"n": 1}, NOW, NOW, NOW)
        try:
            store.create([task])
        except Unavailable:
            refused.append(number)
            store.create([task])
    assert 0 < len(refused) < 10
    assert len(store.get_many([f"t{number}" for number in range(100)])) == 100


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_CANTOPEN,
    ],
)
def test_transient_errors_of_sqlite_are_translated(code: int) -> None:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    with pytest.raises(Unavailable), translate_errors():
        raise error


def test_a_fault_of_the_code_is_not_translated(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.query("SELECT * FROM absent")


def test_a_transaction_that_raises_changes_nothing(database: Database) -> None:
    with suppress(ZeroDivisionError), database.transaction() as connection:
        connection.execute("INSERT INTO records VALUES ('r', 'f', '[]', 0)")
        raise ZeroDivisionError
    assert database.query("SELECT * FROM records") == []


def test_a_transaction_holds_the_write_lock_from_its_start(
    database: Database, tmp_path: Path
) -> None:
    """Nothing that it has read can therefore change before it writes."""
    with (
        closing(sqlite3.connect(tmp_path / FILE_NAME, timeout=0, isolation_level=None)) as other,
        database.transaction(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_threads_use_connections_of_their_own_that_end_with_them(database: Database) -> None:
    store = SqliteTaskStore(database)
    tasks = [Task(f"t{n}", "me", {"n": n}, NOW, NOW, NOW) for n in range(20)]
    for task in tasks:
        thread = threading.Thread(target=store.create, args=([task],))
        thread.start()
        thread.join()
    assert len(store.get_many([task.task_id for task in tasks])) == 20
    assert len(database._connections) <= 2  # noqa: SLF001 - this thread and the last one


OPENS = """
import sys
from pathlib import Path
from infra.local.storage.database import open_database
open_database(Path(sys.argv[1])).close()
"""


def test_several_processes_may_create_the_same_database_at_once(tmp_path: Path) -> None:
    processes = [python(OPENS, tmp_path / "data") for _ in range(4)]
    assert [(process.communicate(), process.returncode)[1] for process in processes] == [0] * 4


def test_opening_waits_while_another_process_creates_the_database(tmp_path: Path) -> None:
    """SQLite refuses the change to WAL mode at once if another connection writes."""
    opened: list[Database] = []
    opening = threading.Thread(target=lambda: opened.append(open_database(tmp_path)))
    with (
        one_process_at_a_time(tmp_path),
        closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        opening.start()
        opening.join(0.1)
        assert opening.is_alive()
        other.execute("COMMIT")
    opening.join()
    [database] = opened
    database.close()


DRAINS = """
import sys, time
from pathlib import Path
from infra.local.storage.database import open_database
from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.task_queue import SqliteTaskQueue
database = open_database(Path(sys.argv[1]))
queue = SqliteTaskQueue(database, "q", time.time, settings=QueueSettings(90))
while messages := queue.receive(7):
    queue.delete([message.receipt_handle for message in messages])
    print(*(message.body for message in messages), flush=True)
"""


def test_two_processes_never_receive_the_same_message(database: Database, tmp_path: Path) -> None:
    bodies = [str(number) for number in range(1_000)]
    queue_of(database).send_bodies(bodies)
    processes = [python(DRAINS, tmp_path) for _ in range(2)]
    received = [body for process in processes for body in process.communicate()[0].split()]
    assert sorted(received, key=int) == bodies
    assert queue_of(database).length() == (0, 0)


DIES = """
import sys, time
from pathlib import Path
from infra.local.storage.database import open_database
database = open_database(Path(sys.argv[1]))
with database.transaction() as connection:
    connection.execute("DELETE FROM tasks")
    connection.execute("PRAGMA cache_spill = 1")
    connection.execute("PRAGMA cache_size = 1")  # so that pages reach the log before the commit
    for number in range(2000):
        row = (f"record {number}" * 9, "f", "[]", 0)
        connection.execute("INSERT INTO records VALUES (?, ?, ?, ?)", row)
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_process_that_is_killed_in_a_transaction_leaves_a_consistent_file(
    database: Database, tmp_path: Path
) -> None:
    store = SqliteTaskStore(database)
    store.create([TASK])
    process = python(DIES, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert database.query("PRAGMA integrity_check") == [("ok",)]
    assert store.get("t1") == TASK
    assert database.query("SELECT count(*) FROM records") == [(0,)]
    assert store.finish("t1", OUTCOME) is True
