"""A job: the lines of a file, how to print their results, and the run that answers them."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from barback._cli.input_file import STDIN, InputLine
from barback._cli.result_formats import write_csv, write_json
from barback._responses import Failure, Result, Status
from barback._run import Run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

WRITERS: Final = {"csv": write_csv, "json": write_json}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a job that its resume file keeps. The API key is not one of them.

    Args:
        source: the name of the input file, for messages.
        url: the service that has the tasks.
        language: the language of the names in the results.
        wait: whether to print results instead of ids.
        result_format: `csv` or `json`.
        output: the absolute path of the output file, or "" for standard output.
        timeout: the seconds to wait for the results.
    """

    source: str
    url: str
    language: str
    wait: bool
    result_format: str
    output: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Job:
    """The lines of a file, and the run of those that could be read."""

    settings: Settings
    lines: Sequence[InputLine]
    run: Run
    resume_file: Path

    @classmethod
    def start(cls, settings: Settings, lines: Sequence[InputLine], run: Run) -> Self:
        """Create the resume file in the current folder, or else in the folder for such files."""
        about = {
            "settings": asdict(settings),
            "lines": [(line.number, line.error) for line in lines],
        }
        stem = "stdin" if settings.source == STDIN else Path(settings.source).name
        name = f"{stem}.{run.id}.resume"
        try:
            path = Path(name)
            run.save_to(path, about)
        except PermissionError:
            path = Path(tempfile.gettempdir()) / name
            run.save_to(path, about)
        return cls(settings, lines, run, path)

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Read a resume file.

        Raises:
            ValueError: the file is not a resume file of a job.
        """
        run = Run.resume(path)
        drinks = iter(run.drinks)
        try:
            settings = Settings(**run.about["settings"])
            lines = [
                InputLine(number, None if error else next(drinks), error)
                for number, error in run.about["lines"]
            ]
        except (KeyError, TypeError, ValueError, StopIteration) as error:
            raise ValueError(f"{path} does not belong to `barback submit`.") from error
        return cls(settings, lines, run, path)

    @property
    def rows(self) -> list[tuple[InputLine, Result]]:
        """Each line with its result, in the order of the file."""
        results = iter(self.run.all_results)
        return [
            (line, next(results) if line.drink else _invalid(line.error)) for line in self.lines
        ]

    @property
    def failures(self) -> list[tuple[InputLine, str]]:
        """The lines without an answer or a part of it, and the reasons."""
        return [(line, reason) for line, result in self.rows if (reason := _reason(result))]

    @property
    def unfinished(self) -> int:
        """The number of lines without a final result."""
        return len(self.run.drinks) - len(self.run.results)

    def write(self, stream: TextIO) -> None:
        """Write the ids of the tasks, or a row for each line that has a result or a task."""
        if not self.settings.wait:
            stream.writelines(f"{task_id}\n" for task_id in self.run.task_ids)
            return
        known = [(line, result) for line, result in self.rows if result.is_final or result.task_id]
        WRITERS[self.settings.result_format](stream, known)


def _reason(result: Result) -> str:
    """Return why an answer is missing or lacks a part, or an empty string."""
    if result.error:
        return result.error.detail
    if result.status in (Status.FAIL, Status.CANCELLED):
        return f"The task is {result.status}."
    return " ".join(f"{kind}: {error.detail}" for kind, error in result.failed_parts.items())


def _invalid(reason: str) -> Result:
    return Result("", Status.FAIL, error=Failure("malformed", reason))
