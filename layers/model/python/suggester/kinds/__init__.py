"""The pipelines of the masked network. Each is a folder here, with one entry in `KINDS`.

A folder has `PIPELINE` in its `__init__`, and a module `run` with the code, which only the worker
imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.registry import Registry, load_pipelines, package_names

if TYPE_CHECKING:
    from collections.abc import Mapping

# The kind of a request without one is the first.
KINDS: Final = ("next", "complete", "extract", "categorize", "similar", "substitute")


def load_registry(environ: Mapping[str, str]) -> Registry:
    """Return these pipelines, and those in the packages that PIPELINES names.

    Raises:
        PipelineInvalid: a package cannot be used.
    """
    own = [f"{__name__}.{kind}" for kind in KINDS]
    return Registry(load_pipelines([*own, *package_names(environ.get("PIPELINES", ""))]))
