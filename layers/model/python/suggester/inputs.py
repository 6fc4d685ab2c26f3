"""The validation of an input: from the JSON that a caller sent to the inputs of its kinds.

The API validates requests with it, and the worker the lines of documents, so that both refuse the
same inputs with the same messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import InputInvalid
from pipelines.forms import form_of
from pipelines.registry import KIND
from suggester.drinks import DrinkReader, split_names
from suggester.kinds.pipeline import DrinkPipeline
from suggester.requests import FIELDS, Request

if TYPE_CHECKING:
    from pipelines.pipeline import JsonObject
    from pipelines.registry import Registry
    from suggester.vocabulary import Vocabulary

    Inputs = list[tuple[str, Any]]  # of one task, by kind


class InputReader:
    """Turns what callers send into inputs.

    Args:
        registry: the kinds that can be asked for.
        vocabulary: the names that are known.
        defaults: the fields, in ids, of inputs that do not have their own. Exclusions add up.
        ignore_unknown: drop unknown names, except those to exclude, which may be allergies.
    """

    def __init__(
        self,
        registry: Registry,
        vocabulary: Vocabulary,
        defaults: JsonObject | None = None,
        *,
        ignore_unknown: bool = False,
    ) -> None:
        self._registry = registry
        self._defaults = defaults or {}
        own = {name: value for name, value in self._defaults.items() if name in FIELDS - {KIND}}
        request = Request.from_json(own)
        self._drinks = DrinkReader(vocabulary, request, ignore_unknown=ignore_unknown)
        self._default_kinds = registry.kinds_of(self._defaults)
        [*kinds] = self._default_kinds
        is_drink = isinstance(registry[kinds[0]], DrinkPipeline)
        forms = [form_of(registry[kind].input) for kind in kinds]
        takes_names = any("ingredients" in form.names for form in forms)
        self._reads_texts = not takes_names and all("text" in form.names for form in forms)
        self._only_kind = kinds[0] if len(kinds) == 1 and is_drink else None

    def read(self, members: Any) -> Inputs:
        """Return the inputs of a JSON value.

        Raises:
            InputInvalid: its form is wrong.
            IngredientsUnknown: a name is unknown.
        """
        if isinstance(members, dict) and KIND not in members and KIND in self._defaults:
            members = {**members, KIND: self._defaults[KIND]}
        if errors := self._registry.check(members, partial=True):
            raise InputInvalid(errors)
        return self.resolve(members)

    def resolve(self, members: JsonObject) -> Inputs:
        """Return the inputs of members whose form is known to be right.

        Raises:
            InputInvalid: a required field is missing, or fields contradict each other.
            IngredientsUnknown: a name is unknown.
        """
        found: Inputs = []
        for kind in self._registry.kinds_of(members):
            pipeline = self._registry[kind]
            form = form_of(pipeline.input)
            own = {name: value for name, value in members.items() if name in form.names}
            if not isinstance(pipeline, DrinkPipeline):
                defaults = {n: v for n, v in self._defaults.items() if n in form.names}
                own = defaults | own
            if errors := form.missing(own):
                raise InputInvalid(errors)
            found.append((kind, pipeline.read(own, self._drinks)))
        return found

    def read_text(self, text: str) -> Inputs:
        """Return the inputs of a line of text: names with `;` between them, or a text to read.

        Raises:
            InputInvalid: the form of the line is wrong.
            IngredientsUnknown: a name is unknown.
        """
        if self._reads_texts:
            return self.read({"text": text.strip()})
        return self.read_names(split_names(text))

    def read_defaults(self, members: JsonObject) -> JsonObject:
        """Return the defaults of a document as they are stored.

        Raises:
            InputInvalid: fields contradict each other.
            IngredientsUnknown: a name is unknown.
        """
        defaults: JsonObject = {}
        kinds = self._registry.kinds_of(members)
        for kind in kinds:
            pipeline = self._registry[kind]
            names = form_of(pipeline.input).names
            own = {name: value for name, value in members.items() if name in names}
            if isinstance(pipeline, DrinkPipeline):
                own = pipeline.encode_input(pipeline.read(own, self._drinks))
            defaults |= own
        defaults.pop(KIND, None)
        if kinds != [self._registry.default]:
            defaults[KIND] = members[KIND]
        return defaults

    def read_names(self, names: list[Any]) -> Inputs:
        """Return the inputs of a drink that is only a list of names.

        Raises:
            InputInvalid: the form of the list is wrong, or the kind needs more than names.
            IngredientsUnknown: a name is unknown.
        """
        if self._only_kind is not None:
            request = self._drinks.resolve_names(names, self._only_kind)
            if request is not None:
                return [(self._only_kind, request)]
        return self.read({"ingredients": names})
