"""The names of allergen groups, as texts exclude them: no nuts, dairy-free, без молочного."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from suggester.extraction.morphology import analyse
from suggester.extraction.statements import groups_of_diet
from suggester.groups import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The names of the project's groups besides their ids, in the nominative.
_NAMES: Final = {
    "alcohol": ("алкоголь", "спирт", "спиртное"),
    "caffeine": ("кофеин",),
    "celery": ("сельдерей",),
    "dairy": (
        *("milk", "dairy product", "milk product", "lactose"),
        *("молоко", "молочное", "молочка", "молочный продукт", "лактоза", "безлактозный"),
        "безмолочный",
    ),
    "egg": ("eggless", "яйцо"),
    "fish": ("рыба",),
    "gelatine": ("gelatin", "желатин"),
    "gluten": (
        *("wheat", "coeliac", "celiac"),
        *("глютен", "клейковина", "пшеница", "целиакия", "безглютеновый"),
    ),
    "honey": ("мед",),
    "lupin": ("lupine", "люпин"),
    "mustard": ("горчица",),
    "nuts": ("nut", "tree nut", "орех", "орешек"),
    "peanut": ("nut", "groundnut", "арахис", "орех", "орешек"),  # "no nuts" may mean it, too
    "sesame": ("кунжут",),
    "soy": ("soya", "соя", "соевый"),
    "sulphites": ("sulfite", "сульфит"),
}


class GroupNames:
    """The names of a vocabulary's groups. Those with a word's first letter are read for it."""

    def __init__(self, groups: Iterable[str]) -> None:
        self._by_letter: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
        self._groups = frozenset(groups)
        for group in sorted(self._groups):
            own = group.removeprefix(PREFIX)
            for name in (own.replace("-", " "), *_NAMES.get(own, ())):
                self._by_letter[name[0]].append((name.split(), group))

    def find(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the groups that have a name of these words, in any form, or those of a diet.

        If the model lacks a group of the diet, there are none.
        """
        diet = groups_of_diet(words)
        if diet is not None:
            excluded = tuple(PREFIX + group for group in diet)
            return excluded if self._groups.issuperset(excluded) else ()
        named = self._by_letter.get(words[0][0], ()) if words else ()
        return tuple(dict.fromkeys(group for name, group in named if _match(name, words)))


def _match(name: Sequence[str], words: Sequence[str]) -> bool:
    return len(name) == len(words) and not any(
        analyse(mine).keys.isdisjoint(analyse(theirs).keys)
        for mine, theirs in zip(name, words, strict=True)
    )
