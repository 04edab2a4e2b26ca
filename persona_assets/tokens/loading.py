"""Getting a model's tokenizer, from the Hub or a local folder, and saying which one it was."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from persona_assets.errors import TokenizerError
from persona_assets.memory import release_memory
from persona_assets.regular_files import check_regular_in, read_regular
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings
from persona_assets.store.file_stamps import FileStamp, SeenFiles
from persona_assets.template_arguments import Arguments
from persona_assets.tokens.encoding import Encoder, choose_encoder
from persona_assets.tokens.finding import FoundTokenizer, find_tokenizer
from persona_assets.tokens.identity import TOKENIZER_FILE, TokenizerIdentity
from persona_assets.tokens.rendering import Rendering, prepare_rendering
from persona_assets.tokens.template_date import FIXED_DATE, asks_for_date
from persona_assets.tokens.template_variables import refuse_unused_arguments

MOST_CONFIGURATION_BYTES = 2**26
"""Far more than any configuration has."""


@dataclass(frozen=True)
class ModelTokenizer:
    identity: TokenizerIdentity
    tokenizer: PreTrainedTokenizerBase
    rendering: Rendering
    encoder: Encoder


def load_tokenizer(model: str, settings: Settings) -> ModelTokenizer:
    """Load the tokenizer configured for ``model``. The last one is kept in memory.

    Raises:
        TokenizerError: none is configured, it cannot be had, or it has no chat template.
        SettingsError: an argument is configured that its chat template does not use.
    """
    tokenizer_id = settings.models.get(model)
    if tokenizer_id is None:
        raise TokenizerError(
            f"no tokenizer is configured for model {model!r}: write a line like "
            f'"{model}" = "organisation/name" under [models] in {settings.workspace / SETTINGS_FILE}'
        )
    arguments = settings.chat_template_arguments.get(model, {})
    found = find_tokenizer(tokenizer_id, settings.tokenizers)
    stamps = frozenset(SeenFiles.look(found.list_files()).items())
    wanted = (tokenizer_id, stamps, json.dumps(arguments, sort_keys=True))
    if wanted not in _last_loaded:
        # A tokenizer takes 110-330 MB, and keys are sorted by model, so the last one is released first.
        _last_loaded.clear()
        release_memory()
        _last_loaded[wanted] = _load(tokenizer_id, found, arguments)
    loaded = _last_loaded[wanted]
    refuse_unused_arguments(loaded.rendering, model, tokenizer_id)
    return loaded


_last_loaded: dict[tuple[str, frozenset[tuple[str, FileStamp]], str], ModelTokenizer] = {}
"""By id, the stamps of the files, and the arguments of the chat template."""


def _load(tokenizer_id: str, found: FoundTokenizer, arguments: Arguments) -> ModelTokenizer:
    _refuse_code(tokenizer_id, found.folder)
    try:
        check_regular_in(found.folder)
        tokenizer = AutoTokenizer.from_pretrained(str(found.folder), local_files_only=True, trust_remote_code=False)
        template = tokenizer.get_chat_template()
    except Exception as error:
        raise TokenizerError(
            f"tokenizer {tokenizer_id} in {found.folder} cannot be loaded: {error}; fetch its files again"
        ) from error
    if not tokenizer.is_fast:
        raise TokenizerError(f"tokenizer {tokenizer_id} in {found.folder} has no {TOKENIZER_FILE}; fetch it again")
    # A tokenizer file may keep truncation and padding from its training, which would falsify counts.
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    identity = TokenizerIdentity(
        id=tokenizer_id,
        source=found.source,
        revision=found.revision,
        tokenizer_sha256=hashlib.sha256((found.folder / TOKENIZER_FILE).read_bytes()).hexdigest(),
        chat_template_sha256=hashlib.sha256(template.encode()).hexdigest(),
        fixed_date=FIXED_DATE if asks_for_date(template) else None,
        chat_template_arguments=arguments,
    )
    rendering = prepare_rendering(tokenizer, arguments)
    _forget_python_vocabulary(tokenizer)
    release_memory()  # before the encoder takes as much as loading took
    encoder = choose_encoder(tokenizer.backend_tokenizer)
    release_memory()
    return ModelTokenizer(identity, tokenizer, rendering, encoder)


def _refuse_code(tokenizer_id: str, folder: Path) -> None:
    """Refuse a tokenizer that comes with Python code. transformers would offer to run it, or use a built-in class
    that may count differently. Code that is only for the model does not matter.
    """
    for file in sorted(folder.glob("*config.json")):
        try:
            configuration = json.loads(read_regular(file, MOST_CONFIGURATION_BYTES))
        except (OSError, ValueError):
            continue  # transformers says what is wrong with a file that it needs
        auto_map = configuration.get("auto_map") if isinstance(configuration, dict) else None
        if auto_map.get("AutoTokenizer") if isinstance(auto_map, dict) else auto_map:
            raise TokenizerError(
                f"tokenizer {tokenizer_id} in {folder} wants to run code of its own (auto_map in {file.name}), which "
                "is never done; remove auto_map if the tokenizer counts alike without it, or use another one"
            )


def _forget_python_vocabulary(tokenizer: PreTrainedTokenizerBase) -> None:
    """Clear the lists that a tokenizer was made from. Some classes keep them only to save it (105 MB for Gemma)."""
    for name in ("_vocab", "_merges"):
        if isinstance(kept := getattr(tokenizer, name, None), dict | list):
            kept.clear()
