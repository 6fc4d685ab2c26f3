"""The SQLite file with all rows and messages. Threads and processes may use it at the same time."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from infra.local.storage.errors import DataFromNewerVersion, FolderUnusable
from infra.local.storage.lock import one_process_at_a_time
from infra.local.storage.schema import MIGRATIONS, migrate, version_of
from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from infra.local.storage.schema import Migration

FILE_NAME: Final = "barback.sqlite3"
BUSY_TIMEOUT: Final = 5  # seconds to wait for another writer
CHECKPOINT_PAGES: Final = 4000  # of 4 KiB; a longer log saves work, because pages change often
WAL_LIMIT: Final = 16 * 1024 * 1024  # bytes of the log that are kept after a burst of writes

# The errors after which a later attempt may succeed. Others are faults of the code or of the file.
TRANSIENT: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PROTOCOL,
    }
)
PRIMARY_CODE: Final = 0xFF  # an extended error code contains its primary code in these bits


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise `Unavailable` for a full disk, a lock that is not released, and an I/O error."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code & PRIMARY_CODE not in TRANSIENT:
            raise
        raise Unavailable(f"SQLite does not work at the moment: {error}.") from error


class Database:
    """A SQLite file, with one connection for each thread."""

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self._path = path
        self._durable = durable
        self._local = threading.local()
        self._mutex = threading.Lock()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a SELECT."""
        with translate_errors():
            return self._connection().execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement in a transaction of its own and return the number of changed rows."""
        with self._writing():
            return self._connection().execute(sql, parameters).rowcount

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for several statements, which are written all or none."""
        with self._writing():
            connection = self._connection()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._roll_back(connection)
                raise

    def close(self) -> None:
        """Close the connections of all threads. The object cannot be used afterwards."""
        with self._mutex:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Translate errors. If the log cannot grow, let it start over, for the next write."""
        try:
            with translate_errors():
                yield
        except Unavailable:
            with suppress(sqlite3.Error):
                self._connection().execute("PRAGMA wal_checkpoint(PASSIVE)")
            raise

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = connect(self._path, durable=self._durable)
            self._local.connection = found
            with self._mutex:
                self._close_abandoned()
                self._connections[threading.current_thread()] = found
        return found

    def _close_abandoned(self) -> None:
        """Close the connections of threads that have ended."""
        for thread in [thread for thread in self._connections if not thread.is_alive()]:
            self._connections.pop(thread).close()

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """Undo the transaction, or drop the connection if that is impossible."""
        try:
            connection.rollback()
        except sqlite3.Error:
            connection.close()
            del self._local.connection


def connect(path: Path, *, durable: bool = False) -> sqlite3.Connection:
    """Return a connection. Without `durable`, a power failure may undo the last transactions."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,  # transactions begin and end only where the code says so
        check_same_thread=False,  # `Database.close` runs in one thread for all
    )
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    return connection


def open_database(
    folder: Path, *, durable: bool = False, migrations: Sequence[Migration] = MIGRATIONS
) -> Database:
    """Open the database of a data folder; create or migrate it first if necessary.

    Raises:
        DataFromNewerVersion: a newer version wrote the data. The data stay as they are.
        FolderUnusable: the folder or the file cannot be created, read or written.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with one_process_at_a_time(folder):  # SQLite does not wait for a change to WAL mode
            path.touch(mode=0o600)
            _prepare(path, migrations)
    except (OSError, sqlite3.DatabaseError) as error:
        raise FolderUnusable(folder, error) from error
    return Database(path, durable=durable)


def _prepare(path: Path, migrations: Sequence[Migration]) -> None:
    connection = connect(path)
    try:
        found = version_of(connection)
        if found > len(migrations):
            raise DataFromNewerVersion(path.parent, found, len(migrations))
        connection.execute("PRAGMA journal_mode = WAL")
        if found < len(migrations):
            migrate(connection, migrations)
    finally:
        connection.close()
