"""Whether a server can listen, asked before it is started and while it starts."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from persona_assets.errors import SettingsError

_LISTEN = "0A"


def check_port(host: str, port: int) -> None:
    """Refuse an address on which nothing can listen now; port 0 stands for any free one.

    Raises:
        SettingsError: why, and what to do.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"--host {host}: no such address ({error}); use one of this machine") from error
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as listener:
            if os.name == "posix":  # as servers do: a port that a connection just closed on is free
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(address)
                listener.listen(1)
            except OSError as error:
                raise SettingsError(_refusal(host, port, error)) from error


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken by another program; end it, or use another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} of {host} may not be used without privileges; use one above 1023 with --port"
    return f"nothing can listen on {host}, port {port} ({error.strerror}); use another --host or --port"


def check_listeners(host: str, port: int, group: int) -> None:
    """Refuse an address on which another listens by now than the process group that was started to.

    A server that comes too late need not end. Nothing is bound to find out, which could itself be in its way;
    only Linux tells, elsewhere nothing is refused.

    Raises:
        SettingsError: it is taken.
    """
    listening = set(_sockets_listening(host, port))
    if listening and listening.isdisjoint(_sockets_of(group)):
        raise SettingsError(_refusal(host, port, OSError(errno.EADDRINUSE, "")))


def _sockets_listening(host: str, port: int) -> Iterator[str]:
    addresses = {"0" * 8, "0" * 32}
    for *_, address in socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM):
        addresses.add(f"{int.from_bytes(socket.inet_aton(str(address[0])), sys.byteorder):08X}")
    for table in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            return
        for fields in map(str.split, lines):
            local, _, number = fields[1].partition(":")
            if local in addresses and int(number, 16) == port and fields[3] == _LISTEN:
                yield f"socket:[{fields[9]}]"


def _sockets_of(group: int) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or is not ours to look into
            if os.getpgid(int(process.name)) == group:
                yield from (str(handle.readlink()) for handle in (process / "fd").iterdir())
