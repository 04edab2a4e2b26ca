"""The signs and the checks of whole keys: sound ones pass, and each planted fault is found with its rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stages.conversation_signs.columns import find_signs
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS
from persona_assets.tokens.loading import load_tokenizer
from persona_assets_tests.raw_corpus import MODELS, QWEN, responses_file, scores_file, write_settings

ROLE_KEY, TRAIT_KEY = f"{QWEN}__role__pirate", f"{QWEN}__trait__calm"
PROMPTS, QUESTIONS = 5, 40
INSTRUCTION = "You are a pirate who has sailed the seven seas, number {}."
Row = dict[str, Any]
Change = Callable[[list[Row]], None]


def make_rows(key: str = ROLE_KEY) -> list[Row]:
    labels = ("pos",) if key == ROLE_KEY else ("pos", "neg")
    return [
        make_row(label, prompt, question)
        for label in labels
        for prompt in range(PROMPTS)
        for question in range(QUESTIONS)
    ]


def make_row(label: str, prompt: int, question: int) -> Row:
    system, asked = INSTRUCTION.format(prompt), f"What do you think of harbour {question}?"
    number = 7 * prompt + 13 * question + len(label)
    seen = " ".join(f"I saw {label}{(number * step) % 997} ships there." for step in range(3, 6 + number % 50))
    return {
        "system_prompt": system,
        "label": label,
        "prompt_index": prompt,
        "conversation": [
            {"role": "system", "content": system},
            {"role": "user", "content": asked},
            {"role": "assistant", "content": f"Harbour {question} is a fine one. {seen}"},
        ],
        "question_index": question,
        "question": asked,
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_settings(tmp_path, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    return load_settings(workspace=tmp_path)


def run(settings: Settings, change: Change = lambda _rows: None, key: str = ROLE_KEY) -> dict[str, CheckOutcome]:
    """The outcomes of the stage's checks for a key with every row scored as fully in character."""
    rows = make_rows(key)
    change(rows)
    top = 3 if key == ROLE_KEY else 100
    scores = {f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": top for row in rows}
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    for path, text in ((responses_file, lines), (scores_file, json.dumps(scores))):
        file = path(settings.raw_root, key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    outcome = materialise_key(DatasetKey.parse(key), settings)
    assert outcome.failure is None, outcome.failure
    return {one.check.name: one for one in outcome.checks if one.check.stage == CONVERSATION_SIGNS.name}


def failing(outcomes: dict[str, CheckOutcome]) -> set[str]:
    return {name for name, outcome in outcomes.items() if not outcome.passed}


def say(row: Row, answer: str) -> None:
    row["conversation"][-1]["content"] = answer


@pytest.mark.parametrize("key", [ROLE_KEY, TRAIT_KEY])
def test_a_sound_key_passes_every_check(settings: Settings, key: str) -> None:
    outcomes = run(settings, key=key)
    assert set(outcomes) == {check.name for check in CONVERSATION_SIGNS.checks}
    assert failing(outcomes) == set()
    assert outcomes["answers_not_truncated"].facts["judged"] == {"unknown": len(make_rows(key))}


def test_a_file_whose_conversations_are_shifted_by_one_row_is_found(settings: Settings) -> None:
    def shift(rows: list[Row]) -> None:
        conversations = [row["conversation"] for row in rows]
        for row, conversation in zip(rows, [*conversations[1:], conversations[0]], strict=True):
            row["conversation"] = conversation

    outcomes = run(settings, shift)
    assert failing(outcomes) == {"conversation_agrees"}
    facts = outcomes["conversation_agrees"].facts
    assert (facts["disagrees"], facts["disagrees_rate"]) == (200, 1.0)
    assert facts["first_disagrees"][:2] == ["pos_p0_q0", "pos_p0_q1"]


def test_conversations_with_another_persona_are_found(settings: Settings) -> None:
    def exchange(rows: list[Row]) -> None:
        for row in rows[:50]:
            row["conversation"][0]["content"] = "You are a stoic."

    outcomes = run(settings, exchange)
    assert failing(outcomes) == {"conversation_agrees"}
    assert outcomes["conversation_agrees"].facts["forms"] == {"disagrees": 50, "system_turn": 150}


def test_another_models_name_is_found(settings: Settings) -> None:
    def rename(rows: list[Row]) -> None:
        for row in rows[:QUESTIONS]:
            row["system_prompt"] = row["conversation"][0]["content"] = "You are Gemma."

    facts = run(settings, rename)["conversation_agrees"].facts
    assert (facts["other_model_named"], facts["disagrees"]) == (QUESTIONS, 0)


def test_an_instruction_in_the_wrong_turn_or_in_none_is_found(settings: Settings) -> None:
    def move(rows: list[Row]) -> None:
        system, user, answer = rows[3]["conversation"]
        both = {"role": "user", "content": f"{system['content']}\n\n{user['content']}"}
        rows[3]["conversation"] = [both, answer]
        rows[4]["conversation"] = rows[4]["conversation"][1:]

    outcomes = run(settings, move)
    assert failing(outcomes) == {"conversation_agrees"}
    facts = outcomes["conversation_agrees"].facts
    assert (facts["first_instruction_leaked"], facts["first_instruction_left_out"]) == (["pos_p0_q3"], ["pos_p0_q4"])


def test_answers_cut_at_a_limit_are_found_with_their_rates(settings: Settings) -> None:
    tokenizer = load_tokenizer(QWEN, settings).tokenizer

    def cut(rows: list[Row]) -> None:
        for row in rows:
            ids = tokenizer.encode(row["conversation"][-1]["content"], add_special_tokens=False)
            say(row, str(tokenizer.decode(ids[:200])))

    outcomes = run(settings, cut)
    assert "answers_not_truncated" in failing(outcomes)
    facts = outcomes["answers_not_truncated"].facts
    assert list(facts["token_limit"]) == ["assistant_tokens"]
    assert facts["truncated"] > 50
    assert facts["rate_by_score"] == {"3": facts["truncated_rate"]}
    assert list(facts["rate_by_prompt"]) == [f"pos_p{prompt}" for prompt in range(PROMPTS)]


@pytest.mark.parametrize(
    ("added", "sign"),
    [("</think>", "think_residue"), ("<|im_end|>", "template_tokens"), ("[INST]", "template_tokens")],
)
def test_what_tools_left_is_found_in_a_single_row(settings: Settings, added: str, sign: str) -> None:
    def add(rows: list[Row]) -> None:
        say(rows[7], f"Aye, I saw it. {added}")

    outcomes = run(settings, add)
    assert failing(outcomes) == {"answers_clean"}
    assert outcomes["answers_clean"].facts[f"first_{sign}"] == ["pos_p0_q7"]


def test_answers_of_one_word_are_found_if_they_are_not_few(settings: Settings) -> None:
    def shorten(rows: list[Row], count: int) -> None:
        for row in rows[:count]:
            say(row, f"Aye{row['question_index']}.")

    assert failing(run(settings, lambda rows: shorten(rows, 4))) == set()
    outcomes = run(settings, lambda rows: shorten(rows, 5))
    assert failing(outcomes) == {"answers_clean"}
    assert outcomes["answers_clean"].facts["empty_or_one_word"] == 5


@pytest.mark.parametrize("key", [ROLE_KEY, TRAIT_KEY])
def test_an_ai_that_speaks_in_rows_scored_as_in_character_is_found(settings: Settings, key: str) -> None:
    def speak(rows: list[Row], label: str) -> None:
        for row in [row for row in rows if row["label"] == label][:10]:
            say(row, f"As an AI language model, I have no harbour {row['question_index']}.")

    outcomes = run(settings, lambda rows: speak(rows, "pos"), key)
    assert "answers_in_character" in failing(outcomes)
    facts = outcomes["answers_in_character"].facts
    assert (facts["self_identification"], facts["in_character"]) == (10, 200)
    if key == TRAIT_KEY:
        assert "answers_in_character" not in failing(run(settings, lambda rows: speak(rows, "neg"), key))


def test_answers_that_quote_their_prompt_are_found(settings: Settings) -> None:
    def quote(rows: list[Row]) -> None:
        for row in rows[:10]:
            say(row, f"I have sailed the seven seas, number {row['prompt_index']}, and harbour {row['question']}")

    outcomes = run(settings, quote)
    assert "answers_in_character" in failing(outcomes)
    assert outcomes["answers_in_character"].facts["quotes_system_prompt"] == 10


def test_the_same_answer_to_many_questions_is_found(settings: Settings) -> None:
    def repeat(rows: list[Row]) -> None:
        for row in rows[:20]:
            say(row, "I cannot say what I think of that, for I was never there, nor will I ever be.")

    outcomes = run(settings, repeat)
    assert failing(outcomes) == {"answers_differ"}
    facts = outcomes["answers_differ"].facts
    assert facts["first_repeated"] == [{"answer_of": "pos_p0_q0", "rows": 20, "questions": 20}]


def test_one_text_under_two_indices_is_named_and_does_not_cry_wolf(settings: Settings) -> None:
    def ask_again(rows: list[Row], indices: range) -> None:
        for row in rows:
            if row["question_index"] in indices:
                row["question"] = row["conversation"][1]["content"] = "What do you think of harbour 0?"

    outcome = run(settings, lambda rows: ask_again(rows, range(27, 28)))["question_texts_distinct"]
    assert outcome.passed
    assert outcome.facts["first_shared"] == [
        {"question_indices": [0, 27], "question": "What do you think of harbour 0?"}
    ]
    assert "question_texts_distinct" in failing(run(settings, lambda rows: ask_again(rows, range(20, 40))))


def test_a_file_of_other_rows_is_not_judged(settings: Settings) -> None:
    run(settings)
    path = settings.workspace / "persona_signs" / f"{ROLE_KEY}.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    key = DatasetKey.parse(ROLE_KEY)
    outcome = materialise_key(key, settings, stages=[], checked=[CONVERSATION_SIGNS.name])
    assert {one.check.name for one in outcome.checks if not one.passed} == {
        check.name for check in CONVERSATION_SIGNS.checks
    }


def test_signs_stand_beside_the_rows_of_the_dataset_with_their_samples() -> None:
    message = pa.struct({"role": pa.string(), "content": pa.string()})
    asked = [{"role": "user", "content": "Why?"}]
    answers = ["Because of the wind.", "Because of", "Because."]
    dataset = pa.table(
        {
            "system_prompt": ["", "", ""],
            "question": ["Why?", "Why?", "Why?"],
            "messages": pa.array(
                [[*asked, {"role": "assistant", "content": answer}] for answer in answers], pa.list_(message)
            ),
            "prompt_index": [0, 0, 0],
            "question_index": [4, 4, 4],
            "sample_index": [0, 1, 2],
            "label": ["pos", "pos", "pos"],
            "finish_reason": ["stop", "length", None],
        }
    )
    counts = pa.table({"assistant_tokens": [6, 4, None], "tokens": [16, 14, None]})
    table = find_signs(dataset, counts, QWEN).table
    assert table["sample_index"].to_pylist() == [0, 1, 2]
    assert table["truncated"].to_pylist() == ["no", "yes", "unknown"]
    assert table["form"].to_pylist() == ["question_alone"] * 3
    assert table["empty_or_one_word"].to_pylist() == [False, False, True]
