"""Why a pair or a row is not in an export: a closed list, with the words for each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """What keeps a pair or a row out of an export."""

    REFUSED = "refused_by_template"
    NO_PLACE = "answer_without_place"
    OTHER_TOKENS = "other_tokens_when_cut"
    NO_SCORE = "no_score"
    READ_AS_OTHER = "read_as_something_else"
    FURTHER_SAMPLE = "further_sample"


WORDS: Mapping[Reason, str] = {
    Reason.REFUSED: "the chat template refuses one of the two conversations",
    Reason.NO_PLACE: "no tokens are the answer alone, because the template does not write it as it is",
    Reason.OTHER_TOKENS: "the text up to the end of the answer has other tokens when it is encoded alone",
    Reason.NO_SCORE: "a score or the coherence is missing, and the consumer would drop the row",
    Reason.READ_AS_OTHER: "pandas reads the answer as something else, such as a missing value",
    Reason.FURTHER_SAMPLE: "a further answer to the same prompt and question, which the consumer would overwrite",
}


@dataclass
class Tally:
    """What was left out of the files of one key, and what there is to say of what was not."""

    left_out: Counter[Reason] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def leave_out(self, reason: Reason) -> None:
        self.left_out[reason] += 1
