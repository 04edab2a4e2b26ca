"""Three sorts of Parquet tables for each model, any of which may hold many roles.

    rollouts_{what}.parquet                role, instruction_idx, instruction_text, question_idx, question_text
    responses_{what}_{model}.parquet       rollout_idx, model, prompt, response, finish_reason, tokens_generated
    evaluations_{what}_{model}.parquet     response_idx, score, raw_judge_response

``rollout_idx`` and ``response_idx`` are numbers of rows in the other tables, from 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile
from persona_assets.raw.layouts.contract import KeyFiles, RawLayout, RawRecord, ScoreEntry
from persona_assets.raw.layouts.rollout_tables import search
from persona_assets.raw.layouts.rollout_tables.names import (
    BASELINE,
    EVALUATIONS,
    PERSONA,
    RESPONSES,
    ROLLOUTS,
    SIGNS,
    SUFFIX,
    group,
    sort_of,
)
from persona_assets.raw.layouts.rollout_tables.parquet_tables import Table, read_table
from persona_assets.raw.layouts.rollout_tables.rows import (
    RESPONSE_COLUMNS,
    ROLLOUT_COLUMNS,
    excerpt,
    parse_responses,
)
from persona_assets.raw.layouts.rollout_tables.scores import EVALUATION_COLUMNS, JUDGED_COLUMNS, judge_responses
from persona_assets.raw.rows import RowRules
from persona_assets.settings import Settings

_JUDGED = "judged_"
"""Before the name of a table that is read again for what is judged in it."""
_COLUMNS = {ROLLOUTS: ROLLOUT_COLUMNS, RESPONSES: RESPONSE_COLUMNS}
_COLUMNS_OF_SCORES = {ROLLOUTS: (PERSONA,), RESPONSES: JUDGED_COLUMNS, EVALUATIONS: EVALUATION_COLUMNS}


@dataclass(frozen=True)
class RolloutTables(RawLayout):
    most_bytes: int = Settings.model_fields["max_file_bytes"].default
    """Of the text of a key in one table: compressed, a small file may hold much."""

    name = "rollout-tables"
    signs = SIGNS
    conversation_suffixes = (SUFFIX,)

    def configured(self, settings: Settings) -> "RolloutTables":
        return replace(self, most_bytes=settings.max_file_bytes)

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        tables = [entry for entry in model.entries if search.is_table(entry)]
        prompts = any(sort_of(entry.name.removesuffix(SUFFIX)) == ROLLOUTS for entry in tables)
        return tuple(entry.path for entry in tables) if prompts else ()

    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        return search.find(model)

    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        return search.fingerprint_lines(model)

    def expected(self, kind: Kind) -> str:  # noqa: ARG002
        return f"{{model}}/{{{ROLLOUTS}|{RESPONSES}}}_*{SUFFIX} ({ROLE.plural} only)"

    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles | None:
        """Every table in which the role is; if there is none, one that would be called after it."""
        if key.kind != ROLE:
            return None
        folder = raw_root / key.model
        groups = search.groups_of(folder, key.persona)
        asked = [name for one in groups for name in (one.rollouts, *one.responses)]
        judged = [name for one in groups if one.evaluations for name in (one.rollouts, *one.responses)]
        judging = [name for one in groups for name in one.evaluations]
        conversations = {name: folder / f"{name}{SUFFIX}" for name in asked or [f"{RESPONSES}_{key.persona}"]}
        scores = {f"{_JUDGED}{name}": folder / f"{name}{SUFFIX}" for name in judged}
        return KeyFiles(conversations, scores | {name: folder / f"{name}{SUFFIX}" for name in judging})

    def is_baseline(self, key: DatasetKey) -> bool:
        """By the names in use: the category of a role is in its tables only."""
        return key.persona == BASELINE or key.persona.startswith(f"{BASELINE}_")

    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        by_name = {file.name: file for file in files}
        tables = {name: self._read(file, key, _COLUMNS[sort_of(name)], whole=True) for name, file in by_name.items()}
        for response, parsed in parse_responses(group(by_name), tables, rules):
            row = response.row
            yield RawRecord(by_name[response.table], row.number, 0, 0, parsed, excerpt(row))

    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[ScoreEntry]:  # noqa: ARG002
        by_name = {file.name.removeprefix(_JUDGED): file for file in files}
        tables = {name: self._read(file, key, _COLUMNS_OF_SCORES[sort_of(name)]) for name, file in by_name.items()}
        return judge_responses(group(by_name), tables)

    def _read(self, file: RawFile, key: DatasetKey, columns: Sequence[str], *, whole: bool = False) -> Table:
        return read_table(file, columns, key.persona, self.most_bytes, whole=whole)


ROLLOUT_TABLES = RolloutTables()
