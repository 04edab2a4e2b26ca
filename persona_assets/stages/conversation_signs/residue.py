"""What is left in the texts of the tools that made them: thinking blocks, tokens of chat templates, empty answers.

Patterns are Arrow's (RE2), which searches a whole column in time linear in its length.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

THINK = r"</?think(?:ing)?>"
TEMPLATE_TOKENS = (
    r"<(?:\|[A-Za-z_]+\||(?:start|end)_of_turn|bos|eos|pad)>",  # ChatML, Llama 3, Phi; Gemma
    r"\[/?INST\]",  # Llama 2, Mistral
    r"<</?SYS>>",
)
"""Each begins with one character, which is searched for much faster than a choice of beginnings."""
ONE_WORD = r"^\s*[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]*\s*$"
"""Nothing, or one word; scripts without spaces between words are left out."""


def find_think_residue(answers: pa.StringArray) -> pa.BooleanArray:
    """The answers in which a tag of a thinking block is left."""
    return pc.match_substring_regex(answers, THINK)


def find_template_tokens(contents: pa.StringArray, lengths: Sequence[int]) -> pa.BooleanArray:
    """The conversations of which any message holds a token of a chat template.

    ``contents`` are the messages of all conversations, ``lengths`` how many of them each has.
    """
    found = np.zeros(len(contents), bool)
    for pattern in TEMPLATE_TOKENS:
        found |= pc.match_substring_regex(contents, pattern).to_numpy(zero_copy_only=False)
    ends = np.cumsum(np.array(lengths, np.int64))
    before = np.concatenate(([0], np.cumsum(found.astype(np.int64))))
    return pa.array(before[ends] > before[ends - np.array(lengths, np.int64)], pa.bool_())


def find_empty_or_one_word(answers: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring_regex(answers, ONE_WORD)
