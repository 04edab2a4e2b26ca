"""Token counts equal those of ``apply_chat_template`` with a tokenizer loaded here, conversation by conversation."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from persona_assets.errors import TokenizerError
from persona_assets.sample import SAMPLE_TOKENIZER, SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import Settings
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer
from persona_assets.tokens.measures import UNKNOWN
from persona_assets_tests.end_to_end import open_instance, run_range
from persona_assets_tests.raw_corpus import GEMMA, LLAMA, QWEN

Conversation = list[dict[str, str]]

FOLDERS = {GEMMA: "gemma-2-27b-it", LLAMA: "Llama-3.3-70B-Instruct", QWEN: "Qwen3-32B"}
PLAIN = "What does it mean to live well?"
CONTENTS = (
    PLAIN,
    "",
    " ",
    "\n\nleading and trailing newlines\n",
    "😀 👩‍🔬 🏴‍☠️ 👍🏽",
    "人生は旅である。모든 것은 지나간다.",
    "الصبر مفتاح الفرج",
    "cafe\u0301 café ﬁ ①",
    "one\u2028two\u2029three\x85four\u200b",
    "<|im_start|>system\nYou are free.<|im_end|>",
    "<think>\nhm\n</think>\n\nSo: yes.",
    "no opening tag</think> after it",
    "<eos><bos><end_of_turn>\n<start_of_turn>model",
    "<|begin_of_text|><|eot_id|><|start_header_id|>user<|end_header_id|>",
    "<tool_response>\n42\n</tool_response>",
    "{{ messages }} {% raw %} {# none #}",
    "x = [1, 2,\t3]\r\n    return 'a\\b'\x00",
    "word " * 300,
)


@dataclass(frozen=True)
class Compared:
    """A model's tokenizer as the package loads it, and the same loaded here."""

    model: str
    loaded: ModelTokenizer
    reference: PreTrainedTokenizerBase
    sample: list[Conversation]


@pytest.fixture(scope="module", params=FOLDERS)
def real(request: pytest.FixtureRequest, real_tokenizers: Path) -> Compared:
    loaded = load_tokenizer(request.param, Settings(tokenizers=real_tokenizers))
    reference = AutoTokenizer.from_pretrained(str(real_tokenizers / FOLDERS[request.param]))
    return Compared(request.param, loaded, reference, conversations(system=request.param != GEMMA))


@pytest.fixture(scope="module")
def sample() -> Compared:
    loaded = load_tokenizer(QWEN, Settings(models={QWEN: SAMPLE_TOKENIZER}))
    reference = AutoTokenizer.from_pretrained(str(SAMPLE_TOKENIZER_FOLDER))
    return Compared(QWEN, loaded, reference, conversations(system=True))


@pytest.fixture
def of_sample(tmp_path: Path) -> Callable[..., Settings]:
    """Settings under which model ``any`` has the sample tokenizer, its two files changed as asked."""

    def settings(tokenizer: dict[str, Any] | None = None, config: dict[str, Any] | None = None) -> Settings:
        folder = tmp_path / "tokenizers" / "changed"
        shutil.copytree(SAMPLE_TOKENIZER_FOLDER, folder)
        for name, changes in (("tokenizer.json", tokenizer), ("tokenizer_config.json", config)):
            record = json.loads((folder / name).read_text(encoding="utf-8"))
            (folder / name).write_text(json.dumps(record | (changes or {})), encoding="utf-8")
        return Settings(workspace=tmp_path, models={"any": "someone/changed"}, tokenizers=folder.parent)

    return settings


def test_total_tokens_equal_apply_chat_template_for_every_model(real: Compared) -> None:
    assert len(real.sample) >= 100
    assert count_tokens(real.loaded, real.sample).total.tolist() == total_tokens(real.reference, real.sample)


def test_prompt_tokens_equal_apply_chat_template_before_the_last_answer(real: Compared) -> None:
    counts = count_tokens(real.loaded, real.sample)
    assert counts.prompt.tolist() == prompt_tokens(real.reference, real.sample)
    assert counts.assistant.tolist() == (counts.total - counts.prompt).tolist()


def test_exactly_one_beginning_of_sequence_token_is_counted_where_the_model_has_one(real: Compared) -> None:
    turns = _turns(PLAIN, "Well.")
    ids = real.reference.apply_chat_template(turns, tokenize=True, return_dict=False)
    assert ids.count(real.reference.bos_token_id) == (0 if real.model == QWEN else 1)
    assert count_tokens(real.loaded, [turns]).total.tolist() == [len(ids)]


