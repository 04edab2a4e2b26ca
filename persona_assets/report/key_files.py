"""What the workspace holds of one key, each file read once. What is missing or damaged is said, not raised."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec
import pyarrow as pa

from persona_assets.errors import MissingInputError, PersonaAssetsError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.regular_files import check_regular, open_regular
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome
from persona_assets.stage.manifest import Manifest
from persona_assets.stages.conversation_signs.schema import FLAGS, IDENTITY
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS, SIGNS
from persona_assets.stages.raw_conversations.spec import QUARANTINE
from persona_assets.stages.registry import list_stages
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER, SCORED_DATASET
from persona_assets.stages.token_stats.spec import COUNTS, TOKEN_STATS
from persona_assets.store.parquet import read_parquet
from persona_assets.store.saved_datasets import ROWS
from persona_assets.store.splits import SPLIT
from persona_assets.workspace import Workspace

MOST_QUARANTINED = 200
"""Most quarantined lines that a page shows; the file has all of them."""
_OF_DATASET = (
    *("system_prompt", "question", "messages"),
    *("label", "prompt_index", "question_index", "extract_score", "score_status"),
)
_OF_COUNTS = ("tokens", "assistant_tokens")
_OF_SIGNS = ("form", "truncated", "near_duplicate_of", *FLAGS)
"""The columns that the report reads; tables of another version may lack some."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class KeyFiles:
    """The files of one key. Counts and signs are there only if they are of the rows of the dataset."""

    key: DatasetKey
    manifest: Manifest
    outcome: LastOutcome
    dataset: pa.Table | None = None
    counts: pa.Table | None = None
    signs: pa.Table | None = None
    quarantined: tuple[QuarantinedLine, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass
class _Reading:
    """Reads what it can, and keeps the messages about the rest."""

    problems: list[str] = field(default_factory=list)

    def try_to(self, read: Callable[[], Found], otherwise: Found) -> Found:
        try:
            return read()
        except MissingInputError:
            return otherwise
        except (PersonaAssetsError, OSError, pa.ArrowException, msgspec.MsgspecError) as error:
            self.problems.append(str(error))
            return otherwise


def read_key(workspace: Workspace, key: DatasetKey) -> KeyFiles:
    """Read everything that a page shows of ``key``."""
    reading = _Reading()
    path = workspace.manifest(key)
    manifest = reading.try_to(lambda: Manifest.read(path, key, list_stages()), Manifest(path, key))
    outcome = reading.try_to(lambda: read_last_outcome(workspace, key), LastOutcome())
    dataset = reading.try_to(lambda: map_dataset(workspace, key), None)
    counts = reading.try_to(lambda: _read_table(COUNTS.path(workspace.root, key), TOKEN_STATS.name, key), None)
    signs = reading.try_to(lambda: _read_table(SIGNS.path(workspace.root, key), CONVERSATION_SIGNS.name, key), None)
    none: tuple[QuarantinedLine, ...] = ()
    quarantined = reading.try_to(lambda: _read_quarantine(QUARANTINE.path(workspace.root, key)), none)
    return KeyFiles(
        key,
        manifest,
        outcome,
        dataset,
        counts if _describes(counts, dataset, _OF_COUNTS) else None,
        signs if _describes(signs, dataset, _OF_SIGNS) else None,
        quarantined,
        tuple(reading.problems),
    )


def map_dataset(workspace: Workspace, key: DatasetKey) -> pa.Table | None:
    """The rows of a dataset, mapped into memory so that only the rows looked at are read; None if it was not made."""
    path = DATASET_FOLDER.path(workspace.root, key) / SPLIT / ROWS
    try:
        check_regular(path)
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as stream:
            table = stream.read_all()
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        raise Producer(SCORED_DATASET.name, key).inconsistent(f"{path} cannot be read: {error}", path) from error
    if missing := [name for name in _OF_DATASET if name not in table.column_names]:
        raise Producer(SCORED_DATASET.name, key).inconsistent(f"{path} lacks {', '.join(missing)}", path)
    return table


def _read_table(path: Path, stage: str, key: DatasetKey) -> pa.Table | None:
    return read_parquet(path, Producer(stage, key)) if path.exists() else None


def _describes(table: pa.Table | None, dataset: pa.Table | None, needed: Sequence[str]) -> bool:
    """Whether ``table`` has the columns needed, and a row for each row of ``dataset``, in its order."""
    if table is None or dataset is None or table.num_rows != dataset.num_rows:
        return False
    shared = [name for name in IDENTITY if name in dataset.column_names]
    if not {*shared, *needed} <= set(table.column_names):
        return False
    return all(table[name].equals(dataset[name]) for name in shared)


def _read_quarantine(path: Path) -> tuple[QuarantinedLine, ...]:
    try:
        with open_regular(path) as file:
            lines = islice(file, MOST_QUARANTINED)
            return tuple(msgspec.json.decode(line, type=QuarantinedLine) for line in lines)
    except FileNotFoundError:
        return ()
