"""Spellings that are the same name, for everything that compares names."""

from __future__ import annotations

from typing import Final

SAME_NAMES: Final = [
    ("Milk", "milk"),
    ("  orange \t\n juice ", "orange juice"),
    ("orange\u00a0juice", "orange juice"),  # no-break space
    ("orange\u3000juice", "orange juice"),  # ideographic space
    ("mi\u200blk", "milk"),  # zero width space
    ("\ufeffmilk", "milk"),  # byte order mark
    ("milk\u2060", "milk"),  # word joiner
    ("mi\u00adlk", "milk"),  # soft hyphen
    ("milk\ufe0f", "milk"),  # variation selector
    ("\u202emilk\u202c", "milk"),  # direction override
    ("milk\U000e0020", "milk"),  # tag
    ("cre\u034f\u0300me", "cr\u00e8me"),  # combining grapheme joiner, between letter and accent
    ("cre\u0300me", "cr\u00e8me"),
    ("ｍｉｌｋ", "milk"),
    ("co\ufb00ee", "coffee"),  # ligature
    ("cow\u2019s milk", "cow's milk"),
    ("cow\u02bcs milk", "cow's milk"),
    ("cow\u00b4s milk", "cow's milk"),
    ("cow`s milk", "cow's milk"),
    ("\u201cmilk\u201d", '"milk"'),
    ("half\u2010and\u2011half", "half-and-half"),
    ("half\u2013and\u2014half", "half-and-half"),
    ("half\u2212and\uff0dhalf", "half-and-half"),
    ("Молоко", "молоко"),
    ("мо\u200bло\u00adко", "молоко"),
    ("\u2066молоко\u2069", "молоко"),
    ("Апельсиновыи\u0306  СОК", "апельсиновый сок"),
    ("апельсиновый\u2007сок", "апельсиновый сок"),  # figure space
    ("какао\u2014порошок", "какао-порошок"),
    ("\u00abмолоко\u00bb", '"молоко"'),
    ("МЁД", "мёд"),
    ("ме\u0308д", "мёд"),
]
