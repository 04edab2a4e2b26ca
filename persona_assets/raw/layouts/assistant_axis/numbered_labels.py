"""Rows of which the label says more than the label, such as ``positive_p0_q0``."""

import re
from typing import Any

from persona_assets.raw.rows import Reason, Rejection

_NUMBERED = re.compile(r"(?P<label>[a-z]+)_p(?P<prompt_index>\d{1,6})_q(?P<question_index>\d{1,6})", re.ASCII)


def shorten_label(record: dict[str, Any], _number: int) -> Rejection | None:
    """Leave the word alone of a label that repeats the indices of its row, and reject one that contradicts them."""
    written = record.get("label")
    match = _NUMBERED.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        return None
    for name in ("prompt_index", "question_index"):
        if name in record and record[name] != int(match[name]):
            return Rejection(
                Reason.UNKNOWN_LABEL, f"label {written!r} contradicts the {name} of its row, {str(record[name])[:80]}"
            )
    record["label"] = match["label"]
    return None
