"""The folder that holds a trained model, and the check that its files belong together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

# layers/model/artifacts in a checkout, /opt/artifacts where the layer is mounted.
DEFAULT: Final = Path(__file__).parents[2] / "artifacts"

REMEDY: Final = "train a model with `make train` or restore the file."


@dataclass(frozen=True, slots=True)
class Artifacts:
    """A model's folder, as its model card describes it.

    Attributes:
        folder: the folder.
        version: a digest of the model's files, which identifies the model.
        neighbours: the parameters `beta` and `weight` of the nearest recipes' vote.
        digests: the SHA-256 digest of each file, by file name.
    """

    folder: Path
    version: str
    neighbours: dict[str, float]
    digests: dict[str, str]

    @classmethod
    def open(cls, folder: Path = DEFAULT) -> Artifacts:
        """Read the model card.

        Raises:
            ArtifactInvalid: the card is missing or damaged.
        """
        path = folder / "card.json"
        try:
            card: dict[str, Any] = json.loads(read_file(path))
            version, digests = str(card["version"]), dict(card["files"])
            neighbours = {name: float(card["neighbours"][name]) for name in ("beta", "weight")}
        except (ValueError, KeyError, TypeError) as error:
            raise ArtifactInvalid(f"{path} is not a model card; {REMEDY}") from error
        return cls(folder, version, neighbours, digests)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Artifacts:
        """Open the folder that MODEL_DIR names, or else the default folder."""
        return cls.open(Path(environ.get("MODEL_DIR") or DEFAULT))

    def read(self, name: str) -> bytes:
        """Read a file of the model.

        Raises:
            ArtifactInvalid: the file is missing, or its digest differs from the card's.
        """
        content = read_file(self.folder / name)
        if hashlib.sha256(content).hexdigest() != self.digests.get(name):
            raise ArtifactInvalid(
                f"{self.folder / name} is damaged or belongs to another model than card.json "
                f"in the same folder; {REMEDY}"
            )
        return content


def read_file(path: Path) -> bytes:
    """Read a file that every deployment must contain.

    Raises:
        ArtifactInvalid: the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactInvalid(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error
