"""A layout nobody uses: other folders, fields, labels and score keys, several files of both sorts for one key.

{model}/chats/{what}-{persona}/part-{n}.jsonl     {"ask": ..., "tone": "yes", "frame": 0, ...}
{model}/chats/{what}-{persona}/judged-{tone}.txt  lines such as ``7/0 = 85``
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile, entries_of, names_in, stamp_lines, unlisted
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.contract import KeyFiles, ScoreEntry
from persona_assets.raw.layouts.json_lines import JsonLinesLayout
from persona_assets.raw.rows import Identity, LabelWords, RawRow, RowRules
from persona_assets.raw.scores import Score, Scores
from persona_assets.raw.strays import Signs

CHATS = "chats"
WORDS = {"role": {"yes": "pos", "plain": "default"}, "trait": {"yes": "pos", "no": "neg"}}
FIELDS = {
    "system_prompt": "setting",
    "label": "tone",
    "prompt_index": "frame",
    "conversation": "chat",
    "question_index": "number",
    "question": "ask",
}
SCORE_LINE = re.compile(r"(?P<question>\d+)/(?P<prompt>\d+) = (?P<score>.+)")


class ChatFolders(JsonLinesLayout):
    name = "chat folders"
    signs = Signs("{model}/chats/", (".jsonl", ".txt"))
    conversation_suffixes = (".jsonl",)
    grammar = RowGrammar(FIELDS)

    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        for folder in self._personas(model):
            if isinstance(folder, UnfitFile):
                yield folder
                continue
            kind, _, persona = folder.name.partition("-")
            try:
                yield DatasetKey(model.model, kind, persona)
            except InvalidNameError as error:
                yield UnfitFile(folder, str(error))

    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        for folder in self._personas(model):
            if isinstance(folder, Path):
                yield from stamp_lines(folder)

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        return tuple(entry.path for entry in model.entries if entry.is_folder and entry.name == CHATS)

    def expected(self, kind: Kind) -> str:
        return f"{{model}}/{CHATS}/{kind.name}-*/part-*.jsonl"

    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles:
        folder = raw_root / key.model / CHATS / f"{key.kind_name}-{key.persona}"
        parts = self._names(folder, ".jsonl") or ["part-0.jsonl"]
        judged = self._names(folder, ".txt")
        return KeyFiles(*({name: folder / name for name in names} for names in (parts, judged)))

    def is_baseline(self, key: DatasetKey) -> bool:
        return key.persona == "nobody"

    def words(self, kind: Kind) -> LabelWords:
        return LabelWords(WORDS[kind.name])

    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterable[ScoreEntry]:  # noqa: ARG002
        for file in files:
            label = rules.words.label(file.name.removeprefix("judged-").removesuffix(".txt"))
            for text in file.read().decode().splitlines():
                match = SCORE_LINE.fullmatch(text)
                row = Identity(label, int(match["prompt"]), int(match["question"])) if match else None
                yield ScoreEntry(text, row, json.loads(match["score"]) if match else None)

    def _personas(self, model: ModelFolder) -> Iterator[Path | UnfitFile]:
        for entry in model.entries:
            if entry.name == CHATS:
                try:
                    yield from (one.path for one in entries_of(entry.path, self.signs.suffixes) if one.is_folder)
                except OSError as error:
                    yield unlisted(entry.path, error)

    def _names(self, folder: Path, suffix: str) -> list[str]:
        try:
            return [name for name in names_in(folder, self.signs.suffixes) if name.endswith(suffix)]
        except OSError:
            return []


CHAT_FOLDERS = ChatFolders()


def write_chats(root: Path, key: DatasetKey, parts: Sequence[Sequence[RawRow]], scores: Scores) -> Path:
    """Write rows, in so many files, and scores as the layout has them; return their folder."""
    folder = root / key.model / CHATS / f"{key.kind_name}-{key.persona}"
    folder.mkdir(parents=True)
    written = {label: word for word, label in WORDS[key.kind_name].items()}
    for number, rows in enumerate(parts):
        objects = [CHAT_FOLDERS.grammar.write(row) for row in rows]
        lines = [json.dumps(one | {"tone": written[one["tone"]]}) + "\n" for one in objects]
        (folder / f"part-{number}.jsonl").write_text("".join(lines), encoding="utf-8")
    for label in KINDS[key.kind_name].labels:
        judged = [
            f"{question}/{prompt} = {_value(score)}\n"
            for (found, prompt, question, _), score in scores.by_row.items()
            if found == label
        ]
        (folder / f"judged-{written[label]}.txt").write_text("".join(judged), encoding="utf-8")
    return folder


def _value(score: Score) -> str:
    return json.dumps("REFUSAL" if score.value is None else score.value)
