"""Where the settings come from."""

from collections.abc import Iterator

from persona_assets.cli.examination.findings import Finding, warning, well
from persona_assets.setting_names import ENV_PREFIX, SETTINGS_FILE
from persona_assets.settings import Settings, list_variables

SUBJECT = "settings"


def examine_settings(settings: Settings) -> Iterator[Finding]:
    """The file, and the variables that are settings or look as if they were."""
    file = settings.workspace / SETTINGS_FILE
    yield well(SUBJECT, f"{file} is read" if file.exists() else f"{file} is not there; the defaults hold")
    known, unknown = list_variables()
    yield well(SUBJECT, f"from the environment: {', '.join(known) or 'none'}")
    if unknown:
        yield warning(
            SUBJECT,
            f"{', '.join(unknown)}: no setting is called so, so that it is ignored; unset it if another program does "
            f"not need it, or see docs/settings.md for the {ENV_PREFIX}* variables that there are",
        )
