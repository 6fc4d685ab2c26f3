"""Sends deliveries over HTTP, to addresses that have been checked.

`http.client` follows no redirects and reads no proxies from the environment.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from functions.webhooks.bounded_socket import BoundedSocket, Deadline
from functions.webhooks.host_limit import HostLimit
from tasks.errors import WebhookRefused
from tasks.webhooks.delivery import Reason, Reply
from tasks.webhooks.receivers import check_receiver, host_of, is_public, receiver_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from urllib.parse import SplitResult

    from tasks.webhooks.ports import Post

SECONDS: Final = 10.0  # from the resolution of the name to the end of the answer
MOST_READ: Final = 1024  # bytes of the answer, with its headers
PORTS: Final = {"https": 443, "http": 80}


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, the preferred one first.

    Raises:
        socket.gaierror: the name is unknown.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class HttpReceiver:
    """The receivers on the internet, and on this machine if `allow_local` is set.

    Args:
        allow_local: whether `http://localhost` and `http://127.0.0.1` are receivers.
        resolve: returns the addresses of a host.
        connect: connects to an address, within some seconds.
        context: how certificates are verified.
        seconds: how long a request may take.
        limit: admits requests by owner and host.
    """

    def __init__(
        self,
        *,
        allow_local: bool = False,
        resolve: Callable[[str, int], Sequence[str]] = resolve,
        connect: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection,
        context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
        limit: HostLimit | None = None,
    ) -> None:
        self._allow_local = allow_local
        self._resolve = resolve
        self._connect_to = connect
        self._context = context or ssl.create_default_context()
        self._seconds = seconds
        self._limit = limit or HostLimit()

    @contextmanager
    def admit(self, owner: str, url: str) -> Iterator[Post]:
        """Admit a request of an owner to a URL, and yield the function that makes it.

        Raises:
            ReceiverBusy: too many requests of the owner to the host have no answer yet.
        """
        key = (owner, receiver_of(url))

        def post(headers: Mapping[str, str], body: bytes) -> Reply:
            reply = self.post(url, headers, body)
            if reply.reason is Reason.TIMEOUT:
                self._limit.rest(key)
            return reply

        with self._limit.admit(key):
            yield post

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a body, and return the status of the answer, or why there is none."""
        try:
            return Reply(self._status_of(url, headers, body))
        except TimeoutError:
            return Reply(reason=Reason.TIMEOUT)
        except WebhookRefused:
            return Reply(reason=Reason.ADDRESS_REFUSED)
        except socket.gaierror:
            return Reply(reason=Reason.NAME_UNKNOWN)
        except OSError:  # also an invalid certificate
            return Reply(reason=Reason.UNREACHABLE)
        except http.client.HTTPException:
            return Reply(reason=Reason.NOT_HTTP)

    def _status_of(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        check_receiver(url, allow_local=self._allow_local)
        deadline = Deadline(self._seconds)
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with closing(self._connect(parts, deadline)) as sock:
            connection = http.client.HTTPConnection("receiver")  # it never connects by itself
            # The address was checked, so nothing else may open a connection.
            connection.sock = BoundedSocket(sock, deadline, MOST_READ)
            host = parts.netloc.lower()
            connection.request(
                "POST", target, body, {"host": host, "connection": "close", **headers}
            )
            return connection.getresponse().status

    def _connect(self, parts: SplitResult, deadline: Deadline) -> socket.socket:
        """Return a connection to the first address that answers, with TLS if the URL says so."""
        host = host_of(parts.geturl())
        port = parts.port or PORTS[parts.scheme]
        addresses = self._addresses(parts.scheme, host, port, deadline)
        sock = self._connect_to_first(addresses, port, deadline)
        try:
            sock.settimeout(deadline.left())
            if parts.scheme == "https":
                return self._context.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
        return sock

    def _addresses(self, scheme: str, host: str, port: int, deadline: Deadline) -> Sequence[str]:
        """Return the addresses of a host, all of which are public, or of this machine for HTTP.

        Raises:
            WebhookRefused: an address is another one.
        """
        addresses = deadline.within(lambda: self._resolve(host, port))
        for address in map(ipaddress.ip_address, addresses):
            if not (address.is_loopback if scheme == "http" else is_public(address)):
                raise WebhookRefused("the name has an address that is not public")
        return addresses

    def _connect_to_first(
        self, addresses: Sequence[str], port: int, deadline: Deadline
    ) -> socket.socket:
        """Return a connection to one of the addresses; each gets an equal share of the time."""
        errors: list[OSError] = []
        for index, address in enumerate(addresses):
            share = deadline.left() / (len(addresses) - index)
            try:
                return self._connect_to((address, port), share)
            except OSError as error:
                errors.append(error)
        # A timeout lets the host rest, even if another address failed at once.
        slow = (error for error in errors if isinstance(error, TimeoutError))
        last = errors[-1] if errors else socket.gaierror("The name has no address.")
        raise next(slow, last)
