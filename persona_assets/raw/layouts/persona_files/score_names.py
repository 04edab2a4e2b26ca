"""The names of rows in score files: ``pos_p1_q20``, or ``pos_20`` in older ones."""

import re

from persona_assets.raw.layouts.contract import ScoreEntry
from persona_assets.raw.rows import Identity, LabelWords

_SCORE_NAME = re.compile(
    r"(?P<label>[a-z]+)_(?:p(?P<prompt>\d{1,6})_q)?(?P<question>\d{1,6})(?:_s(?P<sample>\d{1,6}))?", re.ASCII
)


def read_entry(text: str, value: object, words: LabelWords) -> ScoreEntry:
    """A name without a prompt means the first."""
    match = _SCORE_NAME.fullmatch(text)
    if not match or not words.knows(match["label"]):
        return ScoreEntry(text, None, value)
    indices = (int(match[part] or 0) for part in ("prompt", "question", "sample"))
    row = Identity(words.label(match["label"]), *indices)
    return ScoreEntry(text, row, value, match["prompt"] is None or match["label"] in words.legacy)
