"""The code location as the UI knows it, and the runs that belong to it.

The UI lists a run on its pages of jobs and on its timeline only if the run says which code location its job is from.
Dagster writes that into the runs it launches itself, but not into those that a program executes.
"""

import sys

import dagster as dg
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

CODE_LOCATION = "persona_assets.definitions"
"""Also the module from which it is loaded."""
_REPOSITORY = "__repository__"
"""What Dagster calls the definitions of a module."""


def page_of_job(job: str) -> str:
    """The path of a job's page in the UI."""
    return f"/locations/{CODE_LOCATION}/jobs/{job}"


def add_to_code_location(instance: dg.DagsterInstance, run_id: str) -> None:
    """Write into a run which code location its job is from, unless that is known."""
    run = instance.get_run_by_id(run_id)
    if run is None or run.remote_job_origin:
        return
    origin = _origin_of(run.job_name)
    tags = {REPOSITORY_LABEL_TAG: origin.repository_origin.get_label()}
    instance.add_run_tags(run_id, tags)
    instance.run_storage.replace_job_origin(run.with_tags({**run.tags, **tags}), origin)


def _origin_of(job: str) -> RemoteJobOrigin:
    module = LoadableTargetOrigin(executable_path=sys.executable, module_name=CODE_LOCATION)
    location = ManagedGrpcPythonEnvCodeLocationOrigin(module, CODE_LOCATION)
    return RemoteRepositoryOrigin(location, _REPOSITORY).get_job_origin(job)
