"""The report over HTTP on loopback, as a program that ends with whoever started it.

    python -m persona_assets.report.serving WORKSPACE PORT

It prints its address and serves until its standard input ends. Only pages and pictures are served, and only to
requests that name this machine, so that no page of another site can read them.
"""

import os
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote, urlsplit

from persona_assets.regular_files import open_regular

LOOPBACK = "127.0.0.1"
INDEX = "/persona_report/index.html"
SERVED = ("persona_report", "persona_token_plots")
TYPES = {".html": "text/html; charset=utf-8", ".png": "image/png"}
KEYS = "/persona_report/keys"
NOTHING_YET = "There is no such page. If there is no report yet, 'persona-assets report' makes it.\n"


def address_of_page(key: object, port: int) -> str:
    """Where the page of ``key`` is while ``persona-assets dev`` serves the report on its own port."""
    return f"http://{LOOPBACK}:{port}{KEYS}/{quote(f'{key}.html')}"


class _Handler(BaseHTTPRequestHandler):
    root: ClassVar[Path]

    def do_GET(self) -> None:
        if (self.headers.get("Host") or "").rpartition(":")[0] not in (LOOPBACK, "localhost"):
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"Only this machine may ask.\n")
        elif urlsplit(self.path).path == "/":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", INDEX)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send_file()

    def _send_file(self) -> None:
        path = find_file(self.root, self.path)
        try:
            if path is None:
                raise FileNotFoundError
            with open_regular(path) as file:
                content = file.read()
        except OSError:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", NOTHING_YET.encode())
        else:
            self._answer(HTTPStatus.OK, TYPES[path.suffix], content)

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        """Requests are not worth a line on the console."""


def find_file(root: Path, address: str) -> Path | None:
    """The page or picture that a request asks for; None if it asks for anything else."""
    folder, *names = unquote(urlsplit(address).path).removeprefix("/").split("/")
    if folder not in SERVED or not names or any(name.startswith(".") or not name.isprintable() for name in names):
        return None
    path = root.joinpath(folder, *names)
    return path if path.suffix in TYPES and "" not in names else None


def open_server(root: Path, port: int) -> ThreadingHTTPServer:
    """A server that listens on ``port`` of loopback, or on a free one if that is taken."""
    handler = type("Handler", (_Handler,), {"root": root})
    try:
        return ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError:
        return ThreadingHTTPServer((LOOPBACK, 0), handler)


def serve(root: Path, port: int) -> None:
    """Serve until standard input ends."""
    server = open_server(root, port)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.shutdown()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
