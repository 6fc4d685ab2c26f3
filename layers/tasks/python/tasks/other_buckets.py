"""Documents in buckets of others, which callers may name if the operator lists their buckets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.document_keys import SUFFIXES, owned_key, split_uri
from tasks.errors import BucketRefused, DocumentMisnamed, SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.ports import DocumentStore

VARIABLE: Final = "DOCUMENT_BUCKETS"
MAX_KEY: Final = 1024  # bytes, on S3
# The name of a bucket, perhaps with a folder. IAM gives a meaning to other characters, such as *.
PLACE: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=-]+)*")


@dataclass(frozen=True, slots=True)
class OtherBuckets:
    """The buckets of others that the deployment reads.

    Attributes:
        places: their names, each perhaps with a folder: `orders`, or `archive/2026/in`.
    """

    places: tuple[str, ...] = ()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> OtherBuckets:
        """Read the setting: places with commas between them.

        Raises:
            SettingsInvalid: it has something else.
        """
        places = [part.strip() for part in environ.get(VARIABLE, "").split(",")]
        for place in filter(None, places):
            if not PLACE.fullmatch(place):
                raise SettingsInvalid(
                    f"{VARIABLE} contains {place!r}; separate names of buckets by commas, each "
                    "with or without a folder, such as orders,archive/in (no slash at the end)."
                )
        return cls(tuple(filter(None, places)))

    def check(self, uri: str) -> None:
        """Refuse the name of a file that is not a document in one of the places.

        Raises:
            BucketRefused: it is elsewhere.
            DocumentMisnamed: its key cannot be that of a document.
        """
        bucket, key = split_uri(uri)
        if not any(f"{bucket}/{key}".startswith(f"{place}/") for place in self.places):
            raise BucketRefused(bucket, self.places)
        if error := _error_in(key):
            raise DocumentMisnamed(error)


def _error_in(key: str) -> str:
    """Return why no document can have this key, or an empty string."""
    if not key.endswith(tuple(SUFFIXES.values())):
        return f"must end with {' or '.join(SUFFIXES.values())}, which is the format of the file"
    if len(key.encode()) > MAX_KEY:
        return f"must have a key of at most {MAX_KEY} bytes; copy the file to a shorter key"
    if any(part in ("", ".", "..") for part in key.split("/")):
        return "must not have an empty part, . or .. between slashes; copy the file to another key"
    if any(unicodedata.category(character) == "Cc" for character in key):
        return "must not have control characters; copy the file to another key"
    return ""


def document_name(store: DocumentStore, others: OtherBuckets, owner: str, uri: str) -> str:
    """Return the name by which the store reads a document: the key of an upload, or the URI.

    Raises:
        DocumentNotFound: the owner has uploaded no such document.
        BucketRefused, DocumentMisnamed: see `OtherBuckets.check`.
    """
    bucket, _ = split_uri(uri)
    own, _ = split_uri(store.uri(""))
    if bucket in ("", own):
        return owned_key(store, owner, uri)
    others.check(uri)
    return uri
