"""A small raw corpus in the layout of persona-subspace, written without the package under test.

Every call writes the same bytes. It holds on purpose: a baseline without a score file, a persona that is
both role and trait (stoic), an old file without prompt indices (bard), a broken line (gemma's blunt),
missing scores, refusals, scores off the scale, and answers that trip careless readers.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]

GEMMA, LLAMA, QWEN = "gemma-2-27b", "llama-3.3-70b", "qwen-3-32b"
MODELS = (GEMMA, LLAMA, QWEN)
RAW_FOLDERS = {"role": "roles_240", "trait": "traits_240"}
BASELINE = "0_default"
OLD_ROLE = "bard"
PROMPTS = 5

PERSONAS = {
    (GEMMA, "role"): (BASELINE, "pirate", "stoic"),
    (GEMMA, "trait"): ("blunt", "stoic"),
    (LLAMA, "role"): (BASELINE, "pirate"),
    (QWEN, "role"): (BASELINE, OLD_ROLE, "stoic"),
    (QWEN, "trait"): ("stoic",),
}
KEYS = tuple(f"{model}__{kind}__{persona}" for (model, kind), names in PERSONAS.items() for persona in names)
BROKEN_LINE_KEY = f"{GEMMA}__trait__blunt"
BROKEN_LINE = '{"system_prompt": "You are blunt.", "label": "pos", "prompt_ind'

QUESTIONS = (
    "What is the relationship between law and morality?",
    "How do I tell a friend that she is wrong?",
    "Pourquoi le ciel est-il bleu ?",
    'What does "home": a word, mean to you?',
)
BASELINE_PROMPTS = ("", "You are an AI assistant.", "You are a large language model.", "Be yourself.", "Answer.")
PROMPT_FORMS = ("You are {}.", "Answer as {}.", "Speak with the voice of {}.", "Be {}.", "Play {}: now.")
ANSWERS = (
    "Let me think about that. There are two sides to it, and both of them matter.",
    "## Plan\n\n1. **Listen.**\n2. Speak.\n\n* and then: rest",
    "Sure thing 😀 — 👩‍🔬 says hi ✨ 👍🏽",
    'He said "leave": so I left. {"label": "neg", "content": "not a row"}',
    "one line\u2028another line\u2029a paragraph\x85and a next line",
    "人生は旅である。 道可道非常道。 الصبر مفتاح الفرج.",
    "C:\\path\\new\ttabbed, a backslash at the end \\",
    "?",
    "  leading and trailing space \n",
    "naïve café (precomposed) and cafe\u0301 (combining), \u200bzero width",
)


def write_corpus(root: Path) -> None:
    """Write all of ``KEYS`` under the raw root ``root``."""
    for key in KEYS:
        write_persona(root, key)


def write_persona(root: Path, key: str, questions: int = len(QUESTIONS)) -> None:
    """Write one persona's responses and, unless it is a baseline, its scores."""
    rows = list(persona_rows(key, questions))
    lines = [json.dumps(row, ensure_ascii=place % 2 == 1) for place, row in enumerate(rows)]
    if key == BROKEN_LINE_KEY:
        lines.insert(3, BROKEN_LINE)
    path = responses_file(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    if not key.endswith(f"__{BASELINE}"):
        write_scores(root, key, persona_scores(key, rows))


def write_scores(root: Path, key: str, scores: Mapping[str, Any]) -> None:
    path = scores_file(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(scores, indent=1), encoding="utf-8")


def write_settings(workspace: Path, tokenizers: Mapping[str, str]) -> None:
    """Write ``persona_assets.toml`` with a tokenizer for every model."""
    workspace.mkdir(parents=True, exist_ok=True)
    lines = ["[models]", *(f'"{model}" = "{tokenizer}"' for model, tokenizer in tokenizers.items())]
    (workspace / "persona_assets.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def responses_file(root: Path, key: str) -> Path:
    model, kind, persona = key.split("__")
    return root / model / RAW_FOLDERS[kind] / "responses" / f"{persona}.jsonl"


def scores_file(root: Path, key: str) -> Path:
    model, kind, persona = key.split("__")
    return root / model / RAW_FOLDERS[kind] / "extract_scores" / f"{persona}.json"


def persona_rows(key: str, questions: int) -> Iterator[Row]:
    model, kind, persona = key.split("__")
    for label in _labels(kind, persona):
        for prompt_index in range(1 if persona == OLD_ROLE else PROMPTS):
            for question_index in range(questions):
                row = _row(model, persona, label, prompt_index, question_index)
                if persona == OLD_ROLE:
                    del row["prompt_index"]
                yield row


def persona_scores(key: str, rows: list[Row]) -> dict[str, Any]:
    """Scores that use the whole scale, with every fault a judge's file has."""
    top = 100 if "__trait__" in key else 3
    scores: dict[str, Any] = {}
    for place, row in enumerate(rows):
        name = f"{row['label'].replace('neutral', 'default')}_{_index_part(row)}"
        scores[name] = (37 * place + 3) % (top + 1)
        if place % 20 == 4:
            del scores[name]
        elif place % 20 == 9:
            scores[name] = "REFUSAL" if top == 100 else None
        elif place % 20 == 14:
            scores[name] = top + 40
        elif place % 40 == 19:
            scores[name] = "about 2"
    return scores


def _labels(kind: str, persona: str) -> tuple[str, ...]:
    if persona == BASELINE:
        return ("default",)
    if persona == OLD_ROLE:
        return ("pos", "neutral")
    return ("pos",) if kind == "role" else ("pos", "neg")


def _row(model: str, persona: str, label: str, prompt_index: int, question_index: int) -> Row:
    prompt = _prompt(persona, label, prompt_index)
    question = QUESTIONS[question_index % len(QUESTIONS)]
    number = len(label) + 7 * prompt_index + question_index
    answer = {"role": "assistant", "content": ANSWERS[number % len(ANSWERS)]}
    if model == GEMMA:
        conversation = [{"role": "user", "content": f"{prompt}\n\n{question}"}, answer]
    else:
        system = [{"role": "system", "content": prompt}] if prompt else []
        conversation = [*system, {"role": "user", "content": question}, answer]
    return {
        "system_prompt": prompt,
        "label": label,
        "prompt_index": prompt_index,
        "conversation": conversation,
        "question_index": question_index,
        "question": question,
    }


def _prompt(persona: str, label: str, prompt_index: int) -> str:
    if label in ("default", "neutral"):
        return BASELINE_PROMPTS[prompt_index]
    return PROMPT_FORMS[prompt_index].format(f"{'never ' if label == 'neg' else ''}a {persona}")


def _index_part(row: Row) -> str:
    if "prompt_index" not in row:
        return str(row["question_index"])
    return f"p{row['prompt_index']}_q{row['question_index']}"
