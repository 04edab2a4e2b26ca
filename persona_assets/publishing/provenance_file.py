"""``provenance.json``: what every published file was made from, for programs. It names no path of any machine."""

from collections.abc import Mapping, Sequence

import msgspec

from persona_assets.publishing.facts import DatasetFacts
from persona_assets.stage.records import CodeRecord
from persona_assets.tokens.identity import TokenizerIdentity


class DatasetProvenance(msgspec.Struct, frozen=True):
    """One dataset."""

    path: str
    """In the repository."""
    size_bytes: int
    sha256: str
    rows: int
    raw_layout: str
    raw_files: Mapping[str, str]
    """SHA-256 by the name that the raw layout gives the file."""
    raw_lines: int
    quarantined: Mapping[str, int]
    code: Mapping[str, CodeRecord]
    """Which code made it, by stage."""
    tokenizer: TokenizerIdentity
    """Which counted the tokens that the cards tell of."""
    warned: Sequence[str]


def encode_provenance(datasets: Sequence[DatasetFacts]) -> bytes:
    """The datasets by configuration, as indented JSON."""
    described = {str(one.key): _describe(one) for one in datasets}
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"


def _describe(facts: DatasetFacts) -> DatasetProvenance:
    return DatasetProvenance(
        facts.path_in_repository,
        facts.content.size_bytes,
        facts.content.sha256,
        facts.rows,
        facts.layout,
        facts.raw_files,
        facts.raw_lines,
        facts.quarantined,
        facts.code,
        facts.tokenizer,
        facts.warned,
    )
