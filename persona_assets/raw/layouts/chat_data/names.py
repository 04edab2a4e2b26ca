"""Where plain chat data lies, and the fields that are read where no settings say what they are called."""

from persona_assets.chat_fields import ChatFields
from persona_assets.kinds import KINDS
from persona_assets.raw.compressed import CODECS
from persona_assets.raw.strays import Signs

LINES, TABLE = ".jsonl", ".parquet"
SUFFIXES = (LINES, *(f"{LINES}{codec}" for codec in CODECS), TABLE)
KINDS_BY_FOLDER = {kind.plural: kind.name for kind in KINDS.values()}
NOT_MODELS = (*KINDS_BY_FOLDER, "responses", "scores", "extract_scores")
"""Folders of other layouts: where one lies directly in the raw root, the root is a level too deep."""
SIGNS = Signs(place=f"{{model}}/*{{{'|'.join(SUFFIXES)}}}", suffixes=SUFFIXES)
_UNDER_THEIR_OWN_NAMES = (
    "system_prompt",
    "question",
    "label",
    "prompt_index",
    "question_index",
    "sample_index",
    "score",
    "coherence",
    "judge_response",
    "finish_reason",
    "generated_tokens",
)
OWN_NAMES = ChatFields.model_validate({name: name for name in _UNDER_THEIR_OWN_NAMES})
