from __future__ import annotations

import logging

from infra.local.logs import FieldFormatter


def test_a_log_line_has_the_fields_given_as_extra() -> None:
    """Lambda's own formatter shows the same fields on AWS."""
    record = logging.makeLogRecord(
        {"name": "tasks", "levelname": "INFO", "msg": "Submitted", "task_id": "t1"}
    )
    assert FieldFormatter().format(record).endswith(" INFO tasks: Submitted task_id=t1")
