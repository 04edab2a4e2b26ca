"""A PostgreSQL server of its own for a test: a temporary folder, a loopback port, a password."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "dagster"
DATABASE = "dagster"
PATIENCE_SECONDS = "60"
SYSTEM_USERS = ("postgres", "nobody")
"""The server refuses to run as root; where the tests do, it runs as the first of these that there is."""


@contextmanager
def postgres_server() -> Iterator[Mapping[str, str]]:
    """Yield the environment that deploy/postgres/dagster.yaml reads. Skips the test where no server is installed."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    # pytest's own temporary folders are closed to the other user.
    folder = Path(tempfile.mkdtemp(prefix="postgres_for_tests_"))
    user = _user()
    data, password, port = folder / "data", folder / "password", _free_port()
    try:
        password.write_text(secrets.token_urlsafe(), encoding="utf-8")
        if user is not None:
            for path in (folder, password):
                os.chown(path, user, -1)
        _run(
            [initdb, "-D", data, "-U", USER, "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8"],
            user,
        )
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
        log = folder / "server.log"
        _run([pg_ctl, "start", "-D", data, "-w", "-t", PATIENCE_SECONDS, "-l", log, "-o", options], user)
        try:
            environment = _environment(port, password.read_text(encoding="utf-8"))
            _create_database(environment)
            yield environment
        finally:
            _run([pg_ctl, "stop", "-D", data, "-m", "immediate"], user)
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if not found:
        pytest.skip(f"no PostgreSQL server is installed: {name} is neither on PATH nor in /usr/lib/postgresql/*/bin")
    return found


def _user() -> int | None:
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user.pw_uid for user in pwd.getpwall()}
    found = [known[name] for name in SYSTEM_USERS if name in known]
    if not found:
        pytest.skip(f"PostgreSQL does not run as root, and there is no user {' or '.join(SYSTEM_USERS)}")
    return found[0]


def _run(command: list[str | Path], user: int | None) -> None:
    # The server keeps what it is given as its output, so that is a file and no pipe one would wait for.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, user=user, cwd="/", stdout=output, stderr=output, check=False)
        output.seek(0)
        assert done.returncode == 0, output.read().decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environment(port: int, password: str) -> dict[str, str]:
    return {
        "DAGSTER_PG_HOST": "127.0.0.1",
        "DAGSTER_PG_PORT": str(port),
        "DAGSTER_PG_USERNAME": USER,
        "DAGSTER_PG_PASSWORD": password,
        "DAGSTER_PG_DB": DATABASE,
    }


def _create_database(environment: Mapping[str, str]) -> None:
    import psycopg2

    connection = psycopg2.connect(
        host=environment["DAGSTER_PG_HOST"],
        port=environment["DAGSTER_PG_PORT"],
        user=USER,
        password=environment["DAGSTER_PG_PASSWORD"],
        dbname="postgres",
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
