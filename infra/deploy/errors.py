"""The errors of a deployment, each with a sentence that says what to do.

    DeployError
    └── SamFailed     sam ended with another exit status than 0

Errors of AWS are translated here, by code and type.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - this is its name in botocore
    HTTPClientError,
    InvalidRegionError,
    LoginError,
    MissingDependencyException,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from tasks.aws.client import TRANSIENT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
REJECTED: Final = frozenset(
    {
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

SIGN_IN: Final = "Sign in again, for example with `aws sso login`."

SENTENCES: Final[dict[tuple[type[BotoCoreError], ...], str]] = {
    (ProfileNotFound,): "{error}. Set AWS_PROFILE to one of `aws configure list-profiles`.",
    (InvalidRegionError,): "{error} Set AWS_REGION to one such as eu-central-1.",
    (NoCredentialsError, PartialCredentialsError): (
        "There are no AWS credentials. Set some with `aws configure` or `aws configure sso`, or "
        "select a profile with AWS_PROFILE."
    ),
    (SSOError, LoginError, TokenRetrievalError): f"The AWS session has expired. {SIGN_IN}",
    (MissingDependencyException,): (
        "These AWS credentials need a package that is not installed. Put them into the "
        'environment: eval "$(aws configure export-credentials --format env)"'
    ),
    (ConnectionError, HTTPClientError): ("{error}. Check the network, and that the region exists."),
}


class DeployError(Exception):
    """The deployment stops; the message says why, and what to do."""


class SamFailed(DeployError):
    """A command of sam failed, and has printed why."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, status)
        self.status = status

    def __str__(self) -> str:
        return str(self.args[0])


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise errors of AWS as DeployError."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise DeployError(explain(error)) from error


def error_code(error: ClientError) -> str:
    """Return the code that AWS gave."""
    return error.response.get("Error", {}).get("Code", "unknown")


def explain(error: BotoCoreError | ClientError) -> str:
    """Return a sentence about an error that says what to do."""
    return _of_aws(error) if isinstance(error, ClientError) else _of_botocore(error)


def _of_aws(error: ClientError) -> str:
    code = error_code(error)
    if code in EXPIRED:
        return f"The AWS credentials have expired. {SIGN_IN}"
    if code in REJECTED:
        return (
            f"AWS rejects the credentials ({code}). Check them with `aws sts get-caller-identity`, "
            "and that the region is enabled for the account."
        )
    if code in DENIED:
        return f"The credentials do not permit {error.operation_name}. Add it to their permissions."
    if code in TRANSIENT_CODES:
        return f"AWS did not answer {error.operation_name} ({code}). Try again in a minute."
    return f"{error.operation_name} failed with {code}: {error.response['Error'].get('Message')}"


def _of_botocore(error: BotoCoreError) -> str:
    """Return a sentence without the output of programs that print credentials."""
    for kinds, sentence in SENTENCES.items():
        if isinstance(error, kinds):
            return sentence.format(error=error)
    return (
        f"The AWS credentials or settings cannot be read ({type(error).__name__}). "
        "`aws sts get-caller-identity` shows the reason."
    )
