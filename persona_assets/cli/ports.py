"""Whether a server could listen, asked before anything is started."""

import errno
import os
import socket

from persona_assets.errors import SettingsError


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
