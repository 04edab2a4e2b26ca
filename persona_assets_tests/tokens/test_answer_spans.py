"""The tokens of a span are the answer: transformers makes tokens of the conversation, and these decode to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.settings import Settings
from persona_assets.tokens.counting import TokenCounts, count_tokens
from persona_assets.tokens.hard_conversations import keep_accepted, make_nasty_conversations
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer
from persona_assets.tokens.measures import UNKNOWN
from persona_assets.workspace import Workspace
from persona_assets_tests.plain_reading import plain_lines
from persona_assets_tests.raw_corpus import GEMMA, LLAMA, QWEN, responses_file
from persona_assets_tests.tokens.conftest import MakeModel

Conversation = list[dict[str, str]]

FOLDERS = {GEMMA: "gemma-2-27b-it", LLAMA: "Llama-3.3-70B-Instruct", QWEN: "Qwen3-32B"}
HEADER = "{% for message in messages %}<|turn|>{{ message.role }}HEADER{{ message.content }}<|end|>\n{% endfor %}"
GENERATION = "{% if add_generation_prompt %}<|turn|>assistantHEADER{% endif %}"


class Model:
    """A model's tokenizer as the package loads it, and the same loaded here."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.loaded = load_tokenizer(name, Settings(tokenizers=folder))
        self.reference: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(str(folder / FOLDERS[name]))
        self.normalizer = self.reference.backend_tokenizer.normalizer

    def expected(self, conversation: Conversation) -> str:
        """The answer after what the template trims, in the characters that the tokenizer makes of it."""
        content = conversation[-1]["content"]
        if self.name != QWEN:
            return content.strip()
        return str(self.normalizer.normalize_str(content.rpartition("</think>")[2].lstrip("\n")))

    def decoded(self, conversation: Conversation, counts: TokenCounts, place: int) -> str:
        ids = self.reference.apply_chat_template(conversation, tokenize=True, return_dict=False)
        return decode(self.reference, ids, counts, place)


@pytest.fixture(scope="module", params=FOLDERS)
def model(request: pytest.FixtureRequest, real_tokenizers: Path) -> Model:
    return Model(request.param, real_tokenizers)


def test_the_span_of_every_hard_conversation_is_its_answer(model: Model) -> None:
    conversations = keep_accepted(model.loaded.rendering, make_nasty_conversations())
    counts = count_tokens(model.loaded, conversations)
    assert counts.method.path == "gigatoken"
    expected = [model.expected(one) for one in conversations]
    assert [model.decoded(one, counts, place) for place, one in enumerate(conversations)] == expected
    assert sum(map(bool, expected)) >= len(expected) - 2


def test_the_span_of_every_row_of_the_sample_corpus_is_its_answer(model: Model, tmp_path: Path) -> None:
    workspace = Workspace.of(Settings(workspace=tmp_path))
    write_sample_corpus(workspace)
    keys = [str(key) for key in sample_keys() if key.model == model.name]
    lines = (line for key in keys for line in plain_lines(responses_file(workspace.raw_root, key)))
    conversations: list[Conversation] = [line["conversation"] for line in lines]
    assert len(conversations) > 100
    counts = count_tokens(model.loaded, conversations)
    found = [model.decoded(one, counts, place) for place, one in enumerate(conversations)]
    assert found == [model.expected(one) for one in conversations]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(alphabet="a é\n\r\t \u2028\x1c.<|_end>1😀\u0301", min_size=1, max_size=12))
def test_whatever_white_space_is_at_its_ends_a_span_holds_what_the_answer_says(model: Model, answer: str) -> None:
    conversation = turns(answer)
    counts = count_tokens(model.loaded, [conversation])
    found = model.decoded(conversation, counts, 0)
    assert found.strip() == model.expected(conversation).strip()


