"""``persona-assets push`` against a stand-in of the Hub: what arrives, what is refused, and what is never said."""

import json
import logging
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from huggingface_hub import constants
from huggingface_hub.utils import _http

from persona_assets.cli.commands import commands
from persona_assets.errors import PublishingError
from persona_assets.keys import DatasetKey
from persona_assets.publishing.repository import describe_repository
from persona_assets.publishing.sending import Target, send
from persona_assets.settings import load_settings
from persona_assets_tests.commands import PROGRAM
from persona_assets_tests.end_to_end.test_older_datasets import VARIABLE
from persona_assets_tests.plain_reading import plain_datasets
from persona_assets_tests.publishing.hub_stand_in import MAIN, TOKEN, Fault, Hub, StoredRepository, running_hub
from persona_assets_tests.raw_corpus import GEMMA, KEYS, responses_file

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.filterwarnings("ignore:Use 'content="),  # huggingface_hub sends files so
]

REPOSITORY = "me/personas"
LOADER = Path(__file__).parents[1] / "publishing" / "load_from_hub.py"
DATA = "datasets/processed/persona"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """The Hub that huggingface_hub in this process talks to, without xet and without pauses between attempts."""
    with running_hub() as running:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
        monkeypatch.setattr(_http, "time", SimpleNamespace(sleep=lambda _: None, time=time.time))
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield running
        _http.close_session()


def push(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["push", REPOSITORY, *arguments])


def path_of(key: str) -> str:
    model, kind, persona = key.split("__")
    return f"data/{model}/{kind}s/{persona}.parquet"


def test_without_yes_nothing_is_asked_of_the_hub(materialised_workspace: Path, hub: Hub) -> None:
    done = push()
    assert done.exit_code == 0, done.output
    assert hub.requests == []
    for key in KEYS:
        size = (materialised_workspace / DATA / f"{key}.parquet").stat().st_size
        [line] = [line for line in done.output.splitlines() if line.endswith(path_of(key))]
        assert line.split()[:2] == [f"{size:,}", "bytes"]
    assert "nothing was sent; with --yes, one commit" in done.output


def test_the_files_arrive_as_they_are_in_one_commit(materialised_workspace: Path, hub: Hub) -> None:
    done = push("--yes")
    assert done.exit_code == 0, done.output
    assert hub.count("POST", "/commit/") == 1
    arrived = {path: blob.content for path, blob in hub.dataset(REPOSITORY).files.items()}
    expected = {path_of(key): (materialised_workspace / DATA / f"{key}.parquet").read_bytes() for key in KEYS}
    assert {path: content for path, content in arrived.items() if path.startswith("data/")} == expected
    provenance = json.loads(arrived["provenance.json"])
    assert {one["path"]: one["sha256"] for one in provenance.values()} == {
        path: sha256(content).hexdigest() for path, content in expected.items()
    }


def test_pushing_the_same_again_sends_nothing_and_makes_no_commit(materialised_workspace: Path, hub: Hub) -> None:
    assert push("--yes").exit_code == 0
    hub.requests.clear()
    done = push("--yes")
    assert done.exit_code == 0, done.output
    assert "unchanged" in done.output
    assert (hub.count("PUT", "/lfs/"), hub.count("POST", "/commit/")) == (0, 0)


def test_after_a_dropped_connection_only_what_is_missing_is_sent(materialised_workspace: Path, hub: Hub) -> None:
    arrived: set[str] = set()

    def drop_from_the_third_file_on(method: str, path: str) -> int | None:
        if method != "PUT" or path in arrived:
            return None
        if len(arrived) >= 2:
            return 0
        arrived.add(path)
        return None

    hub.fault = drop_from_the_third_file_on
    done = push("--yes")
    assert done.exit_code == 1
    assert "cannot be reached" in done.output
    assert "what was sent is not sent again" in done.output
    assert hub.count("POST", "/commit/") == 0
    assert len(hub.objects) == 2
    hub.fault = lambda _method, _path: None
    hub.requests.clear()
    assert push("--yes").exit_code == 0
    sent_again = {path for method, path in hub.requests if method == "PUT"} & arrived
    assert (sent_again, hub.count("PUT", "/lfs/")) == (set(), len(KEYS) - 2)
    assert hub.count("POST", "/commit/") == 1


@pytest.mark.campaign
def test_a_push_that_is_killed_is_resumed(materialised_workspace: Path, tmp_path: Path) -> None:
    with running_hub() as hub:
        environment = _environment_of(hub, tmp_path)

        def hold_after_two(method: str, _path: str) -> int | None:
            if method == "PUT" and len(hub.objects) >= 2:
                time.sleep(30)
            return None

        hub.fault = hold_after_two
        program = subprocess.Popen([PROGRAM, "push", REPOSITORY, "--yes"], env=environment, cwd=tmp_path)
        deadline = time.monotonic() + 60
        while len(hub.objects) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        program.kill()
        program.wait()
        arrived = {f"/lfs/{oid}" for oid in hub.objects}
        assert len(arrived) >= 2
        assert hub.count("POST", "/commit/") == 0
        hub.fault = lambda _method, _path: None
        hub.requests.clear()
        done = subprocess.run([PROGRAM, "push", REPOSITORY, "--yes"], env=environment, cwd=tmp_path, check=False)
        assert done.returncode == 0
        assert {path for method, path in hub.requests if method == "PUT"} & arrived == set()
        assert set(map(path_of, KEYS)) <= set(hub.dataset(REPOSITORY).files)


