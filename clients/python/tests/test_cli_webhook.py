"""The commands for webhooks: real requests, signed by the library of Standard Webhooks."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import socket
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from standardwebhooks import Webhook

from barback import Unreachable, WebhookVerificationError
from barback._cli.secrets import Secrets
from clients.python.tests.fakes import problem, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService

SECRET: Final = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OTHER: Final = "whsec_" + base64.b64encode(b"another of thirty-two bytes .....").decode()
BODY: Final = {"task_id": "t", "status": "SUCCESS", "result": "мёд"}
ANSWERED_WITHIN: Final = 8.0  # seconds, fewer than a request that hangs may take


def signed(body: str, secret: str = SECRET) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def post(port: int, body: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERED_WITHIN)
    with closing(connection):
        connection.request("POST", "/any/path", body.encode(), headers)
        with connection.getresponse() as response:
            return response.status


class Sender:
    """Sends requests when the command has asked for the secrets, and presses Ctrl-C at the end."""

    def __init__(self, service: FakeService, *requests: Callable[[], int]) -> None:
        self.statuses: list[int | str] = []
        self._requests = requests
        self._service = service
        service.on_request = self.start

    def start(self, _: httpx2.Request) -> None:
        self._service.on_request = lambda _: None
        threading.Thread(target=self.send, daemon=True).start()

    def send(self) -> None:
        try:
            for request in self._requests:
                self.statuses.append(request())
        except (OSError, http.client.HTTPException) as error:
            self.statuses.append(repr(error))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def test_verified_deliveries_are_printed_as_lines_of_json_until_ctrl_c(
    barback: Command, service: FakeService, port: int
) -> None:
    """A delivery is answered after it was printed."""
    body, batch = json.dumps(BODY), '{"batch_id": "b"}'
    sender = Sender(
        service,
        lambda: post(port, body, signed(body)),
        lambda: post(port, batch, signed(batch, OTHER)),
    )
    service.secrets = [SECRET, OTHER]
    done = barback("webhook", "listen", "--port", str(port))
    assert sender.statuses == [204, 204]
    assert [json.loads(line) for line in done.stdout.splitlines()] == [BODY, json.loads(batch)]
    assert done.exit_code == 0
    assert f"--webhook http://127.0.0.1:{port}/ and end with Ctrl-C." in done.stderr


def test_other_requests_are_refused_and_not_printed(
    barback: Command, service: FakeService, port: int
) -> None:
    body = json.dumps(BODY)
    long = {**signed(body), "Content-Length": str(2**21)}
    sender = Sender(
        service,
        lambda: post(port, body, {}),
        lambda: post(port, body + " ", signed(body)),
        lambda: post(port, body, signed(body, OTHER)),
        lambda: post(port, body, long),
        lambda: post(port, body, {**signed(body), "Content-Length": "many"}),
    )
    service.secrets = [SECRET]
    done = barback("webhook", "listen", "--port", str(port))
    assert sender.statuses == [400] * 5
    assert (done.stdout, done.exit_code) == ("", 0)
    assert "Refused a request. The header webhook-id is missing." in done.stderr
    assert "Refused a request. No signature matches." in done.stderr
    assert SECRET not in done.stderr


def test_the_secrets_are_read_again_after_a_rotation(
    barback: Command, service: FakeService, port: int
) -> None:
    body = json.dumps(BODY)

    def rotate() -> int:
        service.secrets = [OTHER]
        return post(port, body, signed(body, OTHER))

    sender = Sender(service, lambda: post(port, body, signed(body)), rotate)
    service.secrets = [SECRET]
    done = barback("webhook", "listen", "--port", str(port))
    assert sender.statuses == [204, 204]
    assert (len(done.stdout.splitlines()), len(service.requests)) == (2, 2)


class Clock:
    time = 100.0

    def __call__(self) -> float:
        return self.time


def test_the_secrets_are_read_again_at_most_every_five_seconds() -> None:
    """A sender of signatures that do not match causes no flood of requests."""
    body, clock = json.dumps(BODY), Clock()
    answers = [[SECRET]] * 9
    secrets = Secrets(answers.pop, clock)
    for later in (0.0, 4.9, 0.2):
        clock.time += later
        with pytest.raises(WebhookVerificationError):
            secrets.verify(body.encode(), signed(body, OTHER))
    assert 9 - len(answers) == 3


@pytest.mark.parametrize("signature", ["", "v1,", "v2," + "A" * 43 + "=", "v1," + "A" * 43, "x"])
def test_the_secrets_are_not_read_again_for_no_signature(signature: str) -> None:
    body = json.dumps(BODY)
    reads = [[SECRET]]
    secrets = Secrets(reads.pop)
    with pytest.raises(WebhookVerificationError):
        secrets.verify(body.encode(), {**signed(body), "webhook-signature": signature})


def test_a_delivery_is_refused_while_the_secrets_cannot_be_read() -> None:
    """The service delivers it again later."""
    body = json.dumps(BODY)
    answers = iter([[SECRET]])

    def read() -> list[str]:
        for answer in answers:
            return answer
        raise Unreachable("No answer.")

    secrets = Secrets(read)
    with pytest.raises(WebhookVerificationError):
        secrets.verify(body.encode(), signed(body, OTHER))
    assert secrets.verify(body.encode(), signed(body)) == BODY


def test_secrets_are_printed_and_rotated(barback: Command, service: FakeService) -> None:
    service.secrets = [SECRET]
    assert barback("webhook", "secrets").stdout == f"{SECRET}\n"
    service.refusals = [respond(200, {"secrets": [OTHER, SECRET]})]
    assert barback("webhook", "secrets", "--rotate").stdout == f"{OTHER}\n{SECRET}\n"
    assert [request.method for request in service.requests] == ["GET", "POST"]


ATTEMPTS: Final = [
    {"at": "2026-11-27T15:00:00.125Z", "status": None, "reason": "timeout"},
    {"at": "2026-11-27T15:00:05.250Z", "status": 204, "reason": None},
]


@pytest.mark.parametrize("command", ["deliveries", "redeliver"])
def test_the_attempts_of_a_delivery_are_printed(
    barback: Command, service: FakeService, command: str
) -> None:
    shown = {"webhook": "https://bar.example/", "state": "DELIVERED", "attempts": ATTEMPTS}
    service.refusals = [respond(200, shown)]
    done = barback("webhook", command, "task-1")
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == ["timeout", "204"]
    assert (done.exit_code, done.stderr) == (0, "barback: https://bar.example/: DELIVERED.\n")
    assert service.requests[0].url.path == f"/api/task/task-1/{command}"


@pytest.mark.parametrize(
    ("webhook", "message"),
    [(None, "The task has no webhook."), ("http://here/", "http://here/: waiting for the end")],
)
def test_a_task_without_a_delivery_is_explained(
    barback: Command, service: FakeService, webhook: str | None, message: str
) -> None:
    service.refusals = [respond(200, {"webhook": webhook, "state": None, "attempts": []})]
    done = barback("webhook", "deliveries", "task-1")
    assert (done.exit_code, done.stdout) == (0, "")
    assert message in done.stderr


def test_a_sender_that_hangs_delays_no_other(
    barback: Command, service: FakeService, port: int
) -> None:
    body = json.dumps(BODY)
    idle: list[socket.socket] = []

    def connect() -> int:
        idle.append(socket.create_connection(("127.0.0.1", port)))
        return 0

    sender = Sender(service, connect, lambda: post(port, body, signed(body)))
    service.secrets = [SECRET]
    barback("webhook", "listen", "--port", str(port))
    assert sender.statuses == [0, 204]
    idle[0].close()


def test_only_this_machine_can_deliver(barback: Command, service: FakeService, port: int) -> None:
    """Another address of the same machine stands for another machine."""

    def connect() -> int:
        with socket.socket() as other:
            other.settimeout(1)
            return other.connect_ex(("127.0.0.2", port))

    sender = Sender(service, connect)
    service.secrets = [SECRET]
    assert barback("webhook", "listen", "--port", str(port)).exit_code == 0
    assert sender.statuses != [0]


def test_a_port_in_use_is_refused_before_anything_is_sent(
    barback: Command, service: FakeService
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = barback("webhook", "listen", "--port", str(taken.getsockname()[1]))
    assert (done.exit_code, service.requests) == (2, [])
    assert "Leave --port out for a free one." in done.stderr


def test_a_service_without_webhooks_is_an_error(barback: Command, service: FakeService) -> None:
    """The fake service has no secrets."""
    done = barback("webhook", "listen")
    assert (done.exit_code, done.stdout) == (3, "")
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "options", [[], ["--document"], ["--wait"], ["--wait", "--no-document"]], ids=" ".join
)
@pytest.mark.parametrize("takes_lines", [1, 0])
def test_each_submission_names_the_webhook(
    barback: Command, service: FakeService, options: list[str], takes_lines: int
) -> None:
    service.takes_lines = bool(takes_lines)  # else a document is uploaded
    lines = "milk\n" * 150
    done = barback(
        "submit", "-", "--webhook", "https://bar.example/hook?a=b", *options, stdin=lines
    )
    assert done.exit_code == 0
    submissions = [each for each in service.requests if each.url.path.endswith("/process")]
    assert submissions
    assert {each.url.params["webhook"] for each in submissions} == {"https://bar.example/hook?a=b"}


def test_a_resumed_submission_names_the_webhook(barback: Command, service: FakeService) -> None:
    service.refusals = [problem(503, "unavailable")] * 4
    assert barback("submit", "-", "--webhook", "https://bar.example/", stdin="milk").exit_code == 4
    service.requests.clear()
    [file] = Path.cwd().glob("*.resume")
    assert barback("resume", file.name).exit_code == 0
    assert service.requests[0].url.params["webhook"] == "https://bar.example/"


@pytest.mark.parametrize("options", [[], ["--document"], ["--wait"]], ids=" ".join)
def test_a_refused_webhook_is_no_failure_of_a_line(
    barback: Command, service: FakeService, options: list[str]
) -> None:
    detail = "query.webhook: use a URL that begins with https://."
    errors = [{"at": "query.webhook", "detail": "use a URL that begins with https://"}]
    service.on_request = lambda request: service.refusals.extend(
        [problem(422, "invalid", detail, errors=errors)] if "webhook" in request.url.params else []
    )
    done = barback("submit", "-", "--webhook", "http://bar.example", *options, stdin="milk")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "barback: --webhook: use a URL that begins with https://.\n"
