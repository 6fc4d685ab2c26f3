"""The list of an owner's tasks, in pages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tasks.errors import CursorInvalid, TaskListOff
from tasks.submission import Submission
from tasks.task import Outcome, Status
from tasks.task_list import MAX_ROWS, TaskList
from tests.fakes import NOW
from tests.unit.tasks.test_service import DAY, Harness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.task import Task
    from tasks.task_list import Page


class Lists(Harness):
    """A service, and the lists of its callers."""

    def __init__(self) -> None:
        super().__init__()
        self.list = TaskList(self.service)

    def submit(self, count: int, owner: str = "me") -> list[str]:
        """Submit tasks a second apart, and return their ids with the newest first."""
        ids = []
        for number in range(count):
            self.clock.now += 1
            ids += [each.task_id for each in self.service.submit(owner, [even_or_odd(number)])]
        return ids[::-1]


def even_or_odd(number: int) -> Submission:
    return Submission({"odd": number % 2})


def is_odd(task: Task) -> bool:
    return bool(task.input["odd"])


def ids_of(page: Page) -> Sequence[str]:
    return [task.task_id for task in page.tasks]


@pytest.fixture
def lists() -> Lists:
    return Lists()


def test_the_newest_tasks_come_first(lists: Lists) -> None:
    ids = lists.submit(3)
    page = lists.list.page("me", 10)
    assert (ids_of(page), page.cursor) == (ids, "")


def test_the_cursor_of_a_page_leads_to_the_next_one(lists: Lists) -> None:
    """The last page has none, even if it is full."""
    ids = lists.submit(6)
    found: list[str] = []
    pages = 1
    page = lists.list.page("me", 3)
    found += ids_of(page)
    while page.cursor:
        page = lists.list.page("me", 3, cursor=page.cursor)
        found += ids_of(page)
        pages += 1
    assert (found, pages) == (ids, 2)


def test_a_page_of_newer_tasks_does_not_move_the_pages_after_it(lists: Lists) -> None:
    ids = lists.submit(4)
    page = lists.list.page("me", 2)
    lists.submit(5)
    assert ids_of(lists.list.page("me", 2, cursor=page.cursor)) == ids[2:]


def test_a_filtered_page_has_only_tasks_that_match(lists: Lists) -> None:
    ids = lists.submit(6)
    first = lists.list.page("me", 2, matches=is_odd)
    second = lists.list.page("me", 2, cursor=first.cursor, matches=is_odd)
    assert (ids_of(first), ids_of(second)) == ([ids[0], ids[2]], [ids[4]])


def test_a_filtered_page_reads_at_most_two_hundred_rows(lists: Lists) -> None:
    """It may then be short, or empty, although there are more matches."""
    [oldest] = lists.service.submit("me", [even_or_odd(1)])
    for _ in range(MAX_ROWS // 100):
        lists.clock.now += 1
        lists.service.submit("me", [even_or_odd(0)] * 100)
    page = lists.list.page("me", 10, matches=is_odd)
    assert ids_of(page) == []
    assert ids_of(lists.list.page("me", 10, cursor=page.cursor, matches=is_odd)) == [oldest.task_id]


def test_an_array_is_listed_in_one_piece_from_its_last_task(lists: Lists) -> None:
    tasks = lists.service.submit("me", [even_or_odd(number) for number in range(20)])
    ids = [task.task_id for task in tasks]
    assert ids_of(lists.list.page("me", 20)) == ids[::-1]


def test_only_tasks_since_a_time_are_listed(lists: Lists) -> None:
    """The time itself is included."""
    ids = lists.submit(4)
    assert ids_of(lists.list.page("me", 10, since=NOW + 3)) == ids[:2]
    assert ids_of(lists.list.page("me", 10, since=NOW + 3.001)) == ids[:1]


@pytest.mark.parametrize("since", [NOW + 1000, 253_402_300_799.0])
def test_nothing_is_listed_since_a_later_time(lists: Lists, since: float) -> None:
    lists.submit(1)
    page = lists.list.page("me", 10, since=since)
    assert (ids_of(page), page.cursor) == ([], "")


def test_expired_tasks_are_not_listed(lists: Lists) -> None:
    """The table may not have deleted them yet."""
    old, _ = lists.submit(2)[::-1]
    lists.clock.now = NOW + 1 + DAY
    assert old not in ids_of(lists.list.page("me", 10))
    assert len(lists.list.page("me", 10).tasks) == 1


def test_a_row_that_was_deleted_is_left_out(lists: Lists) -> None:
    """The index may still have its key."""
    ids = lists.submit(3)
    newest = lists.store.newest
    lists.store.newest = lambda *given: [*newest(*given), "gone"]  # type: ignore[method-assign]
    assert ids_of(lists.list.page("me", 10)) == ids


def test_a_listed_task_past_its_deadline_has_failed(lists: Lists) -> None:
    lists.submit(2)
    lists.clock.now += 1000
    assert {task.status for task in lists.list.page("me", 10).tasks} == {Status.FAIL}


def test_a_list_has_the_current_status(lists: Lists) -> None:
    ids = lists.submit(2)
    lists.store.finish(ids[0], Outcome(Status.SUCCESS, NOW, result={}))
    statuses = [task.status for task in lists.list.page("me", 10).tasks]
    assert statuses == [Status.SUCCESS, Status.PROCESSING]


def test_an_owner_sees_no_task_of_another_owner(lists: Lists) -> None:
    lists.submit(2)
    yours = lists.submit(1, owner="you")
    assert ids_of(lists.list.page("you", 10)) == yours


def test_the_cursor_of_another_owner_is_refused(lists: Lists) -> None:
    lists.submit(3)
    page = lists.list.page("me", 1)
    with pytest.raises(CursorInvalid):
        lists.list.page("you", 1, cursor=page.cursor)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "ж", "=", " ", "A" * 32, "A" * 64])
def test_a_damaged_cursor_is_refused(lists: Lists, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        lists.list.page("me", 1, cursor=cursor)


def test_every_bit_of_a_cursor_counts(lists: Lists) -> None:
    lists.submit(2)
    content = base64.urlsafe_b64decode(lists.list.page("me", 1).cursor)
    for bit in range(8 * len(content)):
        changed = (int.from_bytes(content) ^ 1 << bit).to_bytes(len(content))
        with pytest.raises(CursorInvalid):
            lists.list.page("me", 1, cursor=base64.urlsafe_b64encode(changed).decode())


def test_a_table_without_an_index_of_owners_lists_nothing(lists: Lists) -> None:
    lists.store.has_list = False
    with pytest.raises(TaskListOff):
        lists.list.page("me", 10)
