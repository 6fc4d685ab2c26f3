"""The names of alcoholic drinks, which callers ask for although a model may have none."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from suggester.names import normalise

# A drink's last word names it, as in "white rum". Letters have no accents, so й is и.
_DRINK: Final = re.compile(
    r"(^|.* )(absinthe|amaretto|aperol|baileys|beer|bourbon|brandy|cachaca|campari|champagne|cognac"
    r"|cointreau|gin|grappa|jagermeister|kahlua|lager|limoncello|liqueur|marnier|mezcal|pisco"
    r"|prosecco|rum|sake|schnapps|scotch|sec|sherry|soju|tequila|vermouth|vodka|whiskey|whisky|wine"
    r"|абсент|амаретто|апероль|бренди|бурбон|вермут|вино|виски|водка|граппа|джин|калуа|кальвадос"
    r"|кампари|коньяк|куантро|ликер|лимончелло|наливка|настоика|пиво|просекко|ром|саке|самогон|сидр"
    r"|текила|херес|шампанское|шнапс)"
)
_SOFT: Final = re.compile(
    r"alcohol|алкогол|\b(birch|free|ginger|near|root|virgin|zero|имбирное|корневое|нулевое|сироп)\b"
)


def is_alcoholic(name: str) -> bool:
    """Whether a name is that of an alcoholic drink, as far as its words tell."""
    letters = unicodedata.normalize("NFKD", normalise(name))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _DRINK.fullmatch(plain) is not None and _SOFT.search(plain) is None
