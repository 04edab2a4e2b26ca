"""What persona_vectors calls its files and columns."""

import re

from persona_assets.raw.strays import Signs

SUFFIX = ".csv"
FILE = re.compile(r"(?P<trait>.+)_(?P<label>pos|neg)_instruct\.csv", re.DOTALL)
ROW = re.compile(r"(?P<trait>.+)_(?P<question>[0-9]{1,6})_(?P<label>pos|neg)_(?P<prompt>[0-9]{1,6})", re.DOTALL)
QUESTION, PROMPT, ANSWER, ROW_NAME, COHERENCE = "question", "prompt", "answer", "question_id", "coherence"
TEXTS = (QUESTION, PROMPT, ANSWER, ROW_NAME)
"""The columns of every file, before one that is called like the trait and has its score."""
SIGNS = Signs(place="{model}/*_{pos|neg}_instruct.csv", suffixes=(SUFFIX,))


def file_name(trait: str, label: str) -> str:
    return f"{trait}_{label}_instruct{SUFFIX}"
