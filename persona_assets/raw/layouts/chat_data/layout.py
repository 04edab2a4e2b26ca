"""Plain chat data: rows with ``messages``, and whatever else the settings say that their fields hold."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from persona_assets.chat_fields import ChatFields
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile, entries_of, finding_line, stamp_lines
from persona_assets.raw.layouts.chat_data.completion import JUDGED, Completion
from persona_assets.raw.layouts.chat_data.names import KINDS_BY_FOLDER, NOT_MODELS, OWN_NAMES, SIGNS, SUFFIXES
from persona_assets.raw.layouts.chat_data.owners import Owners
from persona_assets.raw.layouts.chat_data.reading import KeyReader
from persona_assets.raw.layouts.chat_data.scanning import Scanner
from persona_assets.raw.layouts.chat_data.search import (
    ChatFile,
    find_files_named,
    list_chat_files,
    list_files_directly_in,
    list_strays,
)
from persona_assets.raw.layouts.chat_data.sharing import expected_file, files_of, share
from persona_assets.raw.layouts.chat_data.verdicts import NO_VERDICT, Verdict
from persona_assets.raw.layouts.contract import KeyFiles, RawLayout, RawRecord, ScoreEntry
from persona_assets.raw.rows import ParsedRow, RowRules
from persona_assets.settings import Settings

_BASELINE = re.compile(r"(\d+_)?default", re.ASCII)
_OF_BASELINES = "default"
_SCORES_IN = "scores in "


class ChatData(RawLayout):
    """Every file is read whose name ends as that of chat data does.

    Args:
        entries: what the settings say, by model.
        max_line_bytes: longest line.
        max_file_bytes: what the rows of one key may take.
    """

    name = "chat-data"
    signs = SIGNS
    conversation_suffixes = SUFFIXES

    def __init__(self, entries: Mapping[str, ChatFields], max_line_bytes: int, max_file_bytes: int) -> None:
        self._entries = entries
        self._max_line_bytes = max_line_bytes
        self._max_file_bytes = max_file_bytes

    @classmethod
    def of(cls, settings: Settings) -> "ChatData":
        return cls(settings.chat_data, settings.max_line_bytes, settings.max_file_bytes)

    def configured(self, settings: Settings) -> RawLayout:
        return self.of(settings)

    def for_model(self, model: str) -> RawLayout:
        entries = {model: self._entries[model]} if model in self._entries else {}
        return ChatData(entries, self._max_line_bytes, self._max_file_bytes)

    @property
    def claimed(self) -> Collection[str]:
        return self._entries.keys()

    @property
    def reading(self) -> str:
        return " ".join((self.name, *(_as_text(entry) for _, entry in sorted(self._entries.items()))))

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        if model.model in NOT_MODELS and model.model not in self._entries:
            return ()
        return tuple(file.path for file in list_files_directly_in(model))

    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        files = list_chat_files(model)
        if files or model.model in self._entries:
            yield from list_strays(model)
        seen: set[DatasetKey] = set()
        for _, found in share(files, self._scanner(model.model)):
            if isinstance(found, UnfitFile):
                yield found
            elif found not in seen:
                seen.add(found)
                yield found

    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        yield f"{model.path}\0{_as_text(self._fields(model.model))}\n"
        yield from stamp_lines(model.path)
        for entry in model.entries:
            if entry.is_folder and entry.name in KINDS_BY_FOLDER:
                yield from stamp_lines(entry.path)
        yield from map(finding_line, list_strays(model))

    def expected(self, kind: Kind) -> str:
        return f"{{model}}/{kind.plural}/*{{{'|'.join(SUFFIXES)}}}"

    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles:
        folder, fields = raw_root / key.model, self._fields(key.model)
        try:
            files = self._files_that_may_hold(key, folder)
        except (FileNotFoundError, NotADirectoryError):
            files = []
        except OSError:
            return KeyFiles({".": folder}, {})  # reading it says why it cannot be read
        found = files_of(key, files, self._scanner(key.model)) or [expected_file(key, folder, fields)]
        scores = found if fields.by_name.keys() & set(JUDGED) else []
        return KeyFiles(
            {file.name: file.path for file in found},
            {f"{_SCORES_IN}{file.name}": file.path for file in scores},
        )

    def _files_that_may_hold(self, key: DatasetKey, folder: Path) -> list[ChatFile]:
        """Where rows tell their key, any file; else those named after it, which are found without a listing."""
        fields = self._fields(key.model)
        if fields.persona or fields.kind_field:
            return list_chat_files(ModelFolder(folder, entries_of(folder, SUFFIXES)))
        return find_files_named(folder, key.persona)

    def is_baseline(self, key: DatasetKey) -> bool:
        return _OF_BASELINES in key.kind.labels and _BASELINE.fullmatch(key.persona) is not None

    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        return (record for record, _ in self._read(files, key, rules))

    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[ScoreEntry]:
        for record, verdict in self._read(files, key, rules):
            if isinstance(record.parsed, ParsedRow) and verdict != NO_VERDICT:
                row = record.parsed.row.identity
                score, coherence, response = verdict
                yield ScoreEntry(str(row), row, score, coherence=coherence, verdict=response)

    def _read(
        self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules
    ) -> Iterator[tuple[RawRecord, Verdict]]:
        fields = self._fields(key.model)
        label = _OF_BASELINES if self.is_baseline(key) else key.kind.labels[0]
        completion = Completion(fields, may_lack=key.model not in self._entries, label=label)
        reader = KeyReader(key, fields, completion, rules, self._max_file_bytes)
        chats = [ChatFile(file.path, file.name.removeprefix(_SCORES_IN)) for file in files]
        return reader.read([(file, Owners(key.model, chat, fields)) for file, chat in zip(files, chats, strict=True)])

    def _fields(self, model: str) -> ChatFields:
        return self._entries.get(model, OWN_NAMES)

    def _scanner(self, model: str) -> Scanner:
        return Scanner(model, self._fields(model), self._max_line_bytes)


def _as_text(fields: ChatFields) -> str:
    return fields.model_dump_json(exclude_defaults=True)


CHAT_DATA = ChatData.of(Settings.model_construct())
