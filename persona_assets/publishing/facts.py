"""What is known of a dataset that is published: its file, its rows, and what it was made from."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import Producer
from persona_assets.keys import DatasetKey
from persona_assets.publishing.row_signs import RowSigns, read_row_signs
from persona_assets.run.last_outcome import read_last_outcome
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.records import CodeRecord
from persona_assets.stages.parquet_export.spec import PARQUET_EXPORT, PARQUET_FILE
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS
from persona_assets.stages.registry import list_stages
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.stages.token_stats.statistics_file import read_statistics
from persona_assets.store.content import Content
from persona_assets.tokens.identity import TokenizerIdentity
from persona_assets.workspace import Workspace

_PUBLISHED = frozenset(stage.name for stage in (RAW_CONVERSATIONS, SCORED_DATASET, PARQUET_EXPORT, TOKEN_STATS))
"""The stages whose findings are published."""


@dataclass(frozen=True)
class DatasetFacts:
    """One dataset: the file as it will be sent, and everything that its card says of it."""

    key: DatasetKey
    file: Path
    content: Content
    signs: RowSigns
    tokens: int
    answer_tokens: int
    uncounted: int
    """Rows that the chat template refuses, which have no counts."""
    tokenizer: TokenizerIdentity
    """Which counted them."""
    raw_lines: int
    quarantined: Mapping[str, int]
    """Raw lines that did not become rows, by reason."""
    layout: str
    raw_files: Mapping[str, str]
    """SHA-256 by the name that the raw layout gives the file."""
    code: Mapping[str, CodeRecord]
    """Which code made it, by stage."""
    warned: tuple[str, ...]
    """The checks that warned."""

    @property
    def rows(self) -> int:
        return sum(self.signs.labels.values())

    @property
    def path_in_repository(self) -> str:
        return f"data/{self.key.model}/{self.key.kind.plural}/{self.key.persona}.parquet"


def read_facts(workspace: Workspace, key: DatasetKey) -> DatasetFacts:
    """Read everything about the dataset of ``key``, and compare its file with the manifest.

    Raises:
        MissingInputError: something of it was not made.
        InconsistentOutputError: a record is damaged, or the file is not the one that was made.
    """
    manifest = Manifest.read(workspace.manifest(key), key, list_stages())
    raw, scored = manifest.get(RAW_CONVERSATIONS), manifest.get(SCORED_DATASET)
    file, producer = PARQUET_FILE.path(workspace.root, key), Producer(PARQUET_EXPORT.name, key)
    statistics = read_statistics(workspace.root, key)
    recorded = manifest.get(PARQUET_EXPORT).outputs.get(str(file.relative_to(workspace.root)))
    return DatasetFacts(
        key,
        file,
        _read_content(file, recorded, producer),
        read_row_signs(file, producer),
        tokens=statistics.all.tokens,
        answer_tokens=statistics.all.assistant_tokens,
        uncounted=statistics.refused_by_template,
        tokenizer=statistics.tokenizer,
        raw_lines=raw.ledger.lines,
        quarantined=raw.ledger.quarantined,
        layout=raw.inputs.layout,
        raw_files=scored.inputs.files,
        code={stage: record.code for stage, record in manifest.records.items() if stage in _PUBLISHED},
        warned=tuple(sorted(read_last_outcome(workspace, key).failed_checks(severe=False))),
    )


def add_up(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sums by name, the largest first."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _read_content(file: Path, recorded: Content | None, producer: Producer) -> Content:
    try:
        content = Content.of(file)
    except FileNotFoundError as error:
        raise producer.missing(f"{file} is not there", file) from error
    except OSError as error:
        raise producer.inconsistent(f"{file} cannot be read: {error.strerror}", file) from error
    if content != recorded:
        raise producer.inconsistent(f"{file} is not, byte for byte, what was made", file)
    return content
