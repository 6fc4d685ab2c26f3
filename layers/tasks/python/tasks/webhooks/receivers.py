"""Which URLs and addresses can be receivers of deliveries: public ones, by HTTPS."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tasks.errors import WebhookRefused

MAX_URL: Final = 2048  # characters
LOCAL_HOSTS: Final = ("localhost", "127.0.0.1")  # of a receiver on the machine of a local stack
_LABEL: Final = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
# The last label of a name is no number: resolvers read names such as 0x7f.1 as addresses.
_NAME: Final = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)+(?!([0-9]+|0x[0-9a-f]*)\.?$){_LABEL}\.?")
_PRINTABLE: Final = re.compile(r"[!-~]+")

# What `is_global` of Python calls global, in some version, and is not a host on the internet.
_SPECIAL_V4: Final = tuple(
    map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3"))
)
# Only these are global unicast; so mapped, translated (NAT64) and compatible addresses are out.
_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6: Final = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)


def check_receiver(url: str, *, allow_local: bool = False) -> None:
    """Refuse a URL that no delivery is sent to, without resolving its name.

    Args:
        url: the URL, as the caller sent it.
        allow_local: whether `http://localhost` and `http://127.0.0.1` are receivers, too.

    Raises:
        WebhookRefused: it is not such a URL; the message says what to send.
    """
    if len(url) > MAX_URL:
        raise WebhookRefused(f"the URL is longer than {MAX_URL} characters; use a shorter one")
    parts = _split(url)
    if "@" in parts.netloc:
        raise WebhookRefused("the URL has a user or a password; verify signatures instead")
    if "#" in url:
        raise WebhookRefused("the URL has a fragment, which is never sent; remove it")
    host = parts.hostname or ""
    if allow_local and parts.scheme == "http" and host in LOCAL_HOSTS:
        return
    if parts.scheme != "https":
        raise WebhookRefused("use a URL that begins with https://")
    _check_host(host)


def _split(url: str) -> SplitResult:
    remedy = WebhookRefused("use a URL such as https://bar.example/hook")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise remedy from error
    if port == 0 or not parts.hostname or not _PRINTABLE.fullmatch(url):
        raise remedy
    return parts


def _check_host(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host):
            raise WebhookRefused(
                "the host is not a public name; use one such as bar.example"
            ) from None
        return
    if not is_public(address):
        raise WebhookRefused("the address is not public; use a host on the internet")


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of a host on the internet, for certain.

    Source: the registries of special-purpose addresses (RFC 6890), as `ipaddress` knows them.
    """
    special: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = _SPECIAL_V4
    if isinstance(address, ipaddress.IPv6Address):
        if address not in _UNICAST_V6:
            return False
        special = _SPECIAL_V6
    return address.is_global and not any(address in network for network in special)


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without a dot at the end."""
    return (urlsplit(url).hostname or "").removesuffix(".")


def receiver_of(url: str) -> str:
    """Return the host of a URL, and its port if the URL has one.

    On one machine, receivers differ only in their ports.
    """
    port = urlsplit(url).port
    return host_of(url) if port is None else f"{host_of(url)}:{port}"