def test_a_template_without_system_turns_refuses_that_conversation_alone(real_tokenizers: Path) -> None:
    good = _turns(PLAIN, "Well.")
    bad = [{"role": "system", "content": "You are a pirate."}, *good]
    gemma = load_tokenizer(GEMMA, Settings(tokenizers=real_tokenizers))
    counts = count_tokens(gemma, [good, good, bad])
    assert counts.refusals == {2: "System role not supported"}
    assert counts.total.tolist() == [*count_tokens(gemma, [good, good]).total.tolist(), UNKNOWN]


def test_the_sample_tokenizer_counts_as_apply_chat_template_does(sample: Compared) -> None:
    counts = count_tokens(sample.loaded, sample.sample)
    assert counts.total.tolist() == total_tokens(sample.reference, sample.sample)
    assert counts.prompt.tolist() == prompt_tokens(sample.reference, sample.sample)


def test_a_count_does_not_depend_on_the_conversations_beside_it(sample: Compared) -> None:
    together = count_tokens(sample.loaded, sample.sample).total.tolist()
    assert together == [count_tokens(sample.loaded, [turns]).total.item() for turns in sample.sample]


@pytest.mark.parametrize(
    "saved",
    [
        {"truncation": {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0}},
        {
            "padding": {
                "strategy": "BatchLongest",
                "direction": "Right",
                "pad_to_multiple_of": None,
                "pad_id": 0,
                "pad_type_id": 0,
                "pad_token": "<|bos|>",
            }
        },
    ],
    ids=["truncation", "padding"],
)
def test_a_tokenizer_saved_with_truncation_or_padding_still_counts_every_token_and_no_padding(
    of_sample: Callable[..., Settings], sample: Compared, saved: dict[str, Any]
) -> None:
    counts = count_tokens(load_tokenizer("any", of_sample(tokenizer=saved)), sample.sample)
    assert counts.total.tolist() == total_tokens(sample.reference, sample.sample)


def test_a_tokenizer_file_of_an_unknown_kind_fails_clearly_and_is_named(of_sample: Callable[..., Settings]) -> None:
    settings = of_sample(tokenizer={"model": {"type": "NotYetInvented"}})
    with pytest.raises(TokenizerError, match=r"someone/changed in .*changed cannot be loaded"):
        load_tokenizer("any", settings)


def test_token_stats_records_these_counts_for_every_row(workspace_with_corpus: Path, sample: Compared) -> None:
    key = f"{QWEN}__trait__stoic"
    with open_instance(workspace_with_corpus) as instance:
        assert run_range(instance, workspace_with_corpus, (key, key)).success
    folder = workspace_with_corpus / "datasets" / "processed" / "persona" / key
    messages = datasets.load_from_disk(str(folder))["train"]["messages"][:]
    counted = pq.read_table(workspace_with_corpus / "persona_token_stats" / f"{key}.parquet")
    assert counted["tokens"].to_pylist() == total_tokens(sample.reference, messages)
    assert counted["prompt_tokens"].to_pylist() == prompt_tokens(sample.reference, messages)
    record = json.loads((workspace_with_corpus / "persona_token_stats" / f"{key}.json").read_text(encoding="utf-8"))
    tokenizer_file = (SAMPLE_TOKENIZER_FOLDER / "tokenizer.json").read_bytes()
    assert record["tokenizer"]["tokenizer_sha256"] == hashlib.sha256(tokenizer_file).hexdigest()


def conversations(*, system: bool) -> list[Conversation]:
    """One and several exchanges with every content in every place, with and without a system turn."""
    found: list[Conversation] = []
    for place, content in enumerate(CONTENTS):
        other, third = CONTENTS[(5 * place + 1) % len(CONTENTS)], CONTENTS[(7 * place + 4) % len(CONTENTS)]
        found += [
            _turns(content, PLAIN),
            _turns(PLAIN, content),
            _turns(content, other),
            _turns(PLAIN, content, PLAIN, other),
            _turns(content, third, other, PLAIN),
            _turns(PLAIN, third, content, other, PLAIN, content),
        ]
        if system:
            found.append([{"role": "system", "content": content}, *_turns(PLAIN, other)])
            found.append([{"role": "system", "content": third}, *_turns(content, other, PLAIN, content)])
    return found


def _turns(*contents: str) -> Conversation:
    roles = ("user", "assistant")
    return [{"role": roles[place % 2], "content": content} for place, content in enumerate(contents)]


def total_tokens(tokenizer: PreTrainedTokenizerBase, sample: list[Conversation]) -> list[int]:
    return [len(tokenizer.apply_chat_template(turns, tokenize=True, return_dict=False)) for turns in sample]


def prompt_tokens(tokenizer: PreTrainedTokenizerBase, sample: list[Conversation]) -> list[int]:
    """As generated: Qwen3 without thinking. Other templates do not use the argument."""
    return [
        len(
            tokenizer.apply_chat_template(
                turns[:-1], add_generation_prompt=True, tokenize=True, return_dict=False, enable_thinking=False
            )
        )
        for turns in sample
    ]
