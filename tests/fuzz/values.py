"""Strings, JSON values and bodies that are likely to break a careless server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random

# Parts of names, ids, documents and keys. Tests search the logs for them.
CANARY: Final = "cAnArY"
KEY_CANARY: Final = "kEyCaNaRy"

STRINGS: Final = [
    "",
    " ",
    "\u0000",
    "\ud800",  # a lone surrogate
    "\udfff\ud800",
    "\u202egnp.exe",  # the rest is shown right to left
    "\ufeff",
    "e" + "\u0301" * 70,
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "ı İ ß ﷺ",
    "м" * 65,
    "m" * 5000,
    "\r\nSet-Cookie: a=b",
    "../../../../etc/passwd",
    "%00%2e%2e%2f",
    "{{7*7}}${jndi:ldap://x}",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "group:",
    "ＧＲＯＵＰ：dairy",
    "NaN",
    "-1",
    "9" * 400,
    "٣",  # the Arabic digit three
]
NUMBERS: Final = [0, -1, 1.5, 5.0, 1e308, -0.0, 2**63, 10**300, float("nan"), float("inf")]
FIELDS: Final = [
    "ingredients",
    "exclude",
    "only",
    "kind",
    "top_k",
    "length",
    "priority",
    "deadline_seconds",
    "document",
    "bytes",
    "format",
    "one",
    "__proto__",
]


def random_string(rng: random.Random) -> str:
    """Return an unusual string."""
    string = rng.choice(STRINGS)
    if rng.random() < 0.2:
        string += "".join(
            chr(rng.choice((rng.randrange(128), rng.randrange(0x110000)))) for _ in "123"
        )
    return rng.choice((string, string + CANARY, CANARY))


def random_value(rng: random.Random, depth: int = 0) -> Any:
    """Return any JSON value."""
    kind = rng.randrange(4 if depth > 3 else 7)
    if kind == 0:
        return rng.choice((None, True, False))
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind in (2, 3):
        return random_string(rng)
    if kind == 4:
        sizes = (0, 1, 2) if depth else (0, 1, 2, 33, 101, 501)
        return [random_value(rng, depth + 1)] * rng.choice(sizes)
    return {random_field(rng): random_value(rng, depth + 1) for _ in range(rng.randrange(4))}


def random_field(rng: random.Random) -> str:
    """Return a field name, usually one that the API knows."""
    return rng.choice(FIELDS) if rng.random() < 0.7 else random_string(rng)


def wrong_shape(rng: random.Random) -> bytes:
    """Return JSON of the wrong shape: any value, or drinks with one or two wrong fields."""
    drink = {"ingredients": ["milk"], "kind": "next", "top_k": 3}
    drinks: Any = [
        {**drink, random_field(rng): random_value(rng)} for _ in range(rng.choice((1, 1, 2, 101)))
    ]
    shapes = (
        drinks,
        drinks[0],
        {**drinks[0], random_field(rng): random_value(rng)},
        random_value(rng),
        {"bytes": 1},
    )
    return json.dumps(rng.choice(shapes)).encode()


def wrong_syntax(rng: random.Random) -> bytes:
    """Return a body that is not JSON, or that only some parsers accept."""
    valid = json.dumps({"ingredients": ["milk", CANARY], "top_k": 3}, ensure_ascii=False)
    depth = rng.choice((10, 1000, 60_000))
    return rng.choice(
        (
            valid[: rng.randrange(1, len(valid))].encode(),
            valid.replace('"', "'").encode(),
            valid.encode("utf-16"),
            b"\xef\xbb\xbf" + valid.encode(),
            valid.encode() + b"}",
            b"\x1f\x8b" + rng.randbytes(40),
            rng.randbytes(rng.choice((1, 50, 2000))),
            b"[" * depth,
            b'{"a":' * depth,
            b"[" * depth + b"]" * depth,
            b'{"top_k": ' + b"9" * 6000 + b"}",
            b'{"top_k": 1e999999}',
            b'{"top_k": 3, "top_k": "3"}',
            b'{"ingredients": ["' + b"m" * (200 * 1024) + b'"]}',
            b"null",
            b" ",
        )
    )
