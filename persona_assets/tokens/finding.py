"""Finding a model's tokenizer files: on the Hub, or in a local folder."""

from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import TokenizerError
from persona_assets.sample import SAMPLE_TOKENIZER, SAMPLE_TOKENIZER_FOLDER
from persona_assets.tokens.identity import TOKENIZER_FILE


@dataclass(frozen=True)
class FoundTokenizer:
    """Where a tokenizer's files are, and which source they are from; see ``TokenizerIdentity``."""

    folder: Path
    source: str
    revision: str | None

    def list_files(self) -> list[Path]:
        """Everything that may decide how texts are counted, and the folder itself, which changes with its entries."""
        return [self.folder, *sorted(self.folder.iterdir())]


def find_tokenizer(tokenizer_id: str, folder: Path | None) -> FoundTokenizer:
    """Find the files of ``tokenizer_id`` in ``folder`` or, without one, on the Hub, once in a process.

    Raises:
        TokenizerError: they are not there, or not to be had.
    """
    if tokenizer_id == SAMPLE_TOKENIZER:
        return FoundTokenizer(SAMPLE_TOKENIZER_FOLDER, "sample", None)
    if folder is None:
        from persona_assets.tokens.hub import download_tokenizer  # imports take a while

        downloaded = download_tokenizer(tokenizer_id)
        return FoundTokenizer(downloaded, "hub", downloaded.name)
    local = folder / tokenizer_id.rsplit("/", 1)[-1]
    if not (local / TOKENIZER_FILE).is_file():
        raise TokenizerError(
            f"tokenizer {tokenizer_id}: {local / TOKENIZER_FILE} is not there; put the tokenizer's files into "
            f"{local}, or unset PERSONA_TOKENIZERS to take it from the Hugging Face Hub"
        )
    return FoundTokenizer(local, "folder", None)
