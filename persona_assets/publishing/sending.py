"""Sending a repository to the Hugging Face Hub: one commit, after every file that it names has arrived.

``HfApi.create_commit`` is used, and not ``upload_folder``, which makes a commit for every 250 files where ``hf_xet``
is installed: until the last of them, the front page would name files that are not there. Both send the same bytes,
leave out files that the Hub has already, and make no commit if nothing has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils._validators import validate_repo_id

from persona_assets.errors import PublishingError
from persona_assets.provenance import package_version
from persona_assets.publishing.hub_errors import explaining
from persona_assets.publishing.repository import OWN_FOLDERS, Repository
from persona_assets.stage.wording import count, name_first

DATASET = "dataset"
OTHER_TYPES = ("model", "space")


@dataclass(frozen=True)
class Target:
    """Where a repository is sent to, and how."""

    private: bool = False
    """Only the owner can see it. A repository that is public already is refused."""
    revision: str | None = None
    """A branch, made if it is not there. None: the main one."""
    remove_others: bool = False
    """Remove the datasets and cards that are there but not in the repository sent; otherwise they are a reason to
    refuse."""


@dataclass(frozen=True)
class Sent:
    url: str
    commit: str
    created: bool
    """Whether the repository is new."""
    unchanged: bool
    """Whether everything was there already, so that no commit was made."""
    removed: int


def send(repository: Repository, target: Target) -> Sent:
    """Make the repository on the Hub hold exactly these datasets and cards; other files of it are left alone.

    Raises:
        PublishingError: in one sentence, what is in the way. What was sent until then is not sent again.
    """
    check_name(repository.name)
    api = HfApi(library_name="persona_assets", library_version=package_version())
    with explaining(repository.name):
        api.whoami()
        created = _prepare(api, repository.name, target)
        others = [] if created else _find_others(api, repository, target)
        if others and not target.remove_others:
            raise PublishingError(_describe_others(repository.name, others))
        before = api.repo_info(repository.name, repo_type=DATASET, revision=target.revision).sha
        additions = _list_additions(repository)
        commit = api.create_commit(
            repository.name,
            [*additions, *(CommitOperationDelete(path, is_folder=False) for path in others)],
            commit_message=f"{count(len(repository.datasets), 'dataset')}, {count(repository.rows, 'row')}",
            repo_type=DATASET,
            revision=target.revision,
        )
    _refuse_changed(repository, additions)
    url = f"{api.endpoint}/datasets/{repository.name}"
    return Sent(url, commit.oid, created, commit.oid == before, len(others))


def check_name(name: str) -> None:
    """Refuse what is no full name of a repository.

    Raises:
        PublishingError: it is not OWNER/NAME.
    """
    if name.count("/") != 1:
        raise PublishingError(f"{name!r} is no full name of a repository; write OWNER/NAME, such as me/personas")
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise PublishingError(f"{name!r} is no name of a repository: {error}") from error


def _prepare(api: HfApi, name: str, target: Target) -> bool:
    """Make the repository and the branch if they are not there. Returns whether the repository is new."""
    created = not api.repo_exists(name, repo_type=DATASET)
    if created:
        for other in OTHER_TYPES:
            if api.repo_exists(name, repo_type=other):
                raise PublishingError(f"{name} is a {other} on the Hugging Face Hub; name another repository")
        api.create_repo(name, repo_type=DATASET, private=target.private, exist_ok=True)
    elif target.private and not api.repo_info(name, repo_type=DATASET).private:
        raise PublishingError(
            f"{name} is there already and is public; make it private in its settings on the Hub, or push without "
            "--private"
        )
    if target.revision and not api.revision_exists(name, target.revision, repo_type=DATASET):
        api.create_branch(name, branch=target.revision, repo_type=DATASET)
    return created


def _find_others(api: HfApi, repository: Repository, target: Target) -> list[str]:
    """Datasets and cards that are there, but not in the repository that is sent."""
    there = api.list_repo_files(repository.name, repo_type=DATASET, revision=target.revision)
    ours = set(repository.paths)
    return sorted(path for path in there if path.startswith(OWN_FOLDERS) and path not in ours)


def _describe_others(name: str, others: Sequence[str]) -> str:
    held = f"{count(len(others), 'file')} that the new front page would not name ({name_first(others, len(others))})"
    return f"{name} holds {held}; choose their keys too, or remove the files with --remove-others"


def _list_additions(repository: Repository) -> list[CommitOperationAdd]:
    files = [CommitOperationAdd(one.path_in_repository, one.file) for one in repository.datasets]
    return [*files, *(CommitOperationAdd(path, content) for path, content in repository.pages.items())]


def _refuse_changed(repository: Repository, additions: Sequence[CommitOperationAdd]) -> None:
    """Refuse to call it done if a file was replaced between the making of its card and its sending."""
    sent = {one.path_in_repo: one.upload_info.sha256.hex() for one in additions}
    changed = [str(one.key) for one in repository.datasets if sent[one.path_in_repository] != one.content.sha256]
    if changed:
        raise PublishingError(
            f"{name_first(changed, len(changed))} changed while it was sent, so that its card is out of date; "
            "push again"
        )
