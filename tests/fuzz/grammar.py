"""Makes bad requests: a good one, of which a part or two are spoilt. A number gives one request."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tasks.ids import new_task_id
from tests.fakes import NOW
from tests.fuzz.odd import CANARY, KEY_CANARY, NUMBERS, broken, misshapen, text

if TYPE_CHECKING:
    from collections.abc import Callable

HEADERS: Final = [
    b"accept-language",
    b"content-type",
    b"idempotency-key",
    b"prefer",
    b"x-api-key",
    b"accept",
    b"content-length",
    b"content-encoding",
    b"if-none-match",
    b"origin",
    b"range",
    b"host",
]
PATHS: Final = [
    "/api/status/",
    "/api/result/",
    "/api/task/",
    "/page/",
    "/docs/assets/",
    "/api/",
    "/",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it comes from the wire: a path without escapes, the rest in bytes."""

    method: str
    path: str
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


JSON: Final = ((b"content-type", b"application/json"),)
TASK: Final = new_task_id(NOW)
GOOD: Final = [
    Sent("POST", "/api/process", headers=JSON, body=b'{"ingredients": ["milk"], "top_k": 3}'),
    Sent("POST", "/api/process", headers=JSON, body=b'[{"ingredients": ["milk"]}, {}]'),
    Sent("POST", "/api/process", b"ingredients_joined=milk;strawberry&ignore_unknown=true"),
    Sent("POST", "/api/documents", headers=JSON, body=b'{"bytes": 10, "format": "jsonl"}'),
    Sent("POST", "/api/process", headers=JSON, body=b'{"document": "s3://documents/o/d.jsonl"}'),
    Sent("GET", f"/api/status/{TASK}"),
    Sent("GET", f"/api/result/{TASK}", b"wait=0"),
    Sent("DELETE", f"/api/task/{TASK}"),
    Sent("GET", "/api/ingredients", b"q=mi&limit=5"),
    Sent("GET", "/api/queue"),
    Sent("GET", "/api/health"),
    Sent("GET", "/page/app.js"),
    Sent("GET", "/docs"),
]


def bad_request(seed: int, number: int) -> Sent:
    """Return the request of that number."""
    rng = random.Random(f"{seed}/{number}")
    request = rng.choice(GOOD)
    spoilers: list[Callable[[random.Random, Sent], Sent]]
    spoilers = [_method, _path, _query, _headers, _body, _body, _body]
    for spoil in rng.sample(spoilers, rng.choice((1, 1, 2, 3))):
        request = spoil(rng, request)
    return request


def _method(rng: random.Random, request: Sent) -> Sent:
    methods = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "")
    return replace(request, method=rng.choice(methods))


def _path(rng: random.Random, request: Sent) -> Sent:
    start = rng.choice((request.path, *PATHS))
    # A server decodes the path, and puts U+FFFD for what is no UTF-8.
    odd = text(rng).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return replace(request, path=start + odd)


def _query(rng: random.Random, request: Sent) -> Sent:
    names = ("ingredients_joined", "ignore_unknown", "wait", "q", "limit", text(rng), "%", "")
    pairs = [
        f"{_quoted(rng.choice(names))}={_quoted(text(rng))}" for _ in range(rng.randrange(1, 4))
    ]
    odd = rng.choice((b"", b"\xff\xfe", b"&&&===;;%zz", b"a" * 9000)) if rng.random() < 0.2 else b""
    kept = request.query if rng.random() < 0.5 else b""
    return replace(request, query=b"&".join([kept, "&".join(pairs).encode("ascii"), odd]))


def _quoted(odd: str) -> str:
    return quote(odd.encode("utf-8", "surrogatepass"), safe="%")


def _headers(rng: random.Random, request: Sent) -> Sent:
    odd = [(rng.choice(HEADERS), _header_value(rng)) for _ in range(rng.randrange(1, 4))]
    kept = request.headers if rng.random() < 0.7 else ()
    return replace(request, headers=(*odd, *kept))


def _header_value(rng: random.Random) -> bytes:
    return rng.choice(
        (
            text(rng).encode("utf-8", "surrogatepass"),
            rng.randbytes(rng.choice((1, 20, 300))),
            b"wait=" + str(rng.choice(NUMBERS)).encode(),
            b"text/plain; charset=" + CANARY.encode(),
            b"application/json; charset=utf-16",
            b"multipart/form-data; boundary=",
            b"ru;q=" + str(rng.choice(NUMBERS)).encode(),
            b"bytes=0-,-,5-1",
            b"," * 2000 + b";=" * 500,
            KEY_CANARY.encode(),
            b"h" * 11_000,
        )
    )


def _body(rng: random.Random, request: Sent) -> Sent:
    headers = request.headers if rng.random() < 0.1 else JSON
    method = "POST" if rng.random() < 0.9 else request.method
    path = rng.choice(("/api/process", "/api/process", "/api/documents"))
    spoilt = rng.choice((misshapen, misshapen, misshapen, broken))(rng)
    return replace(request, method=method, path=path, headers=headers, body=spoilt)
