"""The ingredients of a model: ids, names in two languages, and roles.

This module imports only the standard library, because the API needs names but no numbers.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from suggester.alcohol import is_alcoholic
from suggester.artifacts import read_file
from suggester.errors import ArtifactInvalid
from suggester.groups import PREFIX, expand, is_group, is_group_id, members_by_group
from suggester.looks import Look
from suggester.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from suggester.artifacts import Artifacts

Language = Literal["en", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru")
FILE: Final = "vocabulary.json"
ALCOHOL: Final = f"{PREFIX}alcohol"  # what may contain traces of it
MASK_FILES: Final = ("base.txt", "additive.txt")


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An entry of the vocabulary. According to the mask files it is a base, an additive or both.

    `contains` has the allergen groups that the ingredient belongs to, such as `dairy`. Without
    data it is None, and the ingredient counts as a member of every group. `look` is None without
    data. `drinks` is the number of known drinks with the ingredient, or None in an older model.
    """

    id: str
    en: str
    ru: str
    aliases: tuple[str, ...]
    base: bool
    additive: bool
    contains: tuple[str, ...] | None = None
    look: Look | None = None
    drinks: int | None = None

    def name(self, language: Language) -> str:
        """Return the name in a language, or the English name if it has none in that language."""
        return getattr(self, language) or self.en

    def aliases_in(self, language: Language) -> list[str]:
        """Return the other names of the ingredient, in both languages."""
        names = dict.fromkeys((self.en, self.ru, *self.aliases))
        return [name for name in names if name and name != self.name(language)]

    @property
    def names(self) -> list[str]:
        """All names in normalised form; the id is last."""
        names = (self.en, self.ru, *self.aliases, self.id)
        return [normalise(name) for name in names if name]


