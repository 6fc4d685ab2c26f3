"""The addresses on which the local stack listens."""

from __future__ import annotations

import fcntl
import socket
import struct
from typing import Final

LOOPBACK: Final = "127.0.0.1"
DOCKER_BRIDGE: Final = "docker0"
SIOCGIFADDR: Final = 0x8915  # Linux's request for an interface's IPv4 address


class PortTaken(Exception):
    """The requested port is in use."""


def listener(port: int) -> socket.socket:
    """Bind a socket to a port of the loopback interface; 0 selects a free one.

    Raises:
        PortTaken: the port is in use.
    """
    # asyncio disables Nagle's algorithm only if the protocol is given. Otherwise each answer on a
    # kept connection would be delayed by 40 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise PortTaken(f"Port {port} is in use; choose another with PORT=.") from error
    return bound


def docker_gateway() -> str | None:
    """Return the address at which containers on Docker's bridge reach this machine, if any.

    Only Linux has such a bridge; elsewhere Docker forwards to the loopback interface. The address
    belongs to this machine, but a neighbour on the network could route packets to it, as to any
    published port.
    """
    request = struct.pack("256s", DOCKER_BRIDGE.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            answer = fcntl.ioctl(any_socket.fileno(), SIOCGIFADDR, request)
        except OSError:
            return None
    return socket.inet_ntoa(answer[20:24])
