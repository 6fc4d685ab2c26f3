"""The files of the functions, layers and nested stacks, uploaded for a deployment."""

from __future__ import annotations

import hashlib
import io
import json
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra.local.template import TEMPLATE, handler_of, read_template
from infra.transform import FUNCTION, IMAGE, file_property, transform
from tests.ministack.limits import without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra.local.template import JsonObject

ROOT: Final = TEMPLATE.parent
BUILT: Final = ROOT / ".aws-sam/build/template.yaml"
BUCKET: Final = "artifacts"
PACKAGES: Final = sysconfig.get_path("purelib")


class Artifacts:
    """A bucket with the files to which a template refers."""

    def __init__(self, s3: Any, endpoint: str) -> None:
        self._s3 = s3
        self._endpoint = endpoint
        s3.create_bucket(Bucket=BUCKET)

    def url(self, key: str, content: str) -> str:
        """Upload a template and return its URL."""
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=content.encode())
        return f"{self._endpoint}/{BUCKET}/{key}"

    def code(self, key: str, files: Iterable[tuple[str, bytes]]) -> str:
        """Upload a zip file and return its URI."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in files:
                archive.writestr(name, content)
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=stream.getvalue())
        return f"s3://{BUCKET}/{key}"

    def nested(self, path: Path) -> str:
        """Upload a nested template, without its unsupported resources, and return its URL.

        As with `sam package`, the URL changes with the content, so the outer stack has an update.
        """
        content = json.dumps(without(read_template(path)))
        digest = hashlib.sha256(content.encode()).hexdigest()
        return self.url(f"{digest}.json", content)


def built(artifacts: Artifacts, parameters: Mapping[str, str]) -> JsonObject:
    """Return the transformed template that `sam build` made, with its code and its images."""
    template = read_template(BUILT)
    places = {}
    for name, resource in template["Resources"].items():
        if key := file_property(resource):
            place = resource["Properties"][key]
            if key == "TemplateURL":
                place = artifacts.nested(BUILT.parent / place)
            elif key != IMAGE:
                place = artifacts.code(name, _files(BUILT.parent / place))
            places[name] = place
    return transform(template, parameters, places)


def checkout(artifacts: Artifacts, parameters: Mapping[str, str]) -> JsonObject:
    """Return the transformed template with code from this checkout, without images.

    MiniStack runs the functions in processes. They find their packages in this environment.
    """
    template = read_template()
    places = {
        "TasksLayer": artifacts.code("tasks", [*_files(ROOT / "layers/tasks"), _environment()]),
        "ModelLayer": artifacts.code("model", _files(ROOT / "layers/model")),
    }
    functions = artifacts.code("functions", _files(ROOT / "functions", "functions"))
    for name, resource in template["Resources"].items():
        if file_property(resource) == "TemplateURL":
            places[name] = artifacts.nested(ROOT / resource["Properties"]["TemplateURL"])
        elif resource["Type"] == FUNCTION:
            places[name] = functions
            _unpack_image(resource["Properties"], template["Resources"]["ApiFunction"])
    return transform(template, parameters, places)


def placeholders(
    artifacts: Artifacts, template: JsonObject, nested: Path, parameters: Mapping[str, str]
) -> JsonObject:
    """Return the transformed template with code that does nothing."""
    code = artifacts.code("nothing", [("nothing.py", b"")])
    places = {}
    for name, resource in template["Resources"].items():
        if key := file_property(resource):
            places[name] = {IMAGE: "nothing:1"}.get(key, code)
            if key == "TemplateURL":
                places[name] = artifacts.nested(nested)
    return transform(template, parameters, places)


def _unpack_image(properties: JsonObject, zipped: JsonObject) -> None:
    """Change a function that is an image into one with the runtime and layers of another one."""
    if properties.get("PackageType") == "Image":
        properties["Handler"] = handler_of(properties)
        for key in ("PackageType", "ImageConfig"):
            del properties[key]
        for key in ("Runtime", "Layers"):
            properties[key] = zipped["Properties"][key]


def _files(folder: Path, prefix: str = "") -> list[tuple[str, bytes]]:
    return [
        (str(Path(prefix, path.relative_to(folder))), path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def _environment() -> tuple[str, bytes]:
    """Return a file of a layer that adds this environment's packages to its path."""
    version = Path(PACKAGES).parent.name
    line = f"import sys; sys.path.insert(0, {PACKAGES!r})\n"
    return f"python/lib/{version}/site-packages/environment.pth", line.encode()
