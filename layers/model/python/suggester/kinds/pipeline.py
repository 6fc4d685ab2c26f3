"""A pipeline of the masked network: its input is a request in ids of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.pipeline import Pipeline
from suggester.kinds.suggestions import Suggestions
from suggester.requests import SEPARATOR, Request

if TYPE_CHECKING:
    from pipelines.pipeline import JsonObject, Run
    from suggester.drinks import DrinkReader
    from suggester.naming import Naming
    from suggester.requests import Answer
    from suggester.suggester import Suggester


@dataclass(frozen=True, slots=True, kw_only=True)
class DrinkPipeline(Pipeline):
    """A pipeline whose code is the function `run(ranker, requests)` in its module `run`.

    Attributes:
        grows: whether it adds ingredients, so that the filters must leave some.
    """

    load: str = "suggester.kinds.pipeline:load"
    grows: bool = True

    def read(self, members: JsonObject, names: DrinkReader) -> Request:
        """Return the request of a drink, with ids in place of names."""
        return names.resolve(members, self.kind)

    def encode_input(self, found: Request) -> JsonObject:
        """Return a request as it is stored."""
        return found.to_json()

    def decode_input(self, members: JsonObject) -> Request:
        """Read a stored request; older versions stored fields of other kinds, too."""
        return Request.from_json({**members, "kind": self.kind})

    def encode_output(self, found: Answer) -> JsonObject:
        """Return an answer as it is stored, with ids."""
        return found.to_json()

    def present(self, answer: JsonObject, naming: Naming) -> JsonObject:
        """Return an answer with names in place of ids."""
        named: JsonObject = naming.apply(answer)
        if self.output is Suggestions:
            return {"result": SEPARATOR.join(named.pop("added", ())), "suggestions": [], **named}
        return named


def load(suggester: Suggester) -> Run:
    """Return the function that answers requests of all these kinds."""
    return suggester.answer
