"""How many answers that were cut off are found, without a word of the generator, and how many others with them.

    python benchmarks/truncation.py RAW_ROOT --tokenizers FOLDER [--tables FOLDER]

cuts the answers of every key of a raw root at 512 tokens, at 1,024 tokens of prompt and answer, and not at all, as a
generator would, and judges them by their lengths and endings alone. ``--tables`` adds real answers whose generator
said why it stopped: Parquet files ``responses_*.parquet`` with prompt, response and finish_reason.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from corpora import MODELS, paths_of

from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import Settings, load_settings
from persona_assets.statistics.truncation import MEASURES, Truncated, Truncation, find_truncated
from persona_assets.tokens.concatenation import Conversation
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer

CAPS = {"answer 512": (512, None), "prompt and answer 1,024": (None, 1024), "none": (None, None)}
LINE = "{:44}{:26}{:>6}{:>6}{:>7}{:>8}{:>8}{:>11}  {}"


@dataclass(frozen=True)
class Cut:
    """Conversations, and which of them were cut."""

    conversations: Sequence[Conversation]
    cut: Sequence[bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    parser.add_argument("--tokenizers", type=Path, required=True)
    parser.add_argument("--tables", type=Path)
    arguments = parser.parse_args()
    print(LINE.format("answers of", "cap", "rows", "cut", "found", "others", "recall", "precision", "judged by"))
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(workspace=Path(folder), data_root=arguments.raw, tokenizers=arguments.tokenizers)
        for key in discover(RawCorpus.of(settings)).keys:
            model = load_tokenizer(key.model, settings)
            lines = paths_of(arguments.raw, key)[0].read_text(encoding="utf-8").splitlines()
            whole = [json.loads(line)["conversation"] for line in lines]
            for name, (answer, both) in CAPS.items():
                print_found(str(key), name, model, cut_off(model, whole, answer, both))
        for path in sorted(arguments.tables.glob("responses_*.parquet")) if arguments.tables else ():
            print_real(path, settings)


def cut_off(model: ModelTokenizer, whole: Sequence[Conversation], answer: int | None, both: int | None) -> Cut:
    """Cut each answer to at most ``answer`` tokens, and to at most ``both`` with its prompt, as a generator would."""
    tokenizer = model.tokenizer
    counted = count_tokens(model, whole)
    conversations: list[Conversation] = []
    cut: list[bool] = []
    for conversation, prompt in zip(whole, counted.prompt, strict=True):
        *asked, said = conversation
        ids = tokenizer.encode(said["content"], add_special_tokens=False)
        limit = min(answer or len(ids), (both - prompt) if both else len(ids))
        cut.append(len(ids) > limit)
        content = tokenizer.decode(ids[:limit]) if cut[-1] else said["content"]
        conversations.append([*asked, {"role": "assistant", "content": content}])
    return Cut(conversations, cut)


def print_real(path: Path, settings: Settings) -> None:
    table = pq.read_table(path)
    rows = zip(table["prompt"].to_pylist(), table["response"].to_pylist(), strict=True)
    conversations = [[{"role": "user", "content": p}, {"role": "assistant", "content": a}] for p, a in rows]
    cut = [reason == "length" for reason in table["finish_reason"].to_pylist()]
    print_found(path.stem, "real", load_tokenizer(MODELS[0], settings), Cut(conversations, cut))


def print_found(rows: str, cap: str, model: ModelTokenizer, made: Cut) -> None:
    found = judge(model, made.conversations)
    pairs = list(zip(made.cut, (one is Truncated.YES for one in found.rows), strict=True))
    right, others = pairs.count((True, True)), pairs.count((False, True))
    cut = sum(made.cut)
    recall = f"{right / cut:.3f}" if cut else "-"
    precision = f"{right / (right + others):.3f}" if right + others else "-"
    judged_by = f"{found.measure} {found.cap}" if found.measure else "nothing: all unknown"
    print(LINE.format(rows, cap, len(pairs), cut, right, others, recall, precision, judged_by))


def judge(model: ModelTokenizer, conversations: Sequence[Conversation]) -> Truncation:
    counted = count_tokens(model, conversations)
    counts = dict(zip(MEASURES, (list(counted.assistant), list(counted.total)), strict=True))
    return find_truncated(counts, pa.array([one[-1]["content"] for one in conversations], pa.string()))


if __name__ == "__main__":
    main()
