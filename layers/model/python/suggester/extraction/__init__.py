"""Ingredients in free text, in English and Russian, with their quantities.

    text       folded text and its words, with their places in the text as it was sent
    lexicon    words that mean something around an ingredient: negations, verbs, adjectives
    morphology keys of words, which all forms of a word share
    names      the names of a vocabulary, by the keys of their words
    phrases    the names in a text; those inside a longer name are not understood
    amounts    quantities, and the ingredients that they belong to
    groups     names of allergen groups
    cues       the words with which a negation begins
    scopes     the phrases that follow a negation and belong to it
    statements diets, and foods that make somebody ill
    continuations  names that go on with a negation before them
    negation   ingredients that the text excludes

Only `morphology` uses libraries, and imports them when it sees the first word.
"""

from __future__ import annotations

from suggester.extraction.extractor import Extractor
from suggester.extraction.results import Contradiction, Extraction, Found, Unknown

__all__ = ["Contradiction", "Extraction", "Extractor", "Found", "Unknown"]
