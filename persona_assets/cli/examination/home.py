"""Dagster's home: where it is, and whether Dagster can work there."""

import os
from collections.abc import Iterator

from persona_assets.cli.examination.findings import Finding, problem, warning, well
from persona_assets.dagster_runtime.database_heads import check_heads
from persona_assets.dagster_runtime.homes import HOME_VARIABLE, Home
from persona_assets.errors import PersonaAssetsError
from persona_assets.workspace import Workspace

SUBJECT = HOME_VARIABLE


def examine_home(workspace: Workspace) -> Iterator[Finding]:
    """Its path, its rights and the revisions of its databases. Nothing is made."""
    home = Home.of(workspace)
    try:
        home.check()
        check_heads(home.path)
    except PersonaAssetsError as error:
        yield problem(SUBJECT, str(error))
        return
    if home.path.exists() and not os.access(home.path, os.W_OK | os.X_OK):
        say = warning if home.is_own else problem  # as bad as a workspace that may not be written, which is its place
        yield say(
            SUBJECT,
            f"{home.path} may not be written by this user, so that no run can be recorded; set {HOME_VARIABLE} to a "
            "folder that may",
        )
    elif home.is_own:
        state = "is there" if home.path.exists() else "is made by the first command that needs it"
        yield well(SUBJECT, f"{home.path}, in the workspace, {state}")
    else:
        yield warning(
            SUBJECT,
            f"{home.setting} is used in place of the workspace's own home, with its own settings: 'A Dagster home of "
            f"your own' in docs/scaling.md says what that costs. Unset it to use {workspace.dagster_home}",
        )
