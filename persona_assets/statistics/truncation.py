"""Whether each answer was cut off: from what the generator recorded, else from the cap that the lengths show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from persona_assets.statistics.caps import Cap, Flags, Integers, find_cap
from persona_assets.statistics.endings import breaks_off

MEASURES = ("assistant_tokens", "tokens")
"""The token counts that a generator may limit: those of the answer, or of prompt and answer."""
MIN_BROKEN_OFF = 0.5
"""The least share of the answers at a cap that must break off; cut at random places, nearly all do."""
CUT = frozenset({"length", "max_tokens", "max_length", "model_length"})
ENDED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})


class Truncated(StrEnum):
    """Whether an answer was cut off. Unknown where the data do not tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Truncation:
    """What was found of all answers of a key."""

    rows: Sequence[Truncated]
    measure: str | None
    """The count that has a cap, one of ``MEASURES``; None if no cap was found."""
    cap: int | None
    """That many tokens, as the chat template counts them: the end of the turn is included."""


def find_truncated(
    counts: Mapping[str, Sequence[int | None]],
    answers: pa.StringArray,
    finish_reasons: Sequence[str | None] | None = None,
) -> Truncation:
    """Judge every row.

    Args:
        counts: for each of ``MEASURES`` one number per row, None where the row could not be counted.
        finish_reasons: the generator's own word per row, None where it recorded none.
    """
    reasons = finish_reasons or [None] * len(answers)
    if all(reasons):
        return Truncation([_read_reason(reason) for reason in reasons], None, None)
    judged, measure, cap = _judge_by_length(counts, answers)
    rows = [_read_reason(reason) if reason else found for reason, found in zip(reasons, judged, strict=True)]
    return Truncation(rows, measure, cap)


def _read_reason(reason: str | None) -> Truncated:
    word = (reason or "").lower()
    if word in CUT:
        return Truncated.YES
    return Truncated.NO if word in ENDED else Truncated.UNKNOWN


def _judge_by_length(
    counts: Mapping[str, Sequence[int | None]], answers: pa.StringArray
) -> tuple[list[Truncated], str | None, int | None]:
    known = np.array(
        [None not in numbers for numbers in zip(*(counts[name] for name in MEASURES), strict=True)], bool
    )
    columns = {name: np.array([number or 0 for number in counts[name]], np.int64) for name in MEASURES}
    different = known & _find_first_of_equal(answers)
    caps = {name: find_cap(lengths[different]) for name, lengths in columns.items()}
    found = [(cap.gathered, name, cap) for name, cap in caps.items() if cap]
    for _, name, cap in sorted(found, key=lambda one: -one[0]):
        cut = _find_cut(cap, columns[name], known, answers)
        if cut is not None:
            judged = [_say(bool(one), bool(tells)) for one, tells in zip(cut, known, strict=True)]
            return judged, name, cap.tokens
    return [Truncated.UNKNOWN] * len(answers), None, None


def _find_first_of_equal(answers: pa.StringArray) -> Flags:
    """Equal answers are equally long without a cap, so only the first of them counts."""
    codes = answers.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    first = np.zeros(len(answers), bool)
    first[np.unique(codes, return_index=True)[1]] = True
    return first


def _find_cut(cap: Cap, lengths: Integers, known: Flags, answers: pa.StringArray) -> Flags | None:
    """The answers cut at ``cap``; None if those near it end as others do, so that it is none."""
    near = np.flatnonzero(known & cap.is_near(lengths))
    broken = np.array([breaks_off(answer) for answer in answers.take(pa.array(near)).to_pylist()], bool)
    if broken.mean() < MIN_BROKEN_OFF:
        return None
    cut = np.zeros(len(answers), bool)
    cut[near] = broken | cap.is_at(lengths[near])
    return cut


def _say(cut: bool, known: bool) -> Truncated:
    if not known:
        return Truncated.UNKNOWN
    return Truncated.YES if cut else Truncated.NO
