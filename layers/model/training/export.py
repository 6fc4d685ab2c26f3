"""Write a trained model as the folder that is served, all of it or nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from training.errors import ExportFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from training.sets import Sets
    from training.vocabulary import Ingredient

CARD: Final = "card.json"
DIGITS: Final = 12
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
UNHASHED: Final = ("base.txt", "additive.txt")


def write_artifacts(folder: Path, files: dict[str, bytes], card: dict[str, Any]) -> str:
    """Write the files and their model card in place of what the folder held.

    Returns the version, which is a digest of the files less the masks, since an operator
    edits those.

    Raises:
        ExportFailed: the disk refused, or the folder holds something else than artifacts.
    """
    hashed = {name: content for name, content in files.items() if name not in UNHASHED}
    digests = {name: hashlib.sha256(hashed[name]).hexdigest() for name in sorted(hashed)}
    version = hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:DIGITS]
    card = {"version": version, "files": digests, **card}
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    try:
        with _replaced(folder.resolve()) as fresh:
            for name, content in {**files, CARD: text.encode()}.items():
                (fresh / name).write_bytes(content)
    except OSError as error:
        raise ExportFailed(
            f"{folder} cannot be written ({error.strerror}); it is as it was before."
        ) from error
    return version


def check_target(folder: Path) -> None:
    """Refuse a folder that holds something else, before hours of training rather than after.

    Raises:
        ExportFailed: the folder is a file, or holds files but no model card.
    """
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / CARD).is_file()):
        return
    if folder.exists():
        raise ExportFailed(f"{folder} holds something else than a model; name a new folder.")


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Give a fresh sibling folder that takes the place of `folder` when all went well."""
    check_target(folder)
    fresh, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{it}") for it in ("new", "old"))
    try:
        fresh.mkdir(parents=True)
        yield fresh
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)


def vocabulary_file(ingredients: Iterable[Ingredient]) -> bytes:
    """Write the ingredients in the order of the network's columns."""
    entries = [
        {"id": entry.id, "en": entry.en, "ru": entry.ru, "aliases": list(entry.aliases)}
        for entry in ingredients
    ]
    return (json.dumps({"ingredients": entries}, ensure_ascii=False, indent=1) + "\n").encode()


def mask_file(role: str, ids: Iterable[str]) -> bytes:
    """Write a mask: a comment for whoever edits it, then the ids, sorted, one a line."""
    about = {"base": "an empty drink", "additive": "a drink that has something in it"}[role]
    return "\n".join([f"# What may be suggested for {about}.", *sorted(ids), ""]).encode()


def recipes_file(recipes: Sets) -> bytes:
    """Write the distinct recipes as compressed sparse rows: indptr and indices, int32."""
    distinct = recipes.distinct()
    stream = io.BytesIO()
    indptr, indices = distinct.indptr.astype(np.int32), distinct.indices.astype(np.int32)
    np.savez(stream, allow_pickle=False, indptr=indptr, indices=indices)
    return _undated(stream)


def network_files(network: Any, scratch: Path) -> dict[str, bytes]:
    """Write the network for both engines, by way of an existing folder for scratch files."""
    import keras  # noqa: PLC0415 - TensorFlow takes seconds

    keras_path, lite_path = scratch / "model.keras", scratch / "model.tflite"
    # A compiled network would be saved with its optimizer, at three times the size.
    bare = keras.Model.from_config(network.get_config())
    bare.set_weights(network.get_weights())
    bare.save(keras_path)
    bare.export(lite_path, format="litert", verbose=False)
    keras_file = _undated(io.BytesIO(keras_path.read_bytes()))
    return {"model.keras": keras_file, "model.tflite": lite_path.read_bytes()}


def _undated(archive: io.BytesIO) -> bytes:
    """Rewrite a zip without dates or memory addresses, so that equal models are equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": ""}).encode()
            if name == "config.json":
                content = _numbered(content)
            target.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return stream.getvalue()


def _numbered(config: bytes) -> bytes:
    """Replace the addresses by which Keras tells shared objects by their order in the text."""
    pattern = rb'("shared_object_id": )(\d+)'
    order = {found[1]: number for number, found in enumerate(re.findall(pattern, config))}
    return re.sub(pattern, lambda match: b"%b%d" % (match[1], order[match[2]]), config)