def test_white_space_in_one_token_with_the_header_is_not_in_the_span(real_tokenizers: Path) -> None:
    """Qwen3 has one line end before an answer to a tool, and does not trim it."""
    model = Model(QWEN, real_tokenizers)
    conversation = turns("\n\nYes. \n")
    conversation[0]["content"] = "<tool_response>42</tool_response>"
    counts = count_tokens(model.loaded, [conversation])
    assert model.decoded(conversation, counts, 0) == "Yes."
    ids = model.reference.apply_chat_template(conversation, tokenize=True, return_dict=False)
    assert model.reference.decode(ids[counts.answer_start[0] - 1]) == "\n\n\n"


@pytest.mark.parametrize("header", ["\n", "", " ", "\n\n", ": "])
@pytest.mark.parametrize("answer", ["Yes", " Yes ", "\nYes\n", "Yes.\n\n\nNo.", "  "])
def test_a_template_with_or_without_white_space_before_the_answer_has_a_span(
    make_model: MakeModel, header: str, answer: str
) -> None:
    loaded = make_model((HEADER + GENERATION).replace("HEADER", header))
    conversation = turns(answer)
    counts = count_tokens(loaded, [conversation])
    ids = loaded.tokenizer.apply_chat_template(conversation, tokenize=True, return_dict=False)
    assert decode(loaded.tokenizer, ids, counts, 0).strip() == answer.strip()


@pytest.mark.parametrize(
    "body",
    ["{{ message.content | upper }}", "{{ message.content }}{{ message.content }}", "{{ message.role }}"],
    ids=["changed", "twice", "left out"],
)
def test_an_answer_that_the_template_does_not_write_as_it_is_has_no_span(make_model: MakeModel, body: str) -> None:
    loaded = make_model("{% for message in messages %}<|turn|>" + body + "<|end|>{% endfor %}")
    counts = count_tokens(loaded, [turns("Yes")])
    assert (counts.answer_start[0], counts.answer_end[0]) == (UNKNOWN, UNKNOWN)
    assert counts.total[0] > 0


def test_an_answer_rendered_by_the_template_itself_has_the_same_span(make_model: MakeModel) -> None:
    """Written as a macro the template cannot be traced, so that it runs for each conversation."""
    macro = "{% macro same(x) %}{{ x }}{% endmacro %}" + HEADER.replace("message.content", "same(message.content)")
    conversations = [turns(answer) for answer in ("Yes", " No\n", "Answer0", "<|end|>")]
    conversations += [[*turns("Well"), *one] for one in conversations]
    fast = count_tokens(make_model((HEADER + GENERATION).replace("HEADER", "\n")), conversations)
    slow_model = make_model((macro + GENERATION).replace("HEADER", "\n"))
    slow = count_tokens(slow_model, conversations)
    assert slow_model.rendering.patterns == {}
    assert slow.answer_start.tolist() == fast.answer_start.tolist()
    assert slow.answer_end.tolist() == fast.answer_end.tolist()


def test_a_long_answer_between_others_keeps_its_own_span(make_model: MakeModel) -> None:
    model = make_model()
    conversations = [turns("Yes. " * length) for length in (1, 5000, 2)]
    together = count_tokens(model, conversations)
    assert [*zip(together.answer_start.tolist(), together.answer_end.tolist(), strict=True)] == list(
        spans_one_by_one(model, conversations)
    )


def spans_one_by_one(model: ModelTokenizer, conversations: list[Conversation]) -> Iterator[tuple[int, int]]:
    for one in conversations:
        counts = count_tokens(model, [one])
        yield counts.answer_start.item(), counts.answer_end.item()


def decode(tokenizer: PreTrainedTokenizerBase, ids: Any, counts: TokenCounts, place: int) -> str:
    """The text of a span, empty if there is none."""
    start, end = counts.answer_start[place], counts.answer_end[place]
    return "" if start == UNKNOWN else str(tokenizer.decode(ids[start:end], clean_up_tokenization_spaces=False))


def turns(answer: str) -> Conversation:
    return [{"role": "user", "content": "Is it so?"}, {"role": "assistant", "content": answer}]
