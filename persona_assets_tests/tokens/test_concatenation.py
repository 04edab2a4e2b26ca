"""Whatever a template does to contents, the text is what transformers makes of it; concatenation is only faster."""

import itertools

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets_tests.tokens.conftest import MakeModel

Conversation = list[dict[str, str]]

PER_MESSAGE = (
    "{{ bos_token }}{% for message in messages %}<|turn|>{{ message.role }}\n"
    "BODY<|end|>\n{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
CONCATENATED = {
    "verbatim": "{{ message.content }}",
    "trimmed": "{{ message.content | trim }}",
    "stripped": "{{ message['content'].strip() }}",
    "one_side": "{{ message.content.lstrip('\\n') }}",
    "other_side": "{{ message.content.rstrip() }}",
    "trimmed_of_letters": "{{ message.content.strip('ab') }}",
    "joined": "{{ '[' + message.content + ']' }}",
    "searched": "{% if 'KEY' in message.content %}found{% else %}{{ message.content }}{% endif %}",
    "beginning": "{% if message.content.startswith('KEY') %}found{% endif %}{{ message.content }}",
    "end": "{% if message.content.endswith('KEY') %}found{% endif %}{{ message.content }}",
    "whole": "{% if message.content == 'KEY' %}found{% endif %}{{ message.content }}",
    "emptiness": "{% if message.content %}{{ message.content }}{% else %}nothing{% endif %}",
    "kind": "{% if message.content is string %}{{ message.content }}{% endif %}",
}
LEFT_TO_THE_TEMPLATE = {
    "one_of": "{% if message.content in ['KEY'] %}found{% endif %}{{ message.content }}",
    "emptiness_of_the_trimmed": "{% if message.content | trim %}{{ message.content }}{% else %}nothing{% endif %}",
    "upper": "{{ message.content | upper }}",
    "twice": "{{ message.content }}{{ message.content }}",
    "length": "{% if message.content | length > 40 %}long{% endif %}{{ message.content }}",
    "first_character": "{% if message.content[0] == 'K' %}found{% endif %}{{ message.content }}",
    "later": "{% if message.content > 'L' %}later{% endif %}{{ message.content }}",
    "split": "{{ message.content.split('KEY')[-1] }}",
    "replaced": "{{ message.content | replace('KEY', 'lock') }}",
    "json": "{{ message.content | tojson }}",
    "searched_when_joined": "{% if '[K' in '[' + message.content %}found{% endif %}{{ message.content }}",
    "searched_when_concatenated": "{% if 'KEY' in message.content ~ '' %}found{% endif %}{{ message.content }}",
    "searched_in_macro": "{% macro same(x) %}{{ x }}{% endmacro %}"
    "{% if 'KEY' in same(message.content) %}found{% endif %}{{ message.content }}",
    "searched_in_block": "{% set same %}{{ message.content }}{% endset %}"
    "{% if 'KEY' in same %}found{% endif %}{{ message.content }}",
    "part_of_a_constant": "{% if message.content in 'a KEY b' %}found{% endif %}{{ message.content }}",
    "handed_to_a_constant": "{{ 'a KEY b'.replace(message.content, 'x') }}{{ message.content }}",
    "formatted": "{% if 'KEY' in '%s' % message.content %}found{% endif %}{{ message.content }}",
    "iterated": "{% for letter in message.content %}{{ letter }}{% endfor %}",
    "key": "{{ {'KEY': 'lock'}.get(message.content, message.content) }}",
    "compared_with_another": "{% if message.content == messages[0].content %}same{% endif %}{{ message.content }}",
}
CONTENTS = (
    "KEY",
    "a KEY b",
    "KEY first",
    "ends in KEY",
    "b",
    "",
    " ",
    "\n x \n",
    "abcab",
    "Long " * 20,
    "é < 人 & 😀",
    "K",
)


@pytest.mark.parametrize("body", [*CONCATENATED.values(), *LEFT_TO_THE_TEMPLATE.values()])
def test_the_text_equals_apply_chat_template_whatever_the_template_does(make_model: MakeModel, body: str) -> None:
    template = PER_MESSAGE.replace("BODY", body)
    model, reference = make_model(template), _reference(template)
    conversations = [_turns(*contents) for contents in itertools.product(CONTENTS, repeat=2)]
    conversations += [_turns(*contents, system=contents[0]) for contents in itertools.permutations(CONTENTS, 2)]
    assert model.rendering.texts(conversations, add_generation_prompt=False) == [
        reference.apply_chat_template(turns, tokenize=False) for turns in conversations
    ]
    prompts = [turns[:-1] for turns in conversations]
    assert model.rendering.texts(prompts, add_generation_prompt=True) == [
        reference.apply_chat_template(turns, tokenize=False, add_generation_prompt=True) for turns in prompts
    ]


@pytest.mark.parametrize("body", CONCATENATED.values(), ids=CONCATENATED)
def test_a_template_that_treats_most_contents_alike_is_concatenated(make_model: MakeModel, body: str) -> None:
    assert len(make_model(PER_MESSAGE.replace("BODY", body)).rendering.patterns) == 4


@pytest.mark.parametrize("body", LEFT_TO_THE_TEMPLATE.values(), ids=LEFT_TO_THE_TEMPLATE)
def test_a_template_that_may_treat_any_content_differently_is_not(make_model: MakeModel, body: str) -> None:
    assert make_model(PER_MESSAGE.replace("BODY", body)).rendering.patterns == {}


def test_a_message_with_more_than_a_content_is_left_to_the_template(make_model: MakeModel) -> None:
    template = PER_MESSAGE.replace("BODY", "{{ message.content }}{{ message.tool_calls }}")
    turns = _turns("Hello", "Hi")
    turns[1]["tool_calls"] = "call"
    text = make_model(template).rendering.texts([turns], add_generation_prompt=False)
    assert text == [_reference(template).apply_chat_template(turns, tokenize=False)]


def _reference(template: str) -> PreTrainedTokenizerBase:
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(str(SAMPLE_TOKENIZER_FOLDER))
    tokenizer.chat_template = template
    return tokenizer


def _turns(*contents: str, system: str | None = None) -> Conversation:
    turns = [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(contents)]
    return turns if system is None else [{"role": "system", "content": system}, *turns]
