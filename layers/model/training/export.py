"""Write a trained model as a folder of artifacts, completely or not at all."""

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

from training.categories import category_numbers
from training.console import silence_stderr
from training.errors import ExportFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from training.dataset import Dataset
    from training.ingredients import Ingredient
    from training.recipe_matrix import Floats, RecipeMatrix

CARD: Final = "card.json"
VERSION_DIGITS: Final = 12
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
MASK_FILES: Final = ("base.txt", "additive.txt")


def write_artifacts(folder: Path, files: dict[str, bytes], card: dict[str, Any]) -> str:
    """Replace the folder's content by the files and their model card.

    Returns the version, a digest of all files except the masks, which an operator may edit.

    Raises:
        ExportFailed: the folder cannot be written, or contains something other than a model.
    """
    hashed = {name: content for name, content in files.items() if name not in MASK_FILES}
    digests = {name: hashlib.sha256(hashed[name]).hexdigest() for name in sorted(hashed)}
    version = hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:VERSION_DIGITS]
    card = {"version": version, "files": digests, **card}
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    try:
        with _replacing(folder.resolve()) as new_folder:
            for name, content in {**files, CARD: text.encode()}.items():
                (new_folder / name).write_bytes(content)
    except OSError as error:
        raise ExportFailed(
            f"{folder} cannot be written ({error.strerror}); its content was not changed."
        ) from error
    return version


def check_target(folder: Path) -> None:
    """Check that the folder may be replaced; call it before a long training.

    Raises:
        ExportFailed: the path is a file, or a folder with files but no model card.
    """
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / CARD).is_file()):
        return
    if folder.exists():
        raise ExportFailed(f"{folder} contains something other than a model; name a new folder.")


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Yield a new folder, which replaces `folder` if the block succeeds."""
    check_target(folder)
    new, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{end}") for end in ("new", "old"))
    try:
        new.mkdir(parents=True)
        yield new
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
        for temporary in (new, old):
            shutil.rmtree(temporary, ignore_errors=True)


def vocabulary_file(ingredients: Iterable[Ingredient], recipes: RecipeMatrix) -> bytes:
    """Return vocabulary.json, with the ingredients in the order of the network's columns.

    `drinks` is the number of distinct recipes with the ingredient.
    """
    drinks = np.bincount(recipes.distinct().indices, minlength=recipes.columns).tolist()
    entries = [
        {"id": entry.id, "en": entry.en, "ru": entry.ru, "aliases": list(entry.aliases)}
        | ({} if entry.contains is None else {"contains": list(entry.contains)})
        | ({} if entry.look is None else {"look": entry.look._asdict()})
        | {"drinks": count}
        for entry, count in zip(ingredients, drinks, strict=True)
    ]
    return (json.dumps({"ingredients": entries}, ensure_ascii=False, indent=1) + "\n").encode()


def mask_file(role: str, ids: Iterable[str]) -> bytes:
    """Return a mask: a comment for the operator, then the sorted ids, one per line."""
    drinks = {"base": "an empty drink", "additive": "a drink that has something in it"}[role]
    return "\n".join([f"# What may be suggested for {drinks}.", *sorted(ids), ""]).encode()


def recipes_file(recipes: RecipeMatrix) -> bytes:
    """Return the distinct recipes as compressed sparse rows: indptr and indices, int32."""
    distinct = recipes.distinct()
    stream = io.BytesIO()
    indptr, indices = distinct.indptr.astype(np.int32), distinct.indices.astype(np.int32)
    np.savez(stream, allow_pickle=False, indptr=indptr, indices=indices)
    return _make_reproducible(stream)


def drinks_file(dataset: Dataset, categories: Sequence[str]) -> bytes:
    """Return drinks.json, with a line for each distinct recipe, in the order of recipes.npz.

    A line has three cells for each drink of these ingredients: its English and Russian name, and
    the index of its category or null.
    """
    numbers = category_numbers(dataset.labels, categories).tolist()
    rows: dict[int, list[object]] = {}
    cells = zip(dataset.recipes.first_rows().tolist(), dataset.labels, numbers, strict=True)
    for first, label, number in cells:
        row = rows.setdefault(first, [])
        if label.name or number >= 0:
            row += [label.name, label.ru, number if number >= 0 else None]
    lines = ",\n".join(map(_compact, rows.values()))
    return f'{{"categories":{_compact(categories)},"drinks":[\n{lines}\n]}}\n'.encode()


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def arrays_file(**arrays: Floats) -> bytes:
    """Return an .npz file of arrays, rounded to float16."""
    stream = io.BytesIO()
    halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in arrays.items()}
    np.savez(stream, allow_pickle=False, **halves)
    return _make_reproducible(stream)


def network_files(network: Any, folder: Path) -> dict[str, bytes]:
    """Return the network's files for both engines; `folder` holds temporary files.

    Every weight is rounded to float16, in both files, so that the engines agree.

    Raises:
        ExportFailed: a weight is too large for float16.
    """
    with silence_stderr():
        from training.network_export import litert_file, round_weights, split  # noqa: PLC0415

    rounded = round_weights(network)
    rounded.save(folder / "model.keras")
    keras_file = (folder / "model.keras").read_bytes()
    files = {"model.keras": _make_reproducible(io.BytesIO(keras_file))}
    first, rest = split(rounded)
    if first is not None:
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **first.arrays())
        files["first_layer.npz"] = _make_reproducible(stream)
    return {**files, "model.tflite": litert_file(rest, folder)}


def _make_reproducible(archive: io.BytesIO) -> bytes:
    """Remove dates and memory addresses from a zip file, so that equal models have equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": ""}).encode()
            if name == "config.json":
                content = _number_shared_objects(content)
            target.writestr(zipfile.ZipInfo(name, ZIP_DATE), content)
    return stream.getvalue()


def _number_shared_objects(config: bytes) -> bytes:
    """Replace the memory addresses by which Keras identifies shared objects with numbers."""
    pattern = rb'("shared_object_id": )(\d+)'
    numbers = {found[1]: number for number, found in enumerate(re.findall(pattern, config))}
    return re.sub(pattern, lambda match: b"%b%d" % (match[1], numbers[match[2]]), config)
