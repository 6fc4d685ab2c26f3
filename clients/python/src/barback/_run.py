"""A run: many drinks, and how far the service has answered them."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from barback._batches import BULK, batches_of_sizes, split, suit_a_document
from barback._drink import Drink
from barback._input import from_record, to_record
from barback._journal import NullJournal, ResumeFile
from barback._requests import SubmitOptions
from barback._responses import Failure, Result, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from barback._batches import Batch
    from barback._input import AnyInput
    from barback._journal import Journal


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How many drinks of a run are done.

    Args:
        done: the drinks with a final result, failed ones included.
        failed: the drinks without a suggestion.
        total: all drinks.
        measured: False while the service does not report the progress of a document.
    """

    done: int
    failed: int
    total: int
    measured: bool


class Run:
    """Drinks to answer, and how far the service has answered them.

    The drinks become a document, which is faster than tasks for any number of drinks. They become
    arrays of bulk tasks if one of them has a priority, a deadline or metadata, or if the run is
    strict or ignores unknown names.

    Args:
        drinks: any number of drinks or other inputs.
        as_document: True or False chooses between a document and tasks.
        idempotency_key: a run with the same drinks and key gets the tasks of the first one.
        strict: a drink that the service refuses ends the run. Otherwise, it fails alone.
        ignore_unknown: leaves out unknown names, but never those of `exclude`.
        webhook: the URL to which the service delivers the results of each request.
        deadline_seconds: a document fails if it is not finished by then.
        metadata: up to 16 texts of your own, which the results of a document repeat.

    Raises:
        ValueError: a document shall ignore unknown names, tasks shall share a deadline or
            metadata, or the key is not valid.
    """

    def __init__(  # noqa: PLR0913 - one argument for each option
        self,
        drinks: Iterable[AnyInput],
        *,
        as_document: bool | None = None,
        idempotency_key: str = "",
        strict: bool = False,
        ignore_unknown: bool = False,
        webhook: str = "",
        deadline_seconds: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.drinks = tuple(drinks)
        if as_document is None:
            as_document = not (strict or ignore_unknown) and suit_a_document(self.drinks)
        if as_document and ignore_unknown:
            raise ValueError("A document cannot ignore unknown names. Submit tasks instead.")
        own = {"deadline_seconds": deadline_seconds, "metadata": metadata and dict(metadata)}
        self.document_fields = {name: value for name, value in own.items() if value is not None}
        if self.document_fields and not as_document:
            raise ValueError("The run has tasks. Give its drinks a deadline and metadata instead.")
        self.as_document = as_document
        self.strict = strict
        self.options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        self.id = uuid.uuid4().hex[:8]  # of this process; a key may be used again
        self.results: dict[int, Result] = {}  # final results, by the position of the drink
        self.failed = 0  # of these results
        self.ids: dict[int, str] = {}  # task ids, by the position of the drink
        self.documents: dict[int, str] = {}  # names of uploaded documents, by batch
        self.batch_ids: list[str] = []  # of the arrays that this process submitted
        self.unanswered: set[int] = set()  # batches that the service may have accepted
        self.about: Mapping[str, Any] = {}
        self.batches = split(self.drinks, as_document=self.as_document)
        self._accepted: set[int] = set()
        self._journal: Journal = NullJournal()

    def save_to(self, path: Path, about: Mapping[str, Any] | None = None) -> None:
        """Create a resume file and record the work in it from now on.

        Args:
            path: where no file exists yet.
            about: JSON values of the caller; `Run.resume` restores them.
        """
        self.about = about or {}
        header = {
            "key": self.options.idempotency_key,
            "as_document": self.as_document,
            "strict": self.strict,
            "ignore_unknown": self.options.ignore_unknown,
            "webhook": self.options.webhook,
            "document_fields": self.document_fields,
            "batches": [len(batch.positions) for batch in self.batches],
            "about": self.about,
            "drinks": [to_record(drink) for drink in self.drinks],
        }
        self._journal = ResumeFile.create(path, header)

    @classmethod
    def resume(cls, path: Path) -> Run:
        """Read a resume file and continue to record the work in it.

        Raises:
            ValueError: the file is not a resume file, or a newer version wrote it.
        """
        journal, header, events = ResumeFile.open(path)
        try:
            run = cls(
                [from_record(drink) for drink in header["drinks"]],
                as_document=header["as_document"],
                idempotency_key=header["key"],
                strict=header["strict"],
                ignore_unknown=header.get("ignore_unknown", False),  # earlier versions wrote none
                webhook=header.get("webhook", ""),
                **header.get("document_fields", {}),
            )
            run.about = header["about"]
            run.batches = batches_of_sizes(header["batches"])
            for event in events:
                run._apply(event)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"{path} is not a resume file of this version.") from error
        run._journal = journal
        return run

    def finish(self) -> None:
        """Delete the resume file, once the results are in a safe place."""
        self._journal.delete()

    @property
    def all_results(self) -> list[Result]:
        """A result for each drink in order; an unfinished drink has the status PROCESSING."""
        return [
            self.results.get(position) or Result(self.ids.get(position, ""), Status.PROCESSING)
            for position in range(len(self.drinks))
        ]

    @property
    def task_ids(self) -> list[str]:
        """The ids of the tasks in order; a document is one task."""
        return list(dict.fromkeys(self.ids[position] for position in sorted(self.ids)))

    def is_accepted(self, batch: Batch) -> bool:
        """Whether the service has created the tasks of a batch."""
        return batch.number in self._accepted

    def open_positions(self, batch: Batch) -> list[int]:
        """Return the positions of a batch that have no final result."""
        return [position for position in batch.positions if position not in self.results]

    def options_of(self, batch: Batch) -> SubmitOptions:
        """Return the options of a batch, with the same key whenever the run is resumed."""
        return self.options.of_request(batch.number)

    def body_of(self, positions: Sequence[int]) -> list[dict[str, Any]]:
        """Return drinks as the service expects them."""
        defaults = Drink() if self.as_document else BULK
        return [self.drinks[position].with_defaults(defaults).to_json() for position in positions]

    def record_upload(self, batch: Batch, document: str) -> None:
        """Record the name of an uploaded document, before the document is submitted."""
        self._record({"uploaded": batch.number, "document": document})

    def record_accepted(self, batch: Batch, ids: Sequence[str]) -> None:
        """Record the tasks of the drinks in a batch that were not refused."""
        self._record({"accepted": batch.number, "ids": list(ids)})

    def record_result(self, position: int, result: Result) -> None:
        """Record the final result of a task."""
        self._record({"position": position, "result": asdict(result)})

    def keep(self, position: int, result: Result) -> None:
        """Keep a final result in memory only, because it can be fetched again."""
        if position not in self.results:
            self.failed += result.status is not Status.SUCCESS
            self.results[position] = result

    def record_refusal(self, position: int, failure: Failure) -> None:
        """Record that the service refused a drink, which has no task."""
        self.record_result(position, Result("", Status.FAIL, error=failure))

    def _record(self, event: Mapping[str, Any]) -> None:
        self._apply(event)
        self._journal.append(event)

    def _apply(self, event: Mapping[str, Any]) -> None:
        match event:
            case {"uploaded": number, "document": document}:
                self.documents[number] = document
            case {"accepted": number, "ids": ids}:
                positions = self.open_positions(self.batches[number])
                names = ids * len(positions) if self.as_document else ids
                self.ids.update(zip(positions, names, strict=True))
                self._accepted.add(number)
            case {"position": position, "result": result}:
                self.keep(position, Result.from_json(result))
