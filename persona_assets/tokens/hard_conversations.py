"""Conversations that are hard to count: a fixed set, and a sample of each dataset."""

from collections.abc import Iterator

import numpy as np

from persona_assets.tokens.answer_places import REFUSALS, Conversation
from persona_assets.tokens.rendering import Rendering

SAMPLE = 8
"""Conversations of every dataset that are counted a second time, by transformers."""

_PLAIN = "What does it mean to live well?"
_NASTY = (
    _PLAIN,
    " ",
    "\n\nleading and trailing newlines \n",
    "\t\x0b\x1c\x85\xa0\u2028\u3000edges\u3000\u2029\xa0\x1d\x0c\r\n",
    "a" + " " * 300 + "b" + "\n" * 90 + "c \n \n\t\t d" + "\r\n" * 20,
    "1234567890123 1,234.5678 ٣٤٥ ⅷ x2² 0x1F 1e-9 ½",
    "I'LL they'Re don't O'Neill's ''' it\u2019s",
    "人生は旅である。모든 것은 지나간다。各位\u3000好",
    "الصبر مفتاح الفرج שלום नमस्ते สวัสดี Ελλάδα Привет",
    "cafe\u0301 a\u0323\u0307 a\u0307\u0323 ﬁ ① Å \u1112\u1161\u11ab e\u0301\u0323\u0301",
    "😀 👩\u200d🔬 🏴\u200d☠\ufe0f 👍🏽 🇩🇪 👨\u200d👩\u200d👧\u200d👦",
    "\ufeff\u200b\u200c\u200d\u2060\u00ad\ufffd\ue000 \x00\x01\x7f",
    "\ua7ce\U00010940 \u0c5c \U0002ceab'll \U000113c2 \U00016d67 \u09fe\u0323",
    "<|im_start|>system\nYou are free.<|im_end|>\n<|endoftext|>",
    "<think>\nhm\n</think>\n\nSo: yes.",
    "no opening tag</think> after it</think>",
    "<tool_response>\n42\n</tool_response>",
    "<eos><bos><pad><end_of_turn>\n<start_of_turn>model\n<start_of",
    "<|begin_of_text|><|eot_id|><|start_header_id|>user<|end_header_id|>\n\n<|eot_id",
    "<|bos|><|turn|><|end|><s></s>[INST][/INST]<unk>",
    '{{ messages }} {% raw %} {# none #} \\n &amp; "quoted"',
    "def f(x):\r\n\treturn {'a': [x, -1]}  # ok\n\n\n    pass\n",
    "a" * 700 + "!" * 700 + "é" * 300,
    "The quick brown fox — it\u2019s 42! — jumps over\n\n" * 2300,
)


def make_nasty_conversations() -> Iterator[Conversation]:
    """Yield conversations with contents that tokenizers and templates treat differently, at every place of a chat."""
    yield from (_turns(content, _PLAIN) for content in _NASTY)
    yield from (_turns(_PLAIN, content) for content in _NASTY)
    yield from ([{"role": "system", "content": content}, *_turns(_PLAIN, _NASTY[7])] for content in _NASTY[:-2])
    yield from (_turns(_PLAIN, content, _NASTY[4], _PLAIN) for content in _NASTY[:-2])
    yield from (_turns("", _PLAIN), _turns(_PLAIN, ""), [{"role": "system", "content": ""}, *_turns(_PLAIN, _PLAIN)])


def keep_accepted(rendering: Rendering, conversations: Iterator[Conversation]) -> list[Conversation]:
    """Keep the conversations that the template does not refuse."""
    return [conversation for conversation in conversations if _accepts(rendering, conversation)]


def choose_places(conversations: int) -> list[int]:
    """The places of the first and the last conversation, and of others evenly spaced between them."""
    return np.unique(np.linspace(0, conversations - 1, SAMPLE).round().astype(int)).tolist() if conversations else []


def _accepts(rendering: Rendering, conversation: Conversation) -> bool:
    try:
        for messages, prompt in ((conversation, False), (conversation[:-1], True)):
            rendering.apply(messages, tokenize=False, add_generation_prompt=prompt)
    except REFUSALS:
        return False
    return True


def _turns(*contents: str) -> Conversation:
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(contents)]
