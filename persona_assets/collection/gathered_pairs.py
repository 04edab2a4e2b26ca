"""``persona_pairs.parquet``, the pairs of all keys as one table, and which keys are ready, by which rule."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import asdict

from persona_assets.collection.current_pairs import KeyPairs, read_current_pairs
from persona_assets.errors import Producer
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets.pairs.readiness import Coverage, Minimum, Readiness, assess, none_kept
from persona_assets.pairs.rules import PairRule
from persona_assets.settings import Settings
from persona_assets.store.file_provenance import Provenance
from persona_assets.store.ownership import owning
from persona_assets.store.parquet import write_parquet
from persona_assets.store.records import write_record
from persona_assets.store.replacement import replacing
from persona_assets.workspace import Workspace

PRODUCER = Producer("persona_pairs", "all keys")
KEYS_AT_ONCE = 64
"""A query costs as much for one key as for many, and memory for these is little."""

_WHOLE_NUMBERS = [field.name for field in INDEX_SCHEMA if pa.types.is_integer(field.type)]
_OTHERS = [field.name for field in INDEX_SCHEMA if field.name not in _WHOLE_NUMBERS]

READINESS_SCHEMA = pa.schema(
    {
        "dataset": pa.string(),
        "model": pa.string(),
        "kind": pa.string(),
        "persona": pa.string(),
        "rule": pa.string(),
        "ready": pa.bool_(),
        "pairs": pa.int64(),
        "answer_tokens": pa.int64(),
        "uncounted": pa.int64(),
        "problem": pa.string(),
        "matched": pa.int64(),
        "unmatched": pa.int64(),
        "baseline": pa.string(),
    }
)
"""A row per key and rule. ``matched`` and ``unmatched`` are pairs and rows whatever their scores."""


class KeyReadiness(msgspec.Struct, frozen=True):
    """How ready one key is."""

    coverage: Coverage
    rules: dict[str, Readiness]


class ReadinessReport(msgspec.Struct, frozen=True):
    """``persona_readiness.json``."""

    metadata: Provenance
    minimum: Minimum
    rules: dict[str, str]
    """The condition of every rule."""
    keys: dict[str, KeyReadiness]
    ready_in_all_models: dict[str, dict[str, list[str]]]
    """By rule and kind, the personas that are ready in every model that has keys of the kind."""
    left_out: dict[str, str]
    """Keys without current pairs, and why."""


@dataclass(frozen=True)
class PairsWritten:
    pairs: int
    keys: int
    ready: Mapping[str, int]
    """By rule, how many keys are ready."""
    left_out: Mapping[str, str]


@dataclass
class _Gathered:
    """What has been read so far."""

    settings: Settings
    rules: Sequence[PairRule]
    pairs: int = 0
    keys: dict[str, KeyReadiness] = field(default_factory=dict)

    @property
    def minimum(self) -> Minimum:
        return Minimum(self.settings.ready_pairs, self.settings.ready_answer_tokens)

    def add(self, found: Sequence[KeyPairs]) -> None:
        assessed = assess(pa.concat_tables([one.index for one in found]), self.rules, self.minimum)
        for one in (one for one in found if not one.is_baseline):
            by_rule = assessed.get(str(one.key), {})
            readiness = {rule.name: by_rule.get(rule.name, none_kept(self.minimum)) for rule in self.rules}
            self.keys[str(one.key)] = KeyReadiness(one.coverage, readiness)
            self.pairs += one.index.num_rows


def write_pairs(settings: Settings, keys: Iterable[DatasetKey]) -> PairsWritten:
    """Gather the pairs of ``keys`` into one table, and write which keys are ready: as JSON, as a table and as a list.

    Raises:
        SettingsError: a rule is not a condition over the columns of the index; nothing is written.
    """
    rules = [PairRule(name, condition) for name, condition in settings.pair_rules.items()]
    for rule in rules:
        rule.check()
    workspace, left_out = Workspace.of(settings), dict[str, str]()
    gathered, ownership = _Gathered(settings, rules), workspace.corpus_ownership
    with owning(ownership), replacing(ownership.journal) as replacement:
        current = read_current_pairs(settings, keys, left_out)
        _write_table(replacement.file(workspace.pairs_table), current, gathered)
        write_record(replacement.file(workspace.readiness_file), _report(gathered, left_out))
        write_parquet(replacement.file(workspace.readiness_table), _tabulate(gathered.keys))
        replacement.file(workspace.ready_list).write_text(_list_ready(gathered.keys), encoding="utf-8")
    ready = {rule.name: sum(one.rules[rule.name].ready for one in gathered.keys.values()) for rule in gathered.rules}
    return PairsWritten(gathered.pairs, len(gathered.keys), ready, left_out)


def _write_table(path: Path, current: Iterator[KeyPairs], gathered: _Gathered) -> None:
    with pq.ParquetWriter(
        path,
        INDEX_SCHEMA,
        compression="zstd",
        compression_level=9,
        use_dictionary=_OTHERS,
        column_encoding=dict.fromkeys(_WHOLE_NUMBERS, "DELTA_BINARY_PACKED"),  # a third less than as dictionaries
    ) as writer:
        while found := list(islice(current, KEYS_AT_ONCE)):
            gathered.add(found)
            for one in found:
                if one.index.num_rows:
                    writer.write_table(one.index, row_group_size=one.index.num_rows)


def _report(gathered: _Gathered, left_out: dict[str, str]) -> ReadinessReport:
    return ReadinessReport(
        Provenance.now(),
        gathered.minimum,
        {rule.name: rule.predicate for rule in gathered.rules},
        gathered.keys,
        {rule.name: _list_survivors(gathered.keys, rule.name) for rule in gathered.rules},
        left_out,
    )


def _list_survivors(keys: Mapping[str, KeyReadiness], rule: str) -> dict[str, list[str]]:
    survivors = {}
    for kind in KINDS.values():
        models, ready = set[str](), defaultdict[str, set[str]](set)
        for name, found in keys.items():
            key = DatasetKey.parse(name)
            if key.kind == kind:
                models.add(key.model)
                ready[key.persona] |= {key.model} if found.rules[rule].ready else set()
        survivors[kind.name] = sorted(persona for persona, in_models in ready.items() if in_models == models)
    return survivors


def _tabulate(keys: Mapping[str, KeyReadiness]) -> pa.Table:
    rows = [
        {
            **dict(zip(("model", "kind", "persona"), _parts(name), strict=True)),
            **{"dataset": name, "rule": rule, "matched": found.coverage.pairs},
            **{"unmatched": found.coverage.unmatched, "baseline": found.coverage.baseline},
            **asdict(readiness),
        }
        for name, found in keys.items()
        for rule, readiness in found.rules.items()
    ]
    return pa.Table.from_pylist(rows, schema=READINESS_SCHEMA)


def _parts(name: str) -> tuple[str, str, str]:
    key = DatasetKey.parse(name)
    return key.model, key.kind_name, key.persona


def _list_ready(keys: Mapping[str, KeyReadiness]) -> str:
    lines = [f"{rule} {name}" for name, found in keys.items() for rule, one in found.rules.items() if one.ready]
    return "".join(f"{line}\n" for line in sorted(lines))
