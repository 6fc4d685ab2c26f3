"""Records the AWS calls of functions: the permissions they need, and where the code makes them."""

from __future__ import annotations

import ast
import traceback
from collections import defaultdict
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
import botocore.session
from botocore import xform_name

import functions.deployment_check
import tasks.aws

if TYPE_CHECKING:
    from collections.abc import Iterator

# All code that calls boto3; a test of the architecture holds this.
FOLDERS: Final = (
    Path(tasks.aws.__file__).parent,
    Path(functions.deployment_check.__file__).parent,
)
SERVICES: Final = ("codedeploy", "dynamodb", "lambda", "s3", "sqs")
# A call to CodeDeploy names a deployment, and its permission the groups of the stack.
DEPLOYMENT_GROUPS: Final = "deploymentgroup:${AWS::StackName}-*"
# The kinds of rows, as policies name them; the first one is a task.
ROWS: Final = (
    "????????-????-7???-????-????????????",
    "key#*",
    "retry#*",
    "delivery#*",
    "secrets#*",
)
# The permission of each part of a transaction.
TRANSACTION_PARTS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
# The operations of S3 that have no permission of their own.
S3_ACTIONS: Final = {
    "HeadObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
}


class Permission(NamedTuple):
    """An action of IAM, and the resource: its name, and a file's first folder or a kind of row."""

    action: str
    resource: str


class CallSite(NamedTuple):
    """A function of our code, and a method of a boto3 client that it calls or signs."""

    module: str
    function: str
    method: str


class Recorder:
    """Records the calls of all clients that are created while it watches.

    Attributes:
        needed: the permissions that the calls of each function need. A signed link needs the
            permission of the call that it stands for.
        sites: where the calls are written.
    """

    def __init__(self) -> None:
        self.needed: dict[str, set[Permission]] = defaultdict(set)
        self.sites: set[CallSite] = set()

    @contextmanager
    def watching(self, function: str) -> Iterator[None]:
        """Record the calls of the clients that are created in this context."""
        assert boto3.DEFAULT_SESSION is not None
        record = partial(self._record, function)
        events = boto3.DEFAULT_SESSION.events
        events.register("before-parameter-build", record)
        yield
        events.unregister("before-parameter-build", record)

    def _record(self, function: str, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.needed[function].update(permissions(model, params))
        self.sites.update(sites_on_stack(xform_name(model.name)))


def permissions(model: Any, params: dict[str, Any]) -> Iterator[Permission]:
    """Yield the permissions that a call needs, given its operation and parameters."""
    service, name = model.service_model.service_name, model.name
    if name == "TransactWriteItems":
        for [(part, fields)] in (item.items() for item in params["TransactItems"]):
            yield Permission(f"{service}:{TRANSACTION_PARTS[part]}", row(fields))
    elif "RequestItems" in params:
        for table, request in params["RequestItems"].items():
            for key in request["Keys"]:
                yield Permission(f"{service}:{name}", row({"TableName": table, "Key": key}))
    elif service == "dynamodb":
        yield Permission(f"{service}:{name}", row(params))
    elif service == "sqs":
        queue = params["QueueUrl"].rpartition("/")[2]
        yield Permission(f"{service}:{name.removesuffix('Batch')}", queue)
    elif service == "lambda":
        function = params["FunctionName"].split(":")[6]
        yield Permission(f"{service}:{name}Function", f"{function}:*")  # any version of it
    elif service == "codedeploy":
        yield Permission(f"{service}:{name}", DEPLOYMENT_GROUPS)
    else:
        folder, slash, _ = params.get("Key", "").partition("/")
        files = f"/{folder}/*" if slash else "/*" if folder else ""
        yield Permission(f"{service}:{S3_ACTIONS.get(name, name)}", params["Bucket"] + files)


def row(params: dict[str, Any]) -> str:
    """Return the table of a call, and the kind of the row or the index that it uses."""
    if "IndexName" in params:
        return f"{params['TableName']}/index/{params['IndexName']}"
    key = (params.get("Key") or params["Item"])["task_id"]["S"]
    kind = next((kind for kind in ROWS if fnmatchcase(key, kind)), key)
    return f"{params['TableName']}/{kind}"


def sites_on_stack(method: str) -> Iterator[CallSite]:
    """Yield a site for each function of our code that is being called, innermost first."""
    for frame, _ in traceback.walk_stack(None):
        path = Path(frame.f_code.co_filename)
        if path.parent in FOLDERS:
            yield CallSite(path.name, frame.f_code.co_qualname, method)


def written_sites() -> list[CallSite]:
    """Return the sites of all calls that are written in our code."""
    session = botocore.session.get_session()
    operations = (session.get_service_model(service).operation_names for service in SERVICES)
    methods = {xform_name(name) for names in operations for name in names}
    return sorted(
        {
            site
            for folder in FOLDERS
            for path in folder.glob("*.py")
            for site in _sites(ast.parse(path.read_text("utf-8")), path.name, "", methods)
        }
    )


def _sites(node: ast.AST, module: str, scope: str, methods: set[str]) -> Iterator[CallSite]:
    """Yield the sites in a part of a module: attributes and strings that name a method."""
    for child in ast.iter_child_nodes(node):
        inner = scope
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            nested = ".<locals>." if scope and not scope.endswith(".") else ""
            end = "." if isinstance(child, ast.ClassDef) else ""
            inner = f"{scope}{nested}{child.name}{end}"
        name = child.attr if isinstance(child, ast.Attribute) else getattr(child, "value", None)
        if isinstance(name, str) and name in methods:
            yield CallSite(module, scope, name)
        yield from _sites(child, module, inner, methods)
