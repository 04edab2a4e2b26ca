"""A stand-in of the Hugging Face Hub: as much of its HTTP interface as pushing and loading datasets needs.

It keeps everything in memory, notes every request, and can be told to drop connections or to refuse requests.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_only-for-tests-0123456789"
DATE = "2026-01-02T03:04:05.000Z"
MAIN = "main"
Fault = Callable[[str, str], "int | None"]
"""Given method and path, the status to refuse with. 0: drop the connection amid the request. None: go on."""


@dataclass(frozen=True)
class Blob:
    content: bytes
    lfs: bool

    @property
    def oid(self) -> str:
        """The SHA-256 of large files; of others, the hash by which git knows them."""
        if self.lfs:
            return hashlib.sha256(self.content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(self.content) + self.content).hexdigest()


Files = Mapping[str, Blob]


@dataclass
class StoredRepository:
    private: bool
    commits: dict[str, Files] = field(default_factory=dict)
    """By hash, the oldest first."""
    branches: dict[str, str] = field(default_factory=dict)

    def commit(self, branch: str, files: Files) -> str:
        listing = json.dumps([len(self.commits), sorted((path, blob.oid) for path, blob in files.items())])
        sha = hashlib.sha1(listing.encode()).hexdigest()
        self.commits[sha], self.branches[branch] = files, sha
        return sha

    def find(self, revision: str) -> str | None:
        return self.branches.get(revision) or (revision if revision in self.commits else None)

    @property
    def files(self) -> Files:
        return self.commits[self.branches[MAIN]]


@dataclass
class Hub:
    """What the stand-in holds, and what was asked of it."""

    url: str = ""
    repositories: dict[tuple[str, str], StoredRepository] = field(default_factory=dict)
    """By type, such as ``datasets``, and name."""
    objects: dict[str, bytes] = field(default_factory=dict)
    """Large files that have arrived, by SHA-256, whether or not a commit names them."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    refused_yaml: str | None = None
    echo: bool = False
    """Whether errors, and warnings in headers, say what headers were sent."""
    fault: Fault = field(default=lambda _method, _path: None)
    lock: Any = field(default_factory=Lock)

    def count(self, method: str, part: str) -> int:
        return sum(one == method and part in path for one, path in self.requests)

    def dataset(self, name: str) -> StoredRepository:
        return self.repositories["datasets", name]


