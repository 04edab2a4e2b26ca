"""The profiles in deploy/ and docs/scaling.md: valid for Dagster, true to each other, and without a secret."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dagster._config import validate_config
from dagster._core.instance.config import dagster_instance_config
from dagster_shared.yaml_utils import load_yaml_from_path

import persona_assets
from persona_assets.setting_names import ENV_PREFIX
from persona_assets.settings import Settings

CHECKOUT = Path(persona_assets.__file__).parent.parent
DEPLOY = CHECKOUT / "deploy"
GUIDE = CHECKOUT / "docs" / "scaling.md"
DOCKER, KUBERNETES = DEPLOY / "docker", DEPLOY / "kubernetes"
SECRET_KEYS = re.compile("password$|token$|secret$", re.IGNORECASE)
SETTINGS = {ENV_PREFIX + name.upper() for name in Settings.model_fields}

pytestmark = pytest.mark.skipif(not DEPLOY.is_dir(), reason=f"{DEPLOY} is not there: this is no checkout")


def profiles(name: str) -> list[Path]:
    return sorted(DEPLOY.rglob(name))


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def read(path: Path) -> Any:
    return load_yaml_from_path(str(path))


@pytest.mark.parametrize("path", profiles("*.yaml"), ids=name_of)
def test_every_profile_is_yaml_with_content(path: Path) -> None:
    assert isinstance(read(path), dict)


@pytest.mark.parametrize("path", profiles("*.yaml"), ids=name_of)
def test_no_profile_holds_a_secret(path: Path) -> None:
    literal = {key: value for key, value in leaves(read(path)) if SECRET_KEYS.search(key) and is_literal(value)}
    assert literal == {}


@pytest.mark.parametrize(
    "content",
    [
        {"a": [{"password": "literal"}]},
        {"env": {"DAGSTER_PG_PASSWORD": "literal"}},
        {"env": [{"name": "HF_TOKEN", "value": "literal"}]},
        {"env_vars": ["HF_TOKEN=literal"]},
    ],
    ids=str,
)
def test_a_secret_would_be_noticed(content: object) -> None:
    assert [key for key, value in leaves(content) if SECRET_KEYS.search(key) and is_literal(value)]


@pytest.mark.parametrize("path", profiles("dagster.yaml"), ids=name_of)
def test_every_instance_is_accepted_by_dagster(path: Path) -> None:
    config, _ = dagster_instance_config(str(path.parent))
    assert config == read(path)


@pytest.mark.parametrize("path", profiles("dagster.yaml"), ids=name_of)
def test_every_instance_finds_postgres_by_the_variables_of_the_guide(path: Path) -> None:
    database = read(path)["storage"]["postgres"]["postgres_db"]
    assert database.pop("scheme") == "postgresql+psycopg2"
    assert all(set(value) == {"env"} for value in database.values())
    assert {value["env"] for value in database.values()} <= set(re.findall("DAGSTER_PG_[A-Z]+", guide()))


def test_the_guide_names_every_file_of_every_profile() -> None:
    assert [name_of(path) for path in profiles("*") if path.is_file() and name_of(path) not in guide()] == []


def test_every_path_that_the_guide_names_is_there() -> None:
    named = set(re.findall(r"(?:deploy|docs|benchmarks|persona_assets)/[\w./-]*\w", guide()))
    assert named
    assert [path for path in sorted(named) if not (CHECKOUT / path).exists()] == []
    links = set(re.findall(r"\]\(([^)#]+)\)", guide()))
    assert [link for link in sorted(links) if not (CHECKOUT / "docs" / link).exists()] == []


def test_every_section_that_the_guide_links_to_is_there() -> None:
    headings = [
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()) for line in guide().splitlines() if line[:1] == "#"
    ]
    anchors = {heading.replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", guide())) <= anchors


def test_every_setting_named_in_the_guide_and_the_profiles_is_one() -> None:
    texts = [guide(), *(path.read_text(encoding="utf-8") for path in profiles("*") if path.is_file())]
    named = set(re.findall(rf"\b{ENV_PREFIX}[A-Z_]+", "\n".join(texts)))
    assert f"{ENV_PREFIX}KEYS_PER_RUN" in named
    assert named - SETTINGS == set()


def test_the_docker_launcher_is_accepted_by_its_own_schema() -> None:
    docker = pytest.importorskip("dagster_docker", reason="dagster-docker is not installed")
    config = docker_launcher()
    validation = validate_config(docker.DockerRunLauncher.config_type(), config)
    assert validation.success, validation.errors
    assert docker.DockerRunLauncher(**config).networks == [config["network"]]


def test_every_variable_that_a_docker_run_is_given_is_set_in_the_daemon() -> None:
    assert set(docker_launcher()["env_vars"]) <= set(service("daemon")["environment"])


def test_docker_runs_see_the_volumes_of_the_code_server_at_the_same_places() -> None:
    compose = read(DOCKER / "compose.yaml")
    names = {short: volume["name"] for short, volume in compose["volumes"].items()}
    mounts = [mount.partition(":") for mount in service("code")["volumes"]]
    assert docker_launcher()["container_kwargs"]["volumes"] == [
        names[short] + ":" + rest for short, _, rest in mounts
    ]


def test_docker_runs_are_in_the_network_and_of_the_image_of_the_code_server() -> None:
    compose, launcher = read(DOCKER / "compose.yaml"), docker_launcher()
    assert launcher["network"] == compose["networks"]["default"]["name"]
    assert launcher["image"] == service("code")["image"]
    assert launcher["image"] == service("code")["environment"]["DAGSTER_CURRENT_IMAGE"]


def test_the_ui_and_the_daemon_find_the_code_server_of_the_docker_profile() -> None:
    (location,) = (entry["grpc_server"] for entry in read(DOCKER / "workspace.yaml")["load_from"])
    command = service(location["host"])["command"]
    assert str(location["port"]) == command[command.index("--port") + 1]
    assert location["location_name"] == command[command.index("--module-name") + 1]


def test_the_image_takes_its_folders_from_the_places_where_volumes_are_mounted() -> None:
    image = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    folders = set(re.findall(rf"{ENV_PREFIX}\w+=(/\S+)", image))
    mounted = {mount.split(":")[1] for mount in docker_launcher()["container_kwargs"]["volumes"]}
    (of_pods,) = (mount["mountPath"] for mount in deployment()["volumeMounts"])
    assert folders == mounted
    assert {Path(folder).parent for folder in folders} == {Path(of_pods)}


def test_kubernetes_runs_mount_the_volume_that_is_claimed() -> None:
    (volume,) = deployment()["volumes"]
    claim = read(KUBERNETES / "volume.yaml")
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert [mount["name"] for mount in deployment()["volumeMounts"]] == [volume["name"]]


def test_what_kubernetes_runs_take_over_from_the_code_server_is_accepted_by_their_launcher() -> None:
    context = pytest.importorskip("dagster_k8s.container_context", reason="dagster-k8s is not installed")
    taken_over = {
        "env": deployment()["env"],
        "volumes": deployment()["volumes"],
        "volume_mounts": deployment()["volumeMounts"],
        "image_pull_policy": deployment()["image"]["pullPolicy"],
    }
    created = context.K8sContainerContext.create_from_config({"k8s": taken_over})
    assert created.run_k8s_config.container_config["env"]


def test_the_kubernetes_launcher_is_accepted_by_its_own_schema() -> None:
    kubernetes = pytest.importorskip("dagster_k8s", reason="dagster-k8s is not installed")
    launcher = read(KUBERNETES / "values.yaml")["runLauncher"]
    assert launcher["type"] == kubernetes.K8sRunLauncher.__name__
    given = launcher["config"]["k8sRunLauncher"]
    config = {
        "instance_config_map": "of the chart",
        "resources": given["resources"],
        "run_k8s_config": {snake_case(name): value for name, value in given["runK8sConfig"].items()},
    }
    assert set(given) == {"resources", "runK8sConfig"}
    validation = validate_config(kubernetes.K8sRunLauncher.config_type(), config)
    assert validation.success, validation.errors


def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def docker_launcher() -> dict[str, Any]:
    launcher = read(DOCKER / "dagster.yaml")["run_launcher"]
    assert (launcher["module"], launcher["class"]) == ("dagster_docker", "DockerRunLauncher")
    return dict(launcher["config"])


def service(name: str) -> dict[str, Any]:
    return dict(read(DOCKER / "compose.yaml")["services"][name])


def deployment() -> dict[str, Any]:
    (only,) = read(KUBERNETES / "values.yaml")["dagster-user-deployments"]["deployments"]
    return dict(only)


def leaves(node: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Every value that is no mapping or list, by its name; ``{env: NAME}`` counts as a value."""
    if isinstance(node, Mapping) and set(node) == {"name", "value"}:
        yield node["name"], node["value"]
    elif isinstance(node, Mapping) and not (set(node) == {"env"} and isinstance(node["env"], str)):
        for name, value in node.items():
            yield from leaves(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, key)
    elif isinstance(node, str) and re.match(r"\w+=", node):
        name, _, value = node.partition("=")
        yield name, value
    else:
        yield key, node


def is_literal(value: object) -> bool:
    """Whether ``value`` is a secret itself, and no place to find one: ``{env: NAME}`` or ``${NAME}``."""
    return isinstance(value, str | int) and not isinstance(value, bool) and not str(value).startswith("${")


def snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)
