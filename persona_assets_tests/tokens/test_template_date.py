"""A template that asks for today's date is always given the same one, which the tokenizer's identity names."""

import pytest
from transformers import AutoTokenizer

from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.tokens.counting import count_tokens
from persona_assets_tests.tokens.conftest import MakeModel

TURNS = [{"role": "user", "content": "What day is it?"}, {"role": "assistant", "content": "The same as ever."}]
TEMPLATE = (
    "{% if strftime_now is defined %}DATE{% endif %}{% for message in messages %}<|turn|>{{ message.role }}\n"
    "{{ message.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ("{{ strftime_now('%d %b %Y') }}", "26 Jul 2024"),
        ('{{ strftime_now("%Y-%m-%d") }}', "2024-07-26"),
        ("{%- set now = strftime_now('%A, %-d %B %y') -%}{{ now }}", "Friday, 26 July 24"),
        ("{% set f = '%H:%M on day %j' %}{{ strftime_now(f) }}", "00:00 on day 208"),
    ],
)
@pytest.mark.parametrize("before", ["", "\n", "  ", "\n\n "])
def test_the_date_is_fixed_in_whatever_format(make_model: MakeModel, asked: str, printed: str, before: str) -> None:
    model = make_model(before + TEMPLATE.replace("DATE", asked))
    reference = AutoTokenizer.from_pretrained(str(SAMPLE_TOKENIZER_FOLDER))
    reference.chat_template = before + TEMPLATE.replace("DATE", printed)
    expected = reference.apply_chat_template(TURNS, tokenize=False)
    assert printed in expected
    assert model.rendering.apply(TURNS, tokenize=False) == expected
    assert model.rendering.texts([TURNS], add_generation_prompt=False) == [expected]
    ids = reference.apply_chat_template(TURNS, tokenize=True, return_dict=False)
    counts = count_tokens(model, [TURNS])
    assert counts.total.tolist() == [len(ids)]
    assert (counts.method.path, counts.method.mismatches) == ("gigatoken", ())
    assert model.identity.fixed_date == "26 Jul 2024"


def test_a_template_that_asks_for_no_date_has_none(make_model: MakeModel) -> None:
    assert make_model().identity.fixed_date is None