@pytest.mark.parametrize("older", [True, False], ids=["older", "installed"])
def test_what_was_pushed_loads_as_the_rows_of_the_raw_files(
    older: bool, materialised_workspace: Path, hub: Hub, tmp_path: Path
) -> None:
    python = os.environ.get(VARIABLE) if older else sys.executable
    if not python:
        pytest.skip(f"{VARIABLE} is not set; .ci/run sets it")
    assert push("--yes").exit_code == 0
    joined = {f"all_{kind}s": [key for key in KEYS if f"__{kind}__" in key] for kind in ("role", "trait")}
    joined[f"all_roles_{GEMMA}"] = [key for key in KEYS if key.startswith(f"{GEMMA}__role__")]
    done = subprocess.run(
        [python, LOADER, REPOSITORY, *KEYS, *joined],
        env=_environment_of(hub, tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    raw = materialised_workspace / "persona-data"
    expected = {key: plain_datasets(raw, key)[key] for key in KEYS}
    expected |= {name: [row for key in keys for row in expected[key]] for name, keys in joined.items()}
    assert found["loaded"] == expected
    assert found["without_a_name"] == "Config name is missing."


def test_with_one_kind_all_of_it_is_the_default(materialised_workspace: Path, hub: Hub, tmp_path: Path) -> None:
    assert push("--yes", "--type", "traits").exit_code == 0
    done = subprocess.run(
        [sys.executable, LOADER, REPOSITORY], env=_environment_of(hub, tmp_path), capture_output=True, check=True
    )
    traits = [key for key in KEYS if "__trait__" in key]
    raw = materialised_workspace / "persona-data"
    assert json.loads(done.stdout)["without_a_name"] == sum(len(plain_datasets(raw, key)[key]) for key in traits)


def test_a_key_that_is_not_fit_is_refused_with_the_reason_and_how_to_mend_it(
    materialised_workspace: Path, hub: Hub
) -> None:
    stale, failed = f"{GEMMA}__trait__stoic", KEYS[1]
    with responses_file(materialised_workspace / "persona-data", stale).open("a") as file:
        file.write("\n")
    record = materialised_workspace / "persona_standings" / f"{failed}.json"
    standing = json.loads(record.read_text())
    standing["checks"]["schema"]["passed"] = False
    record.write_text(json.dumps(standing))
    done = push("--yes")
    assert done.exit_code == 1
    assert hub.requests == []
    for key, words in ((stale, "is stale: raw_conversations: other files"), (failed, "is failed: schema")):
        [line] = [line for line in done.output.splitlines() if line.strip().startswith(key)]
        assert words in line
        assert "materialise" in line
    left_out = push("--yes", "--leave-out-unfit")
    assert left_out.exit_code == 0, left_out.output
    files = hub.dataset(REPOSITORY).files
    assert {path for path in files if path.startswith("data/")} == set(map(path_of, KEYS)) - {
        path_of(stale),
        path_of(failed),
    }


def test_a_file_that_is_not_what_was_made_is_refused(materialised_workspace: Path, hub: Hub) -> None:
    path = materialised_workspace / DATA / f"{KEYS[0]}.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    done = push("--yes")
    assert done.exit_code == 1
    assert "is not, byte for byte, what was made" in done.output
    assert hub.requests == []


def test_patterns_choose_and_one_that_chooses_nothing_is_refused(materialised_workspace: Path, hub: Hub) -> None:
    assert push("--yes", "--model", "gemma*", "--name", "s*,b*").exit_code == 0
    chosen = {path for path in hub.dataset(REPOSITORY).files if path.startswith("data/")}
    assert chosen == {
        path_of(key) for key in KEYS if key.startswith(f"{GEMMA}__") and key.split("__")[2][0] in ("s", "b")
    }
    for arguments in (("--model", "gema*"), ("--name", "zzz"), ("--model", "llama*", "--name", "stoic")):
        done = push(*arguments)
        assert done.exit_code == 1
        assert "no key" in done.output


def test_datasets_that_would_lose_their_configuration_are_kept_unless_told(
    materialised_workspace: Path, hub: Hub
) -> None:
    assert push("--yes").exit_code == 0
    commits = len(hub.dataset(REPOSITORY).commits)
    refused = push("--yes", "--type", "roles")
    assert refused.exit_code == 1
    assert "--remove-others" in refused.output
    assert len(hub.dataset(REPOSITORY).commits) == commits
    assert push("--yes", "--type", "roles", "--remove-others").exit_code == 0
    assert len(hub.dataset(REPOSITORY).commits) == commits + 1
    left = {path for path in hub.dataset(REPOSITORY).files if path.startswith("data/")}
    assert left == {path_of(key) for key in KEYS if "__role__" in key}


def test_private_makes_a_private_repository_and_refuses_one_that_is_public(
    materialised_workspace: Path, hub: Hub
) -> None:
    assert push("--yes", "--private").exit_code == 0
    assert hub.dataset(REPOSITORY).private
    hub.dataset(REPOSITORY).private = False
    done = push("--yes", "--private")
    assert done.exit_code == 1
    assert "is public" in done.output


def test_another_branch_leaves_the_main_one_as_it_is(materialised_workspace: Path, hub: Hub) -> None:
    assert push("--yes", "--revision", "next").exit_code == 0
    repository = hub.dataset(REPOSITORY)
    assert set(repository.files) == {".gitattributes"}
    assert path_of(KEYS[0]) in repository.commits[repository.branches["next"]]


def refuse(status: int, part: str) -> Fault:
    return lambda _method, path: status if part in path else None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (refuse(401, "whoami"), "does not accept the token"),
        (refuse(403, "preupload"), "may not write to me/personas"),
        (refuse(403, "/commit/"), "may not write to me/personas"),
        (refuse(429, "batch"), "takes no more requests for a while"),
        (refuse(503, "/lfs/"), "has a problem just now (503)"),
        (refuse(500, "/commit/"), "has a problem just now (500)"),
        (refuse(400, "/commit/"), "refuses what was sent"),
        (refuse(404, "preupload"), "is not there, or the token may not see it"),
        (refuse(0, "whoami"), "cannot be reached"),
        (refuse(0, "/lfs/"), "cannot be reached"),
    ],
    ids=["token", "rights", "commit rights", "rate", "storage", "trouble", "bad", "gone", "network", "lost"],
)
def test_a_refusal_is_one_sentence_without_the_token(
    fault: Fault, words: str, materialised_workspace: Path, hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.echo, hub.fault = True, fault
    logger = logging.getLogger("huggingface_hub")
    logger.addHandler(caplog.handler)
    try:
        done = push("--yes", "--name", "pirate")
    finally:
        logger.removeHandler(caplog.handler)
    assert done.exit_code == 1
    [line] = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    assert words in line
    assert TOKEN not in done.output + caplog.text


@pytest.mark.parametrize("part", ["whoami", "preupload", "batch", "/commit/"])
def test_the_traceback_of_a_refusal_has_no_token(part: str, materialised_workspace: Path, hub: Hub) -> None:
    hub.echo, hub.fault = True, refuse(418, part)
    repository = describe_repository(REPOSITORY, [DatasetKey.parse(KEYS[1])], load_settings())
    with pytest.raises(PublishingError, match=r"you sent .*\(token\)") as caught:
        send(repository, Target())
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_without_a_token_whoever_pushes_is_told_how_to_log_in(
    materialised_workspace: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    done = push("--yes")
    assert done.exit_code == 1
    assert "not logged in to the Hugging Face Hub; set HF_TOKEN" in done.output
    assert hub.count("POST", "/") == 0


def test_a_model_of_that_name_is_refused(materialised_workspace: Path, hub: Hub) -> None:
    model = StoredRepository(private=False)
    model.commit(MAIN, {})
    hub.repositories["models", REPOSITORY] = model
    done = push("--yes")
    assert done.exit_code == 1
    assert f"{REPOSITORY} is a model" in done.output
    assert ("datasets", REPOSITORY) not in hub.repositories


def test_somebody_elses_name_and_a_card_that_the_hub_refuses_are_refused(
    materialised_workspace: Path, hub: Hub
) -> None:
    done = CliRunner().invoke(commands, ["push", "others/personas", "--yes"])
    assert done.exit_code == 1
    assert "may not write to others/personas; use one with write access to others" in done.output
    hub.refused_yaml = "license must be one of those known"
    done = push("--yes")
    assert done.exit_code == 1
    assert "license must be one of those known" in done.output
    assert hub.objects == {}


@pytest.mark.parametrize("name", ["personas", "a/b/c", "me/per sonas", "me/..", "datasets/me/personas"])
def test_what_is_no_name_of_a_repository_is_refused_at_once(
    name: str, materialised_workspace: Path, hub: Hub
) -> None:
    done = CliRunner().invoke(commands, ["push", name, "--yes"])
    assert done.exit_code == 1
    assert "name of a repository" in done.output
    assert hub.requests == []


def _environment_of(hub: Hub, folder: Path) -> dict[str, str]:
    """Of a process that talks to the stand-in. xet cannot: it would need a store of chunks, which this is not."""
    told = {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"}
    return {**os.environ, **told, "HF_HOME": str(folder / "home")}
