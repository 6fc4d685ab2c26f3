"""What a build says of itself: the packages with their hashes, and the model with its digest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from infra.ci import sbom
from suggester.artifacts import Artifacts
from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from pathlib import Path

PINNED = """# made by a tool
urllib3==2.8.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cccc
"""


def test_only_what_lambda_installs_is_named() -> None:
    """What is pinned for other platforms is not deployed."""
    assert list(sbom.logical_lines(PINNED)) == [
        "urllib3==2.8.0 --hash=sha256:aaaa --hash=sha256:bbbb"
    ]
    assert sbom.is_for_lambda(Requirement("a==1 ; python_full_version >= '3.13'"))


def test_each_function_has_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's names its own packages, its layer's and the model, each with hashes."""
    monkeypatch.setattr(sbom, "PARTS", {"api": sbom.PARTS["api"]})
    sbom.main(tmp_path / "sbom")
    bom = json.loads((tmp_path / "sbom/api.cdx.json").read_text())
    assert bom["bomFormat"] == "CycloneDX"
    assert bom["metadata"]["component"]["name"] == "barback-api"
    components = {component["name"]: component for component in bom["components"]}
    assert len(components) == len(bom["components"])
    assert {"mangum", "boto3", "barback-model"} <= set(components)
    [distribution] = components["mangum"]["externalReferences"]
    assert distribution["hashes"]
    version = Artifacts.open().version
    assert components["barback-model"]["version"] == version


def test_every_function_of_the_template_is_named() -> None:
    """A function that is added is added here."""
    folders = {path.parent.name for path in sbom.ROOT.glob("functions/*/handler.py")}
    assert folders <= set(sbom.PARTS)


def test_a_model_that_is_not_its_card_s_is_refused(tmp_path: Path) -> None:
    """A bill of materials vouches for nothing that it has not looked at."""
    artifacts = Artifacts(tmp_path, "v", {}, {"model.tflite": "0" * 64})
    (tmp_path / "model.tflite").write_bytes(b"another")
    with pytest.raises(ArtifactInvalid):
        sbom.model(artifacts)
