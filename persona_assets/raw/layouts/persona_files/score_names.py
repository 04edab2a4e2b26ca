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
    label, prompt, question, sample = match.groups()
    row = Identity(words.label(label), int(prompt or 0), int(question), int(sample or 0))
    return ScoreEntry(text, row, value, prompt is None or label in words.legacy)
