"""What a row of chat data says of the judge, checked as far as the dataset's columns need it."""

import math
from typing import NamedTuple

from persona_assets.raw.layouts.chat_data.completion import Judged
from persona_assets.raw.rows import Reason, Rejection


class Verdict(NamedTuple):
    """As scores are read: the score may still be anything, because the common rules say what it is."""

    score: object = None
    coherence: float | None = None
    response: str | None = None


NO_VERDICT = Verdict()


def check_verdict(judged: Judged) -> Verdict | Rejection:
    """Coherence must be a number, and the judge's answer text."""
    response = judged.response
    if response is not None and not isinstance(response, str):
        return Rejection(Reason.WRONG_TYPE, "the judge's response is not a string")
    try:
        (response or "").encode()
    except UnicodeEncodeError as error:
        detail = f"the judge's response holds half of a surrogate pair at character {error.start + 1}"
        return Rejection(Reason.LONE_SURROGATE, detail)
    if judged.coherence is None:
        return Verdict(judged.score, None, response)
    coherence = _as_number(judged.coherence)
    if coherence is None:
        return Rejection(Reason.WRONG_TYPE, "the coherence is not a number")
    return Verdict(judged.score, coherence, response)


def _as_number(value: object) -> float | None:
    """None for everything else, and for what no column can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
