"""The sender of deliveries, against receivers that listen on this machine."""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.webhooks import http_receiver
from functions.webhooks.bounded_socket import BoundedSocket, Deadline
from functions.webhooks.http_receiver import HttpReceiver
from tasks.errors import ReceiverBusy
from tasks.webhooks.delivery import Reason, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Answer = Callable[[socket.socket], None]

NAME = "bar.example"
PUBLIC = "93.184.216.34"
HEADERS = {"content-type": "application/json", "webhook-id": "t1"}
BODY = b'{"task_id":"t1"}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = 0.3  # seconds, of a receiver that is too slow


class PlainContext(ssl.SSLContext):
    """TLS that changes nothing."""

    def __new__(cls) -> Self:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def wrap_socket(self, sock: socket.socket, *_: Any, **__: Any) -> Any:
        return sock


class Listener:
    """A receiver on this machine that answers each connection in its own way."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self._answer = answer
        self._context = context
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=b"

    def _serve(self) -> None:
        while True:
            connection, _ = self._server.accept()
            if self.stopped.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._handle, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._answer(connection)

    def close(self) -> None:
        self.stopped.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._server.close()

    def read(self, connection: socket.socket) -> None:
        """Read a request and remember it."""
        request = b""
        while not request.endswith(BODY):
            if not (more := connection.recv(65_536)):
                break
            request += more
        self.requests.append(request)


@contextmanager
def listening(
    answer: Callable[[Listener, socket.socket], None], context: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Run a receiver."""
    listener = Listener(lambda connection: answer(listener, connection), context)
    try:
        yield listener
    finally:
        listener.close()


def saying(content: bytes) -> Callable[[Listener, socket.socket], None]:
    """Return an answer that reads the request and sends these bytes."""

    def answer(listener: Listener, connection: socket.socket) -> None:
        listener.read(connection)
        connection.sendall(content)

    return answer


def hanging(listener: Listener, connection: socket.socket) -> None:
    """Read the request and answer nothing."""
    listener.read(connection)
    listener.stopped.wait()


def local(**arguments: Any) -> HttpReceiver:
    return HttpReceiver(allow_local=True, **arguments)


def refusing_to_connect(*_: object, **__: object) -> socket.socket:
    raise AssertionError("It connected.")


def test_a_receiver_gets_the_body_and_the_headers() -> None:
    """In one POST, to the path and query of the URL."""
    with listening(saying(OK)) as listener:
        assert local().post(listener.url, HEADERS, BODY) == Reply(200)
    [request] = listener.requests
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.lower().split(b"\r\n")
    assert line == b"post /hook?a=b http/1.1"
    assert body == BODY
    assert set(headers) >= {
        f"host: 127.0.0.1:{listener.port}".encode(),
        b"content-type: application/json",
        b"webhook-id: t1",
        b"content-length: 16",
        b"connection: close",
    }


@pytest.mark.parametrize("status", [204, 400, 404, 410, 429, 500, 503])
def test_the_status_of_the_answer_is_returned(status: int) -> None:
    with listening(saying(f"HTTP/1.1 {status} X\r\n\r\n".encode())) as listener:
        assert local().post(listener.url, HEADERS, BODY) == Reply(status)


def test_a_redirect_is_not_followed() -> None:
    """Its target may be an address that no delivery may be sent to."""
    location = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\n\r\n"
    with listening(saying(location)) as listener:
        assert local().post(listener.url, HEADERS, BODY) == Reply(302)
    assert len(listener.requests) == 1


def test_a_receiver_that_hangs_times_out() -> None:
    with listening(hanging) as listener:
        reply = local(seconds=SHORT).post(listener.url, HEADERS, BODY)
    assert reply == Reply(reason=Reason.TIMEOUT)


