"""The validation of an input: from the JSON that a caller sent to the inputs of its kinds.

The API validates requests with it, and the worker the lines of documents, so that both refuse the
same inputs with the same messages.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pipelines.errors import FieldError, InputInvalid
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

INGREDIENTS: Final = "ingredients"
NOT_A_TEXT: Final = (
    "a line of text gives one text or a list of texts, and the kind requires something else; "
    "send its fields as JSON, or all but one of them for the whole document"
)


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
        self._vocabulary = vocabulary
        self._defaults = defaults or {}
        own = {name: value for name, value in self._defaults.items() if name in FIELDS - {KIND}}
        request = Request.from_json(own)
        self._drinks = DrinkReader(vocabulary, request, ignore_unknown=ignore_unknown)
        self._default_kinds = registry.kinds_of(self._defaults)
        kind, *others = self._default_kinds
        are_enough = not others and not form_of(registry[kind].input).missing(self._defaults)
        is_drink = isinstance(registry[kind], DrinkPipeline)
        self._only_kind = kind if is_drink and are_enough else None  # of a list of names

    @property
    def reads_texts(self) -> bool:
        """Whether a line of text can be an input."""
        return self._text_field is not None

    @cached_property
    def _text_field(self) -> tuple[str, type] | None:
        """The field that a line of text gives, and `str` or `list`; None if there is none.

        Of drinks, these are the ingredients; of other inputs, it is the one field that is required
        and has no default, if it is a text or a list of texts.
        """
        pipelines = [self._registry[kind] for kind in self._default_kinds]
        forms = [form_of(pipeline.input) for pipeline in pipelines]
        required = {name for form in forms for name in form.required} - self._defaults.keys()
        have_names = [INGREDIENTS in form.names for form in forms]
        are_drinks = all(isinstance(pipeline, DrinkPipeline) for pipeline in pipelines)
        if (are_drinks and all(have_names)) or (not required and any(have_names)):
            return INGREDIENTS, list
        if len(required) != 1:
            return None
        [name] = required
        held = {form.holds(name) for form in forms if name in form.names}
        return next(((name, kind) for kind in (str, list) if held == {kind}), None)

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
        """Return the inputs of a line of text: a text, or texts with `;` between them.

        Raises:
            InputInvalid: the form of the line is wrong, or the kind needs more than a text.
            IngredientsUnknown: a name is unknown.
        """
        if self._text_field is None:
            raise InputInvalid([FieldError("", NOT_A_TEXT)])
        name, held = self._text_field
        if name == INGREDIENTS:
            return self.read_names(split_names(text))
        return self.read({name: text.strip() if held is str else split_names(text)})

    def read_defaults(self, members: JsonObject) -> JsonObject:
        """Return the defaults of a document as they are stored.

        Raises:
            IngredientsUnknown: a name is unknown.
        """
        options = DrinkReader(self._vocabulary, without_drinks=True)
        defaults: JsonObject = {}
        kinds = self._registry.kinds_of(members)
        for kind in kinds:
            pipeline = self._registry[kind]
            names = form_of(pipeline.input).names
            own = {name: value for name, value in members.items() if name in names}
            if isinstance(pipeline, DrinkPipeline):
                own = pipeline.encode_input(pipeline.read(own, options))
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