class Vocabulary:
    """The ingredients, in the order of the network's columns.

    Attributes:
        ingredients: the ingredients.
        index: the column of each id.
        groups: the ids in each allergen group, by the name that a request has for it, such as
            `group:dairy`. Ingredients without data are in every group.

    Raises:
        ArtifactInvalid: an ingredient has the name of a group, so it could not be excluded.
    """

    def __init__(self, ingredients: Iterable[Ingredient]) -> None:
        self.ingredients = tuple(ingredients)
        self.index = {entry.id: column for column, entry in enumerate(self.ingredients)}
        self._by_name = {
            name: entry for entry in reversed(self.ingredients) for name in entry.names
        }
        for name in self._by_name:
            if name.startswith(PREFIX):
                raise ArtifactInvalid(
                    f"{FILE} has an ingredient {name!r}, but only groups may have such a name; "
                    "rename it in your data and train again."
                )
        self.groups = members_by_group({entry.id: entry.contains for entry in self.ingredients})
        self._bases = frozenset(entry.id for entry in self.ingredients if entry.base)
        self._additives = frozenset(entry.id for entry in self.ingredients if entry.additive)

    @classmethod
    def load(cls, artifacts: Artifacts) -> Vocabulary:
        """Read vocabulary.json and the two mask files.

        Raises:
            ArtifactInvalid: a file is missing or damaged, a mask file contains a name that is
                not in the vocabulary, or an ingredient has the name of a group.
        """
        raw = _read_entries(artifacts)
        ids = {entry["id"] for entry in raw}
        base, additive = (_read_mask(artifacts.folder / name, ids) for name in MASK_FILES)
        return cls(
            Ingredient(
                id=entry["id"],
                en=entry["en"],
                ru=entry["ru"],
                aliases=tuple(entry["aliases"]),
                base=entry["id"] in base,
                additive=entry["id"] in additive,
                contains=tuple(entry["contains"]) if "contains" in entry else None,
                look=Look.from_json(entry.get("look")),
                drinks=entry.get("drinks"),
            )
            for entry in raw
        )

    def __len__(self) -> int:
        return len(self.ingredients)

    def find(self, name: str) -> Ingredient | None:
        """Return the ingredient with this id, name or alias (in any case), or None."""
        return self._by_name.get(normalise(name))

    def find_group(self, name: str) -> str | None:
        """Return the key in `groups` for a name such as `Group:Dairy`, or None."""
        group = normalise(name)
        return group if group in self.groups else None

    def lacks_drink(self, name: str) -> bool:
        """Whether a name is that of an alcoholic drink, and the model has no such drink."""
        return is_alcoholic(name) and not is_group(name) and not self._has_alcohol

    @cached_property
    def _has_alcohol(self) -> bool:
        return any(map(is_alcoholic, self._by_name))

    def excluded(self, exclude: Iterable[str]) -> set[str]:
        """Return the ids that a request excludes, by themselves or as members of a group.

        Raises:
            RequestInvalid: this model does not have one of the groups.
        """
        return expand(exclude, self.groups)

    def nearest(self, name: str, count: int = 3, *, groups: bool = False) -> list[str]:
        """Return the names that are most similar, one per ingredient, best first; often none.

        Similar groups come first if `groups` is true, and alone if the name is one of a group.
        No name is like a drink that the model lacks, but its group may be meant.
        """
        wanted = normalise(name)
        if self.lacks_drink(name):
            return [ALCOHOL] if groups and ALCOHOL in self.groups else []
        if wanted.startswith(PREFIX):
            return self._nearest_groups(wanted, count)
        spoken = [found for entry in self.ingredients for found in entry.names[:-1]]
        best: dict[str, str] = {}
        for found in nearest(wanted, spoken, count * 3):
            best.setdefault(self._by_name[found].id, found)
        found_groups = self._nearest_groups(wanted, count) if groups else []
        return [*found_groups, *best.values()][:count]

    def _nearest_groups(self, wanted: str, count: int) -> list[str]:
        """Return the groups that are most similar to a name, apart from the prefix."""
        names = [group.removeprefix(PREFIX) for group in self.groups]
        return [PREFIX + found for found in nearest(wanted.removeprefix(PREFIX), names, count)]

    def search(self, query: str, limit: int) -> list[Ingredient]:
        """Return the ingredients whose names contain `query`.

        The exact name comes first, then names that begin with it, then those with a word that
        does. Matches inside words are last: they find buttermilk for "milk".
        """
        wanted = normalise(query)
        found = [entry for entry in self.ingredients if any(wanted in n for n in entry.names)]
        word = re.compile(rf"\b{re.escape(wanted)}")
        found.sort(
            key=lambda e: (
                wanted not in e.names,
                not any(name.startswith(wanted) for name in e.names),
                not any(map(word.search, e.names)),
                e.en,
            )
        )
        return found[:limit]

    def candidates(
        self,
        chosen: Iterable[str],
        exclude: Iterable[str] = (),
        only: Iterable[str] | None = None,
    ) -> frozenset[str]:
        """Return the ids that may be suggested, like `suggester.masks` but with sets.

        Raises:
            RequestInvalid: this model does not have one of the groups to exclude.
        """
        chosen = set(chosen)
        masked = self._additives if chosen else self._bases
        allowed = masked.difference(chosen, self.excluded(exclude))
        return allowed if only is None else allowed.intersection(only)


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Return the names that are most similar to `name`, best first."""
    return difflib.get_close_matches(name, list(names), n=count, cutoff=0.6)


def _read_entries(artifacts: Artifacts) -> list[dict[str, Any]]:
    content = artifacts.read(FILE)
    try:
        entries = json.loads(content)["ingredients"]
    except (ValueError, KeyError, TypeError):
        entries = None
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise ArtifactInvalid(
            f"{artifacts.folder / FILE} is not a vocabulary; "
            "train a model with `make train` or restore the file."
        )
    return entries


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("aliases"), list):
        return False
    texts = (entry.get("id"), entry.get("en"), entry.get("ru"), *entry["aliases"])
    groups = entry.get("contains", [])
    return (
        all(isinstance(text, str) for text in texts)
        and ("look" not in entry or Look.from_json(entry["look"]) is not None)
        and isinstance(entry.get("drinks", 0), int)
        and isinstance(groups, list)
        and all(map(is_group_id, groups))
    )


def _read_mask(path: Path, ids: set[str]) -> set[str]:
    try:
        lines = read_file(path).decode().splitlines()
    except UnicodeDecodeError as error:
        raise ArtifactInvalid(
            f"{path} is not UTF-8 text; write one ingredient per line."
        ) from error
    names = {text for line in lines if (text := line.partition("#")[0].strip())}
    for name in sorted(names - ids):
        alike = nearest(name, ids)
        hint = f"did you mean {' or '.join(alike)}?" if alike else "remove it."
        raise ArtifactInvalid(f"{path} contains {name!r}, which is not in the vocabulary; {hint}")
    return names
