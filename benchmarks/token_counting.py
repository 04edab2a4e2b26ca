"""Compare this package's token counts with those of transformers: CPU time per conversation, and the counts.

    python benchmarks/token_counting.py --raw RAW_ROOT --tokenizers FOLDER [--sample 1000] [--compare 20000]

Times are CPU seconds of one process, per conversation, the median of all runs. ``count_tokens`` counts prompt
and total of a whole dataset at a time, rendering and its own comparison with transformers included, but not
loading. transformers counts the total alone, one conversation at a time, of a sample.

Differences: totals and prompts of every conversation against the tokenizers library on transformers' texts,
those of ``--compare`` conversations against transformers itself (``--compare 0``: of every conversation).
"""

import argparse
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread, as in a worker process, so that CPU time compares
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

import msgspec
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from persona_assets.settings import Settings
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer

Conversation = list[dict[str, str]]
ROWS = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True)
class Measured:
    conversations: int
    ours: float
    reference: float
    """Microseconds of CPU per conversation, medians."""
    differences: int
    compared_with_transformers: int

    @property
    def row(self) -> str:
        ratio = self.reference / self.ours
        return (
            f"{self.conversations:13,} {self.ours:9.1f} {self.reference:12.1f} {ratio:7.1f} {self.differences:11} "
            f"{self.compared_with_transformers:24,}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--tokenizers", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--compare", type=int, default=20_000)
    arguments = parser.parse_args()
    print(f"{'':15} {'conversations':>13} {'ours us':>9} {'transf. us':>12} {'ratio':>7} {'differences':>11} "
          f"{'compared with transf.':>24}")  # fmt: skip
    settings = Settings(tokenizers=arguments.tokenizers)
    for model in sorted(path.name for path in arguments.raw.iterdir() if path.name in settings.models):
        loaded = load_tokenizer(model, settings)
        folder = arguments.tokenizers / loaded.identity.id.rsplit("/", 1)[-1]
        reference = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        measured = measure(loaded, reference, datasets(arguments.raw / model), arguments)
        print(f"{model:15} {measured.row}", flush=True)


def datasets(folder: Path) -> list[list[Conversation]]:
    """The conversations of every raw file."""
    return [
        [ROWS.decode(line)["conversation"] for line in path.read_bytes().splitlines()]
        for path in sorted(folder.glob("*/responses/*.jsonl"))
    ]


def measure(
    loaded: ModelTokenizer,
    reference: PreTrainedTokenizerBase,
    parts: list[list[Conversation]],
    arguments: argparse.Namespace,
) -> Measured:
    every = [conversation for part in parts for conversation in part]
    sample = spread(every, arguments.sample)
    count_tokens(loaded, sample[:1])  # the comparison that is made once in a process
    times = defaultdict[str, list[float]](list)
    for _ in range(arguments.runs):
        times["ours"].append(microseconds(lambda: [count_tokens(loaded, part) for part in parts], len(every)))
        times["reference"].append(microseconds(lambda: one_by_one(reference, sample, prompt=False), len(sample)))
    checked = spread(every, arguments.compare) if arguments.compare else every
    return Measured(
        len(every),
        statistics.median(times["ours"]),
        statistics.median(times["reference"]),
        differences(loaded, reference, every, checked),
        len(checked),
    )


def spread(every: list[Conversation], count: int) -> list[Conversation]:
    return every[:: max(1, len(every) // count)][:count]


def microseconds(work: Callable[[], object], conversations: int) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) / conversations * 1e6


def differences(
    loaded: ModelTokenizer,
    reference: PreTrainedTokenizerBase,
    every: list[Conversation],
    checked: list[Conversation],
) -> int:
    """Conversations whose prompt or total differs from either reference."""
    counted, checks = count_tokens(loaded, every), count_tokens(loaded, checked)
    wrong = 0
    for prompt in (True, False):
        ours, again = (counts.prompt if prompt else counts.total for counts in (counted, checks))
        wrong += sum(a != b for a, b in zip(ours.tolist(), batched(reference, every, prompt=prompt), strict=True))
        wrong += sum(
            a != b for a, b in zip(again.tolist(), one_by_one(reference, checked, prompt=prompt), strict=True)
        )
    return wrong


def batched(reference: PreTrainedTokenizerBase, conversations: list[Conversation], *, prompt: bool) -> list[int]:
    lengths: list[int] = []
    for start in range(0, len(conversations), 256):
        part = [turns[:-1] if prompt else turns for turns in conversations[start : start + 256]]
        texts = reference.apply_chat_template(part, tokenize=False, add_generation_prompt=prompt)
        encodings = reference.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        lengths += [len(encoding) for encoding in encodings]
    return lengths


def one_by_one(reference: PreTrainedTokenizerBase, conversations: list[Conversation], *, prompt: bool) -> list[int]:
    return [
        len(
            reference.apply_chat_template(
                turns[:-1] if prompt else turns, tokenize=True, return_dict=False, add_generation_prompt=prompt
            )
        )
        for turns in conversations
    ]


if __name__ == "__main__":
    main()