@contextmanager
def running_hub() -> Iterator[Hub]:
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, hub))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: Hub, *arguments: Any) -> None:
        self.hub = hub
        super().__init__(*arguments)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        """Nothing is printed."""

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def _handle(self) -> None:
        path = unquote(urlsplit(self.path).path)
        with self.hub.lock:
            self.hub.requests.append((self.command, path))
        fault = self.hub.fault(self.command, path)
        if fault == 0:
            self.rfile.read(min(64, int(self.headers.get("Content-Length") or 0)))
            self.close_connection = True
            return
        try:
            self.body = self._read_body()
            if fault:
                self._refuse(fault, None, "refused as told")
            else:
                with self.hub.lock:
                    self._route(path.strip("/").split("/"))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, content: object, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        if self.hub.echo:
            self.send_header("X-HF-Warning", f"echo{len(self.hub.requests)}; you sent {self._say_headers()}")
        for name, value in ({"Content-Length": str(len(body)), "Content-Type": "application/json"} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int, code: str | None, message: str) -> None:
        if self.hub.echo:
            message = f"{message}; you sent {self._say_headers()}"
        headers = {"X-Error-Code": code} if code else {}
        if status == 429:
            headers["RateLimit"] = '"api";r=0;t=0'
        self._answer({"error": message}, status, X_Error_Message=message, **headers)

    def _say_headers(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.headers.items())

    def _route(self, parts: list[str]) -> None:
        match self.command, parts:
            case _, ["api", "whoami-v2"]:
                self._whoami()
            case _, ["api", "validate-yaml"]:
                self._validate()
            case "POST", ["api", "repos", "create"]:
                self._create()
            case "PUT", ["lfs", oid]:
                assert hashlib.sha256(self.body).hexdigest() == oid
                self.hub.objects[oid] = self.body
                self._answer({})
            case _, [kind, owner, name, "info", "lfs", "objects", "batch"]:
                self._batch()
            case _, ["api", kind, owner, name, *rest]:
                self._with(kind, f"{owner}/{name}", rest)
            case _, [kind, owner, name, "resolve", revision, *path]:
                self._with(kind, f"{owner}/{name}", ["resolve", revision, *path])
            case _:
                self._refuse(404, None, "no such address")

    @property
    def _is_known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _whoami(self) -> None:
        if self._is_known:
            self._answer({"type": "user", "name": "me", "orgs": []})
        else:
            self._refuse(401, None, "Invalid credentials in Authorization header")

    def _validate(self) -> None:
        if self.hub.refused_yaml:
            self._answer({"errors": [{"message": self.hub.refused_yaml}], "warnings": []}, 400)
        else:
            self._answer({"errors": [], "warnings": []})

    def _create(self) -> None:
        asked = json.loads(self.body)
        name = f"{asked['organization'] or 'me'}/{asked['name']}"
        if not self._is_known or not name.startswith("me/"):
            self._refuse(403, None, "You don't have the rights to create a dataset under this namespace")
            return
        private = asked.get("private", False) or asked.get("visibility") == "private"
        repository = StoredRepository(private)
        repository.commit(MAIN, {".gitattributes": Blob(b"*.parquet filter=lfs\n", lfs=False)})
        self.hub.repositories[f"{asked['type']}s", name] = repository
        self._answer({"url": f"{self.hub.url}/datasets/{name}", "name": name, "id": name})

    def _batch(self) -> None:
        objects = []
        for one in json.loads(self.body)["objects"]:
            upload = {"actions": {"upload": {"href": f"{self.hub.url}/lfs/{one['oid']}"}}}
            objects.append(one | ({} if one["oid"] in self.hub.objects else upload))
        self._answer({"transfer": "basic", "objects": objects})

    def _with(self, kind: str, name: str, rest: list[str]) -> None:
        """Answer what is asked of a repository."""
        repository = self.hub.repositories.get((kind, name))
        if repository is None or (repository.private and not self._is_known):
            self._refuse(404, "RepoNotFound", "Repository not found")
            return
        if rest[:1] == ["branch"]:
            repository.branches[rest[1]] = repository.branches[MAIN]
            self._answer({})
            return
        sha = repository.find(rest[1] if len(rest) > 1 else MAIN)
        if sha is None:
            self._refuse(404, "RevisionNotFound", "Invalid rev id")
            return
        files = repository.commits[sha]
        match rest:
            case [] | ["revision", _]:
                self._answer(_describe(name, repository, sha, files))
            case ["resolve", _, *path]:
                self._resolve("/".join(path), sha, files)
            case ["preupload", _]:
                self._preupload(files)
            case ["commit", branch]:
                self._commit(repository, name, branch, files)
            case _:
                self._list(rest, files)

    def _list(self, rest: list[str], files: Files) -> None:
        match rest:
            case ["tree", _, *path]:
                recursive = "recursive=true" in self.path.lower()
                self._answer(list(_list_tree("/".join(path), files, recursive)))
            case ["paths-info", _]:
                self._answer([entry for path in self._paths_asked() for entry in _list_path(path, files)])
            case _:
                self._refuse(404, None, "no such address")

    def _paths_asked(self) -> list[str]:
        if "json" in self.headers.get("Content-Type", ""):
            asked: list[str] = json.loads(self.body)["paths"]
            return asked
        return parse_qs(self.body.decode())["paths"]

    def _resolve(self, path: str, sha: str, files: Files) -> None:
        if path not in files:
            self._refuse(404, "EntryNotFound", "Entry not found")
            return
        blob = files[path]
        linked = {"X-Linked-Etag": f'"{blob.oid}"', "X-Linked-Size": str(len(blob.content))} if blob.lfs else {}
        headers = {"X-Repo-Commit": sha, "ETag": f'"{blob.oid}"', "Accept-Ranges": "bytes", **linked}
        content, status = blob.content, 200
        if asked := self.headers.get("Range"):
            start, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(start or 0), int(end or len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}"
            content, status = content[first : last + 1], 206
        self._answer(content, status, **headers)

    def _preupload(self, files: Files) -> None:
        answers = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if one["path"].endswith(".parquet") else "regular",
                "shouldIgnore": False,
                "oid": files[one["path"]].oid if one["path"] in files else None,
            }
            for one in json.loads(self.body)["files"]
        ]
        self._answer({"files": answers})

    def _commit(self, repository: StoredRepository, name: str, branch: str, files: Files) -> None:
        changed = dict(files)
        for line in self.body.splitlines():
            operation = json.loads(line)
            value = operation["value"]
            match operation["key"]:
                case "file":
                    changed[value["path"]] = Blob(base64.b64decode(value["content"]), lfs=False)
                case "lfsFile":
                    changed[value["path"]] = Blob(self.hub.objects[value["oid"]], lfs=True)
                case "deletedFile":
                    del changed[value["path"]]
        sha = repository.commit(branch, changed)
        url = f"{self.hub.url}/datasets/{name}/commit/{sha}"
        self._answer({"commitUrl": url, "commitOid": sha, "success": True})


def _describe(name: str, repository: StoredRepository, sha: str, files: Files) -> dict[str, Any]:
    return {
        "_id": name,
        "id": name,
        "sha": sha,
        "private": repository.private,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "lastModified": DATE,
        "createdAt": DATE,
        "siblings": [{"rfilename": path} for path in files],
    }


def _list_tree(folder: str, files: Files, recursive: bool) -> Iterator[dict[str, Any]]:
    start = f"{folder}/" if folder else ""
    listed: set[str] = set()
    for path in sorted(files):
        if path.startswith(start):
            inner = path.removeprefix(start).split("/")
            parents = ["/".join(inner[:depth]) for depth in range(1, len(inner))]
            for parent in parents if recursive else parents[:1]:
                if parent not in listed:
                    listed.add(parent)
                    yield {"type": "directory", "path": f"{start}{parent}", "oid": "0" * 40, "size": 0}
            if recursive or not parents:
                yield _describe_file(path, files[path])


def _list_path(path: str, files: Files) -> Iterator[dict[str, Any]]:
    if path in files:
        yield _describe_file(path, files[path])
    elif any(one.startswith(f"{path}/") for one in files):
        yield {"type": "directory", "path": path, "oid": "0" * 40, "size": 0}


def _describe_file(path: str, blob: Blob) -> dict[str, Any]:
    size = len(blob.content)
    described = {"type": "file", "path": path, "oid": hashlib.sha1(blob.content).hexdigest(), "size": size}
    return described | ({"lfs": {"oid": blob.oid, "size": size, "pointerSize": 130}} if blob.lfs else {})
