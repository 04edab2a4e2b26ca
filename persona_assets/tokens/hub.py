"""Fetching tokenizer files from the Hugging Face Hub."""

from functools import cache
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HFValidationError, RepositoryNotFoundError

from persona_assets.errors import HubUnreachableError, TokenizerError
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.tokens.identity import TOKENIZER_FILE

_HUB_FILES = [
    TOKENIZER_FILE,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.*",
]


@cache
def download_tokenizer(tokenizer_id: str) -> Path:
    """Fetch the newest files of ``tokenizer_id``, once in a process; the folder they are in is named like the commit.

    Raises:
        TokenizerError: they are not to be had.
        HubUnreachableError: the Hub does not answer.
    """
    local_way = f"or set PERSONA_TOKENIZERS to a folder that holds {tokenizer_id.rsplit('/', 1)[-1]}/{TOKENIZER_FILE}"
    try:
        folder = Path(snapshot_download(tokenizer_id, allow_patterns=_HUB_FILES))
    except GatedRepoError as error:
        raise TokenizerError(
            f"tokenizer {tokenizer_id} is gated: accept its licence on its Hub page and set HF_TOKEN to a token "
            f"that may read it, {local_way}"
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise TokenizerError(
            f"tokenizer {tokenizer_id} is not on the Hugging Face Hub; correct its id under [models] in "
            f"{SETTINGS_FILE} (a private one needs HF_TOKEN), {local_way}"
        ) from error
    except (HfHubHTTPError, OSError) as error:
        kind = TokenizerError if _is_refusal(error) else HubUnreachableError
        raise kind(
            f"tokenizer {tokenizer_id} cannot be fetched from the Hugging Face Hub ({type(error).__name__}); "
            f"check the network and HF_TOKEN, {local_way}"
        ) from error
    return folder


def _is_refusal(error: Exception) -> bool:
    """Whether the Hub answered, and would answer the same again."""
    return (
        isinstance(error, HfHubHTTPError)
        and 400 <= error.response.status_code < 500
        and (error.response.status_code not in (408, 429))
    )
