"""A scheduler that speaks TLS alone, with certificates from Dask's own configuration."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from persona_assets.errors import SettingsError
from persona_assets.run.many_keys import run_tasks
from persona_assets.settings import load_settings
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.scaling import tasks_of
from persona_assets_tests.scaling.dask_cluster import DaskCluster

pytestmark = pytest.mark.campaign

distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")
pytest.importorskip("cryptography", reason="makes the certificate")

TLS = "DASK_DISTRIBUTED__COMM__TLS__"


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of the test's own for all three, in the environment that docs/scaling.md describes."""
    made = distributed.Security.temporary()
    files = {"CERT": tmp_path / "cert.pem", "KEY": tmp_path / "key.pem"}
    files["CERT"].write_text(made.tls_client_cert, encoding="utf-8")
    files["KEY"].write_text(made.tls_client_key, encoding="utf-8")
    monkeypatch.setenv(f"{TLS}CA_FILE", str(files["CERT"]))
    for part in ("SCHEDULER", "WORKER", "CLIENT"):
        for name, file in files.items():
            monkeypatch.setenv(f"{TLS}{part}__{name}", str(file))
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME", "tls")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "true")


@pytest.fixture
def encrypted(certified: None, tmp_path: Path) -> Iterator[DaskCluster]:
    cluster = DaskCluster(tmp_path)
    try:
        cluster.start()
        cluster.ensure_workers(1)
        yield cluster
    finally:
        cluster.stop()


def test_keys_are_worked_on_over_tls_and_refused_without_certificates(
    encrypted: DaskCluster, workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert encrypted.address.startswith("tls://")
    monkeypatch.setenv("PERSONA_SCHEDULER", encrypted.address)
    settings = load_settings()
    with pytest.raises(SettingsError, match=r"Dask has no certificates; set DASK_DISTRIBUTED__COMM__TLS__\*"):
        list(run_tasks(tasks_of(settings, KEYS[:1]), workers=1))
    with as_in_the_environment(tmp_path):
        (outcome,) = run_tasks(tasks_of(settings, KEYS[:1]), workers=1)
    assert outcome.failure is None


def as_in_the_environment(folder: Path) -> AbstractContextManager[None]:
    """Dask reads its environment when it is imported, which it was before the test set it."""
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    tls = {"ca-file": certificate, "client.cert": certificate, "client.key": key}
    context: AbstractContextManager[None] = distributed.dask.config.set(
        {f"distributed.comm.tls.{name}": file for name, file in tls.items()}
    )
    return context
