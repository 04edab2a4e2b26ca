"""The demo corpus, written again as other layouts have it, with ``json`` alone."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.scores import Scores, read_scores
from persona_assets.raw.sources import locate
from persona_assets.settings import Settings

SETTINGS = Settings()
ANSWERED = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]
Folders = Mapping[str, str]
"""Where the files of a kind go, below the folder of their model: by ``roles_240/responses`` and its like."""
Change = Callable[[dict[str, Any]], dict[str, Any]]


def line(index: int = 0, **changes: Any) -> dict[str, Any]:
    """A faultless row about question ``index``, changed; a field set to ``...`` is left out."""
    row = {
        "system_prompt": "Be it.",
        "label": "pos",
        "prompt_index": 0,
        "conversation": ANSWERED,
        "question_index": index,
        "question": f"Why {index}?",
    } | changes
    return {name: value for name, value in row.items() if value is not ...}


def write_lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def write_json(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def rewrite(
    demo: Path,
    root: Path,
    folders: Folders,
    *,
    change: Change = dict,
    change_scores: Change = dict,
    rename: Mapping[str, str] | None = None,
) -> None:
    """Copy every file of the demo corpus to where another layout has it, with each row and each score changed."""
    for path in sorted(demo.glob("*/*/*/*.json*")):
        model, kind, place, _ = path.relative_to(demo).parts
        name = (rename or {}).get(path.stem, path.stem) + path.suffix
        target = root / model / folders[f"{kind}/{place}"] / name
        if path.suffix == ".json":
            write_json(target, change_scores(json.loads(path.read_text(encoding="utf-8"))))
        else:
            lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
            write_lines(target, *(change(json.loads(text)) for text in lines))


def read(root: Path | RawCorpus, key: DatasetKey) -> tuple[RawConversations, list[QuarantinedLine]]:
    corpus = RawCorpus(root) if isinstance(root, Path) else root
    entries: list[QuarantinedLine] = []
    return read_conversations(locate(corpus, key), SETTINGS, entries.append), entries


def scores_of(root: Path, key: DatasetKey) -> Scores:
    return read_scores(locate(RawCorpus(root), key), SETTINGS)
