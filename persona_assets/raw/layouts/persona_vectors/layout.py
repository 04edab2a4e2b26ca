"""Two CSV files for each trait, one for each label: questions, rendered prompts, answers and scores.

    question,prompt,answer,question_id,evil,coherence
    Why?,"<|im_start|>system ...",Because.,evil_0_pos_3,95.37,84.83

``question_id`` names trait, question, label and prompt; as many records have the same one as there are samples.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.kinds import TRAIT, Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile
from persona_assets.raw.layouts.contract import KeyFiles, RawLayout, RawRecord, ScoreEntry
from persona_assets.raw.layouts.persona_vectors import search
from persona_assets.raw.layouts.persona_vectors.names import FILE, SIGNS, SUFFIX, file_name
from persona_assets.raw.layouts.persona_vectors.rows import Half, Named, named_records, unreadable
from persona_assets.raw.rows import RowRules

_SCORES = "_scores"


class PersonaVectors(RawLayout):
    name = "persona-vectors"
    signs = SIGNS
    conversation_suffixes = (SUFFIX,)

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        files = (entry for entry in model.entries if not (entry.is_folder or entry.problem))
        return tuple(entry.path for entry in files if FILE.fullmatch(entry.name))

    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        return search.find(model)

    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        return search.fingerprint_lines(model)

    def expected(self, kind: Kind) -> str:  # noqa: ARG002
        return f"{SIGNS.place} ({TRAIT.plural} only)"

    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles | None:
        """Both files, or the only one that is there."""
        if key.kind != TRAIT:
            return None
        folder = raw_root / key.model
        both = {label: folder / file_name(key.persona, label) for label in key.kind.labels}
        there = {label: path for label, path in both.items() if search.may_be_there(path)} or both
        return KeyFiles(there, {f"{label}{_SCORES}": path for label, path in there.items()})

    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        for file in files:
            half = Half.of(file, key, file.name)
            for one in named_records(half, rules.max_line_bytes):
                if isinstance(one, Named):
                    record, parsed = one.record, one.parse(key.persona, rules)
                    yield RawRecord(file, *record[:3], parsed, None)
                else:
                    record, rejection = one
                    yield RawRecord(file, *record[:3], rejection, record.content)

    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[ScoreEntry]:
        for file in files:
            half = Half.of(file, key, file.name.removesuffix(_SCORES))
            for one in named_records(half, rules.max_line_bytes):
                yield one.score(half) if isinstance(one, Named) else unreadable(half, *one)


PERSONA_VECTORS = PersonaVectors()
