"""``export.json``: from what the files of an export were made, and what was left out of them."""

import msgspec

from persona_assets.store.content import Content
from persona_assets.store.file_provenance import Provenance
from persona_assets.tokens.identity import TokenizerIdentity

MANIFEST = "export.json"


class ExportedKey(msgspec.Struct, frozen=True):
    """What was made of one key."""

    datasets: dict[str, str]
    """The fingerprint of every dataset that rows are from, by name."""
    pairs_version: str | None
    """The data version of the index of pairs; None for a format that holds no pairs."""
    tokenizer: TokenizerIdentity | None
    """What rendered the texts; None if they are as they are in the dataset."""
    candidates: int
    """Pairs in the index, or rows of the dataset."""
    chosen: int
    """Those that the rule keeps."""
    written: int
    left_out: dict[str, int]
    """Of those chosen, by reason."""
    unmatched: int
    """Rows with the persona that are in no pair, because none answers the same question."""
    other_question: int
    """Rows with the persona that are in no pair, because the counterpart answers another question."""
    remarks: list[str]
    files: dict[str, Content]
    """By path below the folder of the export."""


class ExportRule(msgspec.Struct, frozen=True):
    """The rule by which pairs were chosen."""

    name: str
    condition: str


class ExportManifest(msgspec.Struct, frozen=True):
    """The whole export."""

    metadata: Provenance
    format: str
    rule: ExportRule | None
    whole_turn: bool
    keys: dict[str, ExportedKey]
    left_out: dict[str, str]
    """Keys of which nothing was written, and why."""

    @property
    def files(self) -> dict[str, Content]:
        return {path: content for key in self.keys.values() for path, content in key.files.items()}
