from __future__ import annotations

import ipaddress

import pytest

from tasks.errors import WebhookRefused
from tasks.webhooks.receivers import check_receiver, host_of, is_public, receiver_of

PUBLIC = [
    "93.184.216.34",
    "1.1.1.1",
    "223.255.255.254",
    "2606:2800:220:1:248:1893:25c8:1946",
    "2a00:1450:4001:81b::200e",
]
NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.216.34",
    "64:ff9b::a00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address)) is True


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_special_address_is_not_public(address: str) -> None:
    """Private, local, shared, translated, mapped, reserved and multicast addresses."""
    assert is_public(ipaddress.ip_address(address)) is False


@pytest.mark.parametrize(
    "url",
    [
        "https://bar.example",
        "https://bar.example/hook?token=a%20b",
        "https://BAR.example:8443/",
        "https://bar.example./hook",
        "https://hooks.bar.de/",
        "https://a.cafe/",
        "https://xn--bcher-kva.example/",
        "https://1.bar.example/",
        "https://93.184.216.34/hook",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/hook",
    ],
)
def test_a_public_https_url_is_a_receiver(url: str) -> None:
    check_receiver(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://bar.example/", "https://"),
        ("ftp://bar.example/", "https://"),
        ("file:///etc/passwd", "such as"),
        ("https:///hook", "such as"),
        ("bar.example/hook", "such as"),
        ("https://bar.example:0/", "such as"),
        ("https://bar.example:99999/", "such as"),
        ("https://bar.example/a b", "such as"),
        ("https://bar.example/\r\nHost: other.example", "such as"),
        ("https://bücher.example/", "such as"),
        ("https://[::1", "such as"),
        ("https://me:secret@bar.example/", "password"),
        ("https://me@bar.example/", "password"),
        ("https://@bar.example/", "password"),
        ("https://bar.example/#part", "fragment"),
        ("https://bar.example/" + "x" * 2048, "2048"),
        ("https://localhost/", "public name"),
        ("https://intranet/", "public name"),
        ("https://127.1/", "public name"),
        ("https://2130706433/", "public name"),
        ("https://0x7f.0.0.1/", "public name"),
        ("https://0177.0.0.1/", "public name"),
        ("https://a.0x7f/", "public name"),
        ("https://-bar.example/", "public name"),
        ("https://bar..example/", "public name"),
        ("https://bar%2eexample/", "public name"),
        *((f"https://{a}/", "not public") for a in NOT_PUBLIC if ":" not in a),
        *((f"https://[{a}]/", "not public") for a in NOT_PUBLIC if ":" in a and "%" not in a),
    ],
)
@pytest.mark.parametrize("allow_local", [False, True])
def test_other_urls_are_refused(url: str, reason: str, *, allow_local: bool) -> None:
    """The reason says what to send instead."""
    with pytest.raises(WebhookRefused, match=reason):
        check_receiver(url, allow_local=allow_local)


@pytest.mark.parametrize("url", ["http://localhost:9000/hook", "http://127.0.0.1/"])
def test_a_local_stack_may_deliver_to_its_own_machine(url: str) -> None:
    check_receiver(url, allow_local=True)
    with pytest.raises(WebhookRefused, match="https://"):
        check_receiver(url)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://127.0.0.2/", "http://[::1]/"])
def test_a_local_stack_delivers_to_no_other_address_without_tls(url: str) -> None:
    with pytest.raises(WebhookRefused):
        check_receiver(url, allow_local=True)


@pytest.mark.parametrize("url", ["https://bar.example/a", "https://BAR.Example.:8443/b?c"])
def test_the_host_of_a_receiver_is_in_lower_case(url: str) -> None:
    """Messages of one host are in one group, however it is written."""
    assert host_of(url) == "bar.example"


@pytest.mark.parametrize(
    ("url", "receiver"),
    [
        ("https://BAR.example/a", "bar.example"),
        ("http://localhost:9000/a", "localhost:9000"),
        ("http://localhost:9001/a", "localhost:9001"),
    ],
)
def test_receivers_on_other_ports_are_other_receivers(url: str, receiver: str) -> None:
    """On one machine, a receiver that hangs must not delay another one."""
    assert receiver_of(url) == receiver
