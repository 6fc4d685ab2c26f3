"""The errors of the services, as botocore raises them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.errorfactory import ClientExceptionsFactory

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from botocore.model import OperationModel, ServiceModel

BAD_REQUEST: Final = 400


class ServiceError(Exception):
    """A service refuses a request.

    Attributes:
        code: the code of the error.
        message: its text.
        status: the HTTP status.
        members: further members of the response.
    """

    def __init__(
        self, code: str, message: str = "", status: int = BAD_REQUEST, **members: Any
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def invalid_request(message: str) -> ServiceError:
    """Return the error for a request that breaks a rule or a limit of the service."""
    return ServiceError("ValidationException", message)


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's description of a service."""
    return botocore.session.get_session().get_service_model(service)


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's description of an operation."""
    return service_model(service).operation_model(operation)


@cache
def exceptions_of(service: str) -> Any:
    """Return the exceptions of a client, as `client.exceptions`."""
    return ClientExceptionsFactory().create_client_exceptions(service_model(service))


def client_error(service: str, operation: str, error: ServiceError, attempts: int) -> ClientError:
    """Return the exception that botocore raises for an error of a service."""
    response = {
        "Error": {"Code": error.code, "Message": error.message},
        "ResponseMetadata": {"HTTPStatusCode": error.status, "RetryAttempts": attempts - 1},
        **error.members,
    }
    exception: ClientError = exceptions_of(service).from_code(error.code)(response, operation)
    return exception
