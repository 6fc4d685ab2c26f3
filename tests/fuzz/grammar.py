"""Generate bad requests by corrupting parts of valid ones; a seed and a number give one request."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tasks.ids import new_task_id
from tests.fakes import NOW
from tests.fuzz.values import (
    CANARY,
    KEY_CANARY,
    NUMBERS,
    random_string,
    wrong_shape,
    wrong_syntax,
)

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
class RawRequest:
    """A request as a server reads it: a decoded path, and everything else as bytes."""

    method: str
    path: str
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


JSON: Final = ((b"content-type", b"application/json"),)
TASK_ID: Final = new_task_id(NOW)
VALID: Final = [
    RawRequest("POST", "/api/process", headers=JSON, body=b'{"ingredients": ["milk"], "top_k": 3}'),
    RawRequest("POST", "/api/process", headers=JSON, body=b'[{"ingredients": ["milk"]}, {}]'),
    RawRequest("POST", "/api/process", b"ingredients_joined=milk;strawberry&ignore_unknown=true"),
    RawRequest("POST", "/api/documents", headers=JSON, body=b'{"bytes": 10, "format": "jsonl"}'),
    RawRequest(
        "POST", "/api/process", headers=JSON, body=b'{"document": "s3://documents/o/d.jsonl"}'
    ),
    RawRequest("GET", f"/api/status/{TASK_ID}"),
    RawRequest("GET", f"/api/result/{TASK_ID}", b"wait=0"),
    RawRequest("DELETE", f"/api/task/{TASK_ID}"),
    RawRequest("GET", "/api/ingredients", b"q=mi&limit=5"),
    RawRequest("GET", "/api/queue"),
    RawRequest("GET", "/api/health"),
    RawRequest("GET", "/page/app.js"),
    RawRequest("GET", "/docs"),
]


def bad_request(seed: int, number: int) -> RawRequest:
    """Return the bad request with this number."""
    rng = random.Random(f"{seed}/{number}")
    request = rng.choice(VALID)
    corruptions: list[Callable[[random.Random, RawRequest], RawRequest]]
    corruptions = [_method, _path, _query, _headers, _body, _body, _body]
    for corrupt in rng.sample(corruptions, rng.choice((1, 1, 2, 3))):
        request = corrupt(rng, request)
    return request


def _method(rng: random.Random, request: RawRequest) -> RawRequest:
    methods = (
        "GET",
        "HEAD",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "BREW",
        "get",
        "",
    )
    return replace(request, method=rng.choice(methods))


def _path(rng: random.Random, request: RawRequest) -> RawRequest:
    start = rng.choice((request.path, *PATHS))
    # A server decodes the path and replaces invalid UTF-8 with U+FFFD.
    end = random_string(rng).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return replace(request, path=start + end)


def _query(rng: random.Random, request: RawRequest) -> RawRequest:
    names = (
        "ingredients_joined",
        "ignore_unknown",
        "wait",
        "q",
        "limit",
        random_string(rng),
        "%",
        "",
    )
    pairs = [
        f"{_quoted(rng.choice(names))}={_quoted(random_string(rng))}"
        for _ in range(rng.randrange(1, 4))
    ]
    endings = (b"", b"\xff\xfe", b"&&&===;;%zz", b"a" * 9000)
    ending = rng.choice(endings) if rng.random() < 0.2 else b""
    kept = request.query if rng.random() < 0.5 else b""
    return replace(request, query=b"&".join([kept, "&".join(pairs).encode("ascii"), ending]))


def _quoted(string: str) -> str:
    return quote(string.encode("utf-8", "surrogatepass"), safe="%")


def _headers(rng: random.Random, request: RawRequest) -> RawRequest:
    added = [(rng.choice(HEADERS), _header_value(rng)) for _ in range(rng.randrange(1, 4))]
    kept = request.headers if rng.random() < 0.7 else ()
    return replace(request, headers=(*added, *kept))


def _header_value(rng: random.Random) -> bytes:
    return rng.choice(
        (
            random_string(rng).encode("utf-8", "surrogatepass"),
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


def _body(rng: random.Random, request: RawRequest) -> RawRequest:
    headers = request.headers if rng.random() < 0.1 else JSON
    method = "POST" if rng.random() < 0.9 else request.method
    path = rng.choice(("/api/process", "/api/process", "/api/documents"))
    corrupted = rng.choice((wrong_shape, wrong_shape, wrong_shape, wrong_syntax))(rng)
    return replace(request, method=method, path=path, headers=headers, body=corrupted)
