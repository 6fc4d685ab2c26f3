"""Words that say that a food makes somebody ill.

Many texts of sick people name no such food: `tea with honey against nausea`. So a word of
illness counts only in a sentence that names a cause: `milk makes me sick`, `I get sick from milk`.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from suggester.extraction.lexicon import pairs, words
from suggester.extraction.morphology import analyse, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from suggester.extraction.text import Token

# Signs of an allergy: they count without a cause, too.
_SIGNS: Final = words(
    "hive rash itch itchy itching react reaction choke toxic poison disagree disagrees bloat",
    "bloated bloating intolerable kill deadly fatal lethal dangerous danger яд вред вредный",
    "опасный смертельный зуд чесаться крапивница отек удушье задыхаться пучить",
)
_ILLNESSES: Final = words(
    "sick ill unwell nausea nauseous nauseated queasy vomit vomiting migraine migraines headache",
    "headaches upset diarrhea diarrhoea cramp asthma reflux heartburn problem trouble troubles",
    "hurt harm тошнить тошнота рвота понос диарея вздутие изжога умереть умирать астма болеть",
    "отравиться мигрень",
)
_PAIRS: Final = pairs(
    "swell up|мне плохо|нам плохо|ему плохо|ей плохо|плохо от|плохо мне|плохо переносить|"
    "плохо переваривать|плохо усваивать|сыпь от"
)
# They count if somebody is behind them.
_PAIRS_FOR: Final = pairs("bad for|agree with")
_PEOPLE: Final = words(
    "me us him her them my our his their you your people everyone everybody anyone",
    "мне меня нам нас ему его ей ее им их мой",
)
# Verbs between a cause and a word of harm. Forms of `get` may have the cause behind them.
_CAUSING: Final = words(
    "make cause give get got gets getting become trigger lead leave turn bring would will could",
    "вызывать вызвать давать приводить",
)
# A drink may be for somebody who is ill.
_REMEDIES: Final = words(
    "for against help cure relieve soothe ease treat calm remedy",
    "при против помогать помочь лечить вылечить снять снимать облегчить",
)
_CONDITIONS: Final = words("when whenever if after когда если после")
_DENIALS: Final = words("no not never without isn't aren't нет не без")
# They join a word of harm with its cause behind it.
_CAUSES: Final = words(
    "from to when if after от на когда если после переносить переваривать усваивать",
)
_NEAR_CAUSES: Final = _CAUSES | words("with by")
_OBJECTS: Final = ("upset", "hurt", "harm", "kill")  # verbs, if somebody is behind them
_NEAR: Final = 2  # words
_LONGEST_CONDITION: Final = 4  # words: when I feel very sick
_FAR: Final = 6
_LONGEST_SENTENCE: Final = 30
_MARK: Final = re.compile(r"[:!?]|\.(?:\s|$)|\n *\n")
_COMMA: Final = re.compile(r"[,;:!?()]|\.(?:\s|$)|\n *\n")


def is_harm(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word says that something makes somebody ill."""
    keys = keys_of(tokens[at].text)
    after = tokens[at + 1] if at + 1 < len(tokens) and tokens[at + 1].follows else None
    if after is None and "сыпь" in keys:  # before a name, it is a verb
        return not _is_remedy(at, tokens)
    behind = keys_of(after.text) if after else frozenset[str]()
    if _has_pair(_PAIRS_FOR, keys, behind):
        return at + 2 < len(tokens) and tokens[at + 2].text in _PEOPLE
    is_pair = _has_pair(_PAIRS, keys, behind)
    if _SIGNS.isdisjoint(keys) and _ILLNESSES.isdisjoint(keys) and not is_pair:
        return False
    if is_pair or not (_PEOPLE.isdisjoint(behind) or keys.isdisjoint(_OBJECTS)):
        return True
    if not _SIGNS.isdisjoint(keys):
        return not _is_remedy(at, tokens)
    return _has_cause(at, tokens)


def _has_pair(
    wanted: AbstractSet[tuple[str, ...]], keys: AbstractSet[str], behind: AbstractSet[str]
) -> bool:
    return any(one in keys and other in behind for one, other in wanted)


def has_cause_behind(at: int, tokens: Sequence[Token]) -> bool:
    """Whether the words behind a word of harm join it with its cause."""
    behind = takewhile(lambda token: token.follows, tokens[at : at + _NEAR])
    sets = (_NEAR_CAUSES, _CAUSES)
    return any(keys_of(token.text) & causes for token, causes in zip(behind, sets, strict=False))


def _has_cause(at: int, tokens: Sequence[Token]) -> bool:
    verdict = _look_before(at, tokens)
    if verdict is not None:
        return verdict
    return has_cause_behind(at + 1, tokens) or _is_conditional(at, tokens)


def _is_remedy(at: int, tokens: Sequence[Token]) -> bool:
    return _look_before(at, tokens) is False


def _look_before(at: int, tokens: Sequence[Token]) -> bool | None:
    """Whether the words before a word of harm name a cause (True) or somebody ill (False)."""
    has_person = False
    for place in range(at - 1, max(-1, at - 1 - _FAR), -1):
        if _COMMA.search(tokens[place + 1].gap):
            return _is_list_of_causes(place, tokens)
        keys = keys_of(tokens[place].text)
        if keys & _CAUSING:
            return True
        if "от" in keys:  # чай от тошноты, but: от молока тошнит
            return place < at - 1 and (has_person or not analyse(tokens[at].text).genitive)
        is_denied = at - place <= _NEAR and keys & _DENIALS
        is_condition = at - place <= _LONGEST_CONDITION and keys & _CONDITIONS
        if is_denied or is_condition or keys & _REMEDIES:
            return False
        has_person = has_person or not keys.isdisjoint(_PEOPLE)
    return None


def _is_list_of_causes(at: int, tokens: Sequence[Token]) -> bool | None:
    """Whether `от` begins the list that ends with a word: от молока, мёда тошнит."""
    for place in range(at, max(-1, at - _FAR), -1):
        if "от" in keys_of(tokens[place].text):
            return True
        if _MARK.search(tokens[place].gap):
            return None
    return None


def _is_conditional(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a sentence has a condition before a word of harm: when I drink milk, I am sick."""
    for place in range(at - 1, max(-1, at - 1 - _LONGEST_SENTENCE), -1):
        if _MARK.search(tokens[place + 1].gap):
            return False
        if tokens[place].text in _CONDITIONS:
            return True
    return False
