"""Disks that fail, processes that die, two writers at once. Here: raw versions of one key, and what became of it."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings, load_settings
from persona_assets_tests.raw_corpus import (
    BROKEN_LINE,
    GEMMA,
    MODELS,
    persona_rows,
    responses_file,
    write_scores,
    write_settings,
)
from persona_assets_tests.stage_names import STAGES as STAGES

KEY = f"{GEMMA}__trait__blunt"
MANIFEST, STANDING = "manifest", "standing"
JOURNALS = "persona_journals"
NO_OUTPUTS = ("persona-data", "persona_locks", "persona_assets.toml", "persona_file_stamps", "persona_displays")
HIDDEN_NAME = re.compile(r"\.(?P<target>.+)\.\d+-[0-9a-f]{8}\.(partial|earlier|copy)")


@dataclass(frozen=True)
class RawVersion:
    """Raw files of one trait. No row of a version equals any row of another."""

    name: str
    labels: tuple[str, ...] = ("pos", "neg")
    questions: int = 2
    top_score: int = 100
    broken_line: bool = False

    def write(self, root: Path, key: str = KEY) -> None:
        rows = [row for row in persona_rows(key, self.questions) if row["label"] in self.labels]
        for row in rows:
            row["conversation"][-1]["content"] += f" ({self.name})"
        lines = [json.dumps(row) for row in rows] + [BROKEN_LINE] * self.broken_line
        path = responses_file(root, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        places = {f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": row for row in rows}
        scores = {name: (37 * place + 3) % (self.top_score + 1) for place, name in enumerate(places)}
        write_scores(root, key, scores)


EARLIER = RawVersion("earlier", labels=("pos",), broken_line=True)
"""With quarantined lines and rows of ``min70__pos``, without rows of ``neg``."""
LATER = RawVersion("later", top_score=60)
"""The other way round: from one to the other, outputs appear, are replaced and vanish."""
ONE = RawVersion("one", broken_line=True)
OTHER = RawVersion("other", questions=3, broken_line=True)
"""These two have the same outputs, so that a reader finds all of them at any time."""


def settings_of(workspace: Path, **overrides: Any) -> Settings:
    """Make ``workspace`` one whose models all use the sample tokenizer; its settings."""
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    return load_settings(workspace=workspace, **overrides)


def make(settings: Settings, stages: tuple[str, ...] = STAGES, *, redo: bool = False) -> KeyOutcome:
    key = DatasetKey.parse(KEY)
    return materialise_key(key, settings, stages=stages, variants=settings.variants_of(key.kind), redo=redo)


def make_well(settings: Settings, stages: tuple[str, ...] = STAGES, *, redo: bool = False) -> None:
    outcome = make(settings, stages, redo=redo)
    assert outcome.failure is None, outcome.failure
    assert tuple(outcome.made) == stages


def make_version(version: RawVersion, settings: Settings) -> None:
    """Let ``version`` be the raw files, and make everything of them."""
    version.write(settings.raw_root)
    make_well(settings)


def clear_outputs(workspace: Path) -> None:
    for path in workspace.iterdir():
        if path.name not in NO_OUTPUTS:
            shutil.rmtree(path)


def output_files(workspace: Path) -> Iterator[Path]:
    """Every file in the workspace that is an output or a record of one, hidden ones included."""
    for path in workspace.rglob("*"):
        if path.relative_to(workspace).parts[0] not in NO_OUTPUTS and (path.is_symlink() or not path.is_dir()):
            yield path


def hashes(workspace: Path) -> dict[str, str]:
    """The SHA-256 of every output, records included, by its path in the workspace."""
    return {path.relative_to(workspace).as_posix(): _sha256(path) for path in output_files(workspace)}


def data_hashes(workspace: Path) -> dict[str, str]:
    """The same without manifest and standing, which hold paths and times of the raw files."""
    return {path: digest for path, digest in hashes(workspace).items() if stage_of(path) in STAGES}


def hidden_entries(workspace: Path) -> list[Path]:
    """Everything a replacement that is under way, or was not finished, has in the workspace."""
    return [path for path in workspace.rglob("*") if is_hidden(path) or path.parent.name == JOURNALS]


def is_hidden(path: Path) -> bool:
    return HIDDEN_NAME.fullmatch(path.name) is not None


def below_hidden(path: str) -> bool:
    return any(is_hidden(Path(part)) for part in path.split("/"))


def stage_of(path: str) -> str:
    """Which stage makes the output at ``path``, a path in the workspace: from the layout README promises."""
    folder, _, rest = path.partition("/")
    if folder == "datasets":
        name = rest.removeprefix("processed/persona/").partition("/")[0]
        if name.endswith(".parquet"):
            return "parquet_export"
        return "scored_dataset" if name == KEY else "filtered_variants"
    return {
        "persona_quarantine": "raw_conversations",
        "persona_token_stats": "token_stats",
        "persona_token_plots": "histogram",
        "persona_signs": "conversation_signs",
        "persona_pairs": "contrast_pairs",
        "persona_manifests": MANIFEST,
        "persona_standings": STANDING,
        JOURNALS: MANIFEST,
    }[folder]


def manifest_of(workspace: Path) -> dict[str, Any]:
    text = (workspace / "persona_manifests" / f"{KEY}.json").read_text(encoding="utf-8")
    sections: dict[str, Any] = json.loads(text)
    return sections


def recorded_hashes(workspace: Path) -> dict[str, str]:
    """The SHA-256 of every output according to the manifest."""
    sections = manifest_of(workspace).values()
    return {path: of["sha256"] for section in sections for path, of in section["outputs"].items()}


def _sha256(path: Path) -> str:
    """A link has no bytes of its own to be equal to anything."""
    return "a link" if path.is_symlink() else sha256(path.read_bytes()).hexdigest()