@pytest.mark.parametrize("drop", [b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nx: "])
def test_a_receiver_that_drips_bytes_times_out(drop: bytes) -> None:
    """Each byte would start the timeout of a socket again."""

    def answer(listener: Listener, connection: socket.socket) -> None:
        listener.read(connection)
        connection.sendall(drop)
        while not listener.stopped.wait(SHORT / 10):
            connection.sendall(b"x")

    with listening(answer) as listener:
        deadline = Deadline(5 * SHORT)
        reply = local(seconds=SHORT).post(listener.url, HEADERS, BODY)
        assert deadline.left() > 0
    assert reply == Reply(reason=Reason.TIMEOUT)


def test_a_receiver_that_reads_slowly_times_out() -> None:
    def answer(listener: Listener, connection: socket.socket) -> None:
        while not listener.stopped.wait(SHORT / 10):
            connection.recv(1024)

    with listening(answer) as listener:
        deadline = Deadline(5 * SHORT)
        reply = local(seconds=SHORT).post(listener.url, HEADERS, b"x" * 16_000_000)
        assert deadline.left() > 0
    assert reply == Reply(reason=Reason.TIMEOUT)


def test_a_handshake_that_hangs_times_out() -> None:
    def answer(listener: Listener, _connection: socket.socket) -> None:
        listener.stopped.wait()

    with listening(answer) as listener:
        receiver = HttpReceiver(
            resolve=lambda *_: [PUBLIC], connect=connecting_to(listener, []), seconds=SHORT
        )
        assert receiver.post(f"https://{NAME}/", HEADERS, BODY) == Reply(reason=Reason.TIMEOUT)


def test_a_resolver_that_hangs_times_out() -> None:
    stopped = threading.Event()

    def resolve(*_: object) -> list[str]:
        stopped.wait(10 * SHORT)
        return [PUBLIC]

    receiver = HttpReceiver(resolve=resolve, connect=refusing_to_connect, seconds=SHORT)
    assert receiver.post(f"https://{NAME}/", HEADERS, BODY) == Reply(reason=Reason.TIMEOUT)
    stopped.set()


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["127.0.0.1"],
        ["::1"],
        ["64:ff9b::a00:1"],
        [PUBLIC, "10.0.0.1"],
        ["10.0.0.1", PUBLIC],
    ],
)
def test_a_name_with_an_address_that_is_not_public_gets_no_connection(
    addresses: list[str],
) -> None:
    receiver = HttpReceiver(resolve=lambda *_: addresses, connect=refusing_to_connect)
    reply = receiver.post(f"https://{NAME}/", HEADERS, BODY)
    assert reply == Reply(reason=Reason.ADDRESS_REFUSED)


@pytest.mark.parametrize("allow_local", [False, True])
@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://127.0.0.1/", "https://a@bar.example/"]
)
def test_a_url_that_the_api_refuses_gets_no_connection(url: str, *, allow_local: bool) -> None:
    """A row may be older than the rule."""
    receiver = HttpReceiver(allow_local=allow_local, connect=refusing_to_connect)
    assert receiver.post(url, HEADERS, BODY) == Reply(reason=Reason.ADDRESS_REFUSED)


def test_localhost_is_a_receiver_only_at_a_loopback_address() -> None:
    receiver = local(resolve=lambda *_: ["10.0.0.1"], connect=refusing_to_connect)
    reply = receiver.post("http://localhost/", HEADERS, BODY)
    assert reply == Reply(reason=Reason.ADDRESS_REFUSED)


def test_an_unknown_name_is_a_reason() -> None:
    def resolve(*_: object) -> list[str]:
        raise socket.gaierror("unknown")

    receiver = HttpReceiver(resolve=resolve, connect=refusing_to_connect)
    reply = receiver.post(f"https://{NAME}/", HEADERS, BODY)
    assert reply == Reply(reason=Reason.NAME_UNKNOWN)


def test_a_closed_port_is_unreachable() -> None:
    with listening(saying(OK)) as listener:
        url = listener.url
    assert local().post(url, HEADERS, BODY) == Reply(reason=Reason.UNREACHABLE)


def test_a_timeout_counts_although_another_address_failed_at_once() -> None:
    """A host lets its receiver rest after a timeout only."""

    def connect(address: tuple[str, int], _seconds: float) -> socket.socket:
        if address[0] == PUBLIC:
            raise TimeoutError
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    addresses = [PUBLIC, "2606:4700::1111"]
    receiver = HttpReceiver(resolve=lambda *_: addresses, connect=connect)
    reply = receiver.post(f"https://{NAME}/", HEADERS, BODY)
    assert reply == Reply(reason=Reason.TIMEOUT)


def test_an_address_of_ipv6_is_a_receiver() -> None:
    """Its last group is not taken for a port."""
    tried: list[tuple[str, int]] = []
    ours, theirs = socket.socketpair()
    theirs.sendall(OK)

    def connect(address: tuple[str, int], _seconds: float) -> socket.socket:
        tried.append(address)
        return ours

    context = PlainContext()
    receiver = HttpReceiver(resolve=lambda host, _: [host], connect=connect, context=context)
    with theirs:
        assert receiver.post("https://[2606:4700::abcd]/", HEADERS, BODY) == Reply(200)
    assert tried == [("2606:4700::abcd", 443)]


