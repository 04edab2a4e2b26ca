"""The tokenizer of each model: configured, there, and loadable. Nothing is fetched."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from tokenizers import Tokenizer

from persona_assets.cli.examination.findings import Finding, problem, warning, well
from persona_assets.errors import TokenizerError
from persona_assets.regular_files import check_regular
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings
from persona_assets.suggestions import suggest
from persona_assets.tokens.finding import find_tokenizer
from persona_assets.tokens.identity import TOKENIZER_FILE

SUBJECT = "tokenizer"
_CONFIGURATION = "tokenizer_config.json"
_TEMPLATES = ("chat_template.jinja", "chat_template.json")


def examine_tokenizers(settings: Settings, models: Iterable[str]) -> Iterator[Finding]:
    """One finding for each model."""
    for model in models:
        yield _examine(settings, model)


def _examine(settings: Settings, model: str) -> Finding:
    tokenizer_id = settings.models.get(model)
    if tokenizer_id is None:
        return problem(
            SUBJECT,
            f"{model}: none is configured{suggest(model, settings.models)}; write a line like "
            f'"{model}" = "organisation/name" under [models] in {settings.workspace / SETTINGS_FILE}',
        )
    named = f"{model}: {tokenizer_id}"
    try:
        folder = _find_folder(tokenizer_id, settings)
    except TokenizerError as error:
        return problem(SUBJECT, f"{model}: {error}")
    if folder is None:
        return warning(
            SUBJECT,
            f"{named} is not on this machine yet, and is fetched from the Hugging Face Hub when it is first needed "
            "(a gated one needs HF_TOKEN); or set PERSONA_TOKENIZERS to a folder that has it",
        )
    if fault := _find_fault(folder):
        return problem(SUBJECT, f"{named} in {folder} {fault}; fetch its files again")
    return well(SUBJECT, f"{named} in {folder} loads, and has a chat template")


def _find_folder(tokenizer_id: str, settings: Settings) -> Path | None:
    """Where its files are; None if they are still to be fetched."""
    if settings.tokenizers or tokenizer_id == SAMPLE_TOKENIZER:
        return find_tokenizer(tokenizer_id, settings.tokenizers).folder
    try:
        cached = try_to_load_from_cache(tokenizer_id, TOKENIZER_FILE)
    except ValueError as error:  # the library's word for an id that cannot be one
        raise TokenizerError(f"tokenizer {tokenizer_id!r}: {error}; correct it under [models]") from error
    return Path(cached).parent if isinstance(cached, str) else None


def _find_fault(folder: Path) -> str | None:
    try:
        check_regular(folder / TOKENIZER_FILE)
        Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # noqa: BLE001 - the library raises bare exceptions
        return f"cannot be loaded ({error})"
    try:
        has_template = any((folder / name).is_file() for name in _TEMPLATES) or _is_configured(folder)
    except (OSError, ValueError) as error:
        return f"has a {_CONFIGURATION} that cannot be read ({error})"
    return None if has_template else "has no chat template"


def _is_configured(folder: Path) -> bool:
    path = folder / _CONFIGURATION
    check_regular(path)
    configuration = json.loads(path.read_bytes())
    return isinstance(configuration, dict) and bool(configuration.get("chat_template"))
