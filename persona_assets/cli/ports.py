"""Check that a server can listen, before it is started and while it starts."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from persona_assets.errors import SettingsError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 3000
"""Of the UI."""
_LISTEN = "0A"


def check_port(host: str, port: int) -> None:
    """Refuse an address on which no server can listen now. Port 0 means any free port.

    Raises:
        SettingsError: with the reason, and what to do.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"--host {host}: unknown address ({error}); use an address of this machine") from error
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as listener:
            if os.name == "posix":  # as servers do, so that a port with a connection that just closed counts as free
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(address)
                listener.listen(1)
            except OSError as error:
                raise SettingsError(_describe_refusal(host, port, error)) from error


def find_free_port(host: str) -> int:
    """A port on which a server can listen at this moment."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.bind(address)
        return int(listener.getsockname()[1])


def format_address(host: str, port: int) -> str:
    """What a browser opens."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answers(host: str, port: int) -> bool:
    """Whether a server takes connections."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _describe_refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is used by another program; end it, or use another port with --port"
    if error.errno == errno.EACCES:
        return f"port {port} of {host} needs administrator privileges; use one above 1023 with --port"
    return f"no server can listen on {host}, port {port} ({error.strerror}); use another --host or --port"


def check_listeners(host: str, port: int, group: int) -> None:
    """Refuse an address on which another program now listens instead of the process group started for it.

    A server that finds its port taken does not always end. Binding the port to find out could block that server, so
    the tables of the kernel are read instead. Only Linux has them; on other systems nothing is refused.

    Raises:
        SettingsError: the port is in use.
    """
    listening = set(_find_listening_sockets(host, port))
    if listening and listening.isdisjoint(_find_sockets_of(group)):
        raise SettingsError(_describe_refusal(host, port, OSError(errno.EADDRINUSE, "")))


def _find_listening_sockets(host: str, port: int) -> Iterator[str]:
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


def _find_sockets_of(group: int) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or may not be inspected
            if os.getpgid(int(process.name)) == group:
                yield from (str(handle.readlink()) for handle in (process / "fd").iterdir())