@pytest.mark.parametrize("content", [b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"HTTP/1.1 abc\r\n\r\n"])
def test_an_answer_that_is_not_http_is_a_reason(content: bytes) -> None:
    with listening(saying(content)) as listener:
        assert local().post(listener.url, HEADERS, BODY).reason in (
            Reason.NOT_HTTP,
            Reason.UNREACHABLE,
        )


def test_at_most_1_kb_of_an_answer_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 5_000)
        bounded = BoundedSocket(ours, Deadline(5), http_receiver.MOST_READ)
        assert len(bounded.makefile("rb").read()) == 1024
        assert len(ours.recv(10_000)) == 5_000 - 1024


def test_an_answer_with_large_headers_has_its_status() -> None:
    content = b"HTTP/1.1 200 OK\r\nSet-Cookie: " + b"x" * 100_000 + b"\r\n\r\n"
    with listening(saying(content)) as listener:
        assert local().post(listener.url, HEADERS, BODY) == Reply(200)


def connecting_to(
    listener: Listener, addresses: list[tuple[str, int]]
) -> Callable[..., socket.socket]:
    """Return a function that connects to a listener in place of a public address."""

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        addresses.append(address)
        return socket.create_connection(("127.0.0.1", listener.port), timeout)

    return connect


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and its certificate for the name `bar.example`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    found = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(private + found.public_bytes(serialization.Encoding.PEM))
    return path


class Tls:
    """A receiver with TLS, and a sender that trusts its certificate."""

    def __init__(self, certificate: Path, names: list[str]) -> None:
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(certificate)
        self.server.sni_callback = lambda _socket, name, _context: names.append(str(name))
        self.client = ssl.create_default_context(cafile=str(certificate))


def test_a_name_is_resolved_once_and_only_the_checked_address_gets_a_connection(
    certificate: Path,
) -> None:
    """A second resolution could return another address. TLS verifies the name all the same."""
    names: list[str] = []
    resolved: list[str] = []
    connected: list[tuple[str, int]] = []
    tls = Tls(certificate, names)

    def resolve(host: str, _port: int) -> list[str]:
        resolved.append(host)
        return [PUBLIC]

    with listening(saying(OK), tls.server) as listener:
        receiver = HttpReceiver(
            resolve=resolve, connect=connecting_to(listener, connected), context=tls.client
        )
        assert receiver.post(f"https://{NAME}:8443/hook", HEADERS, BODY) == Reply(200)
    assert resolved == [NAME]
    assert connected == [(PUBLIC, 8443)]
    assert names == [NAME]
    assert b"host: bar.example:8443\r\n" in listener.requests[0].lower()


@pytest.mark.parametrize(
    ("url", "is_trusted"), [("https://other.example/", True), (f"https://{NAME}/", False)]
)
def test_a_certificate_that_is_not_valid_for_the_name_ends_the_attempt(
    certificate: Path, url: str, *, is_trusted: bool
) -> None:
    tls = Tls(certificate, [])
    with listening(saying(OK), tls.server) as listener:
        receiver = HttpReceiver(
            resolve=lambda *_: [PUBLIC],
            connect=connecting_to(listener, []),
            context=tls.client if is_trusted else None,
        )
        reply = receiver.post(url, HEADERS, BODY)
    assert reply == Reply(reason=Reason.UNREACHABLE)
    assert listener.requests == []


def test_the_next_address_is_tried_if_one_does_not_answer(certificate: Path) -> None:
    tls = Tls(certificate, [])
    with listening(saying(OK), tls.server) as listener:
        connect = connecting_to(listener, [])

        def connect_to_second(address: tuple[str, int], timeout: float) -> socket.socket:
            if address[0] == PUBLIC:
                raise ConnectionRefusedError
            return connect(address, timeout)

        receiver = HttpReceiver(
            resolve=lambda *_: [PUBLIC, "1.1.1.1"], connect=connect_to_second, context=tls.client
        )
        assert receiver.post(f"https://{NAME}/", HEADERS, BODY) == Reply(200)


def test_a_host_that_timed_out_is_busy_for_its_owner_only() -> None:
    with listening(hanging) as listener:
        receiver = local(seconds=SHORT)
        with receiver.admit("me", listener.url) as post:
            assert post(HEADERS, BODY) == Reply(reason=Reason.TIMEOUT)
        with pytest.raises(ReceiverBusy), receiver.admit("me", listener.url):
            pass
        with receiver.admit("you", listener.url):
            pass


def test_a_host_that_fails_at_once_is_not_busy() -> None:
    with listening(saying(OK)) as listener:
        url = listener.url
    receiver = local()
    for _ in range(2):
        with receiver.admit("me", url) as post:
            assert post(HEADERS, BODY) == Reply(reason=Reason.UNREACHABLE)
