"""Weigh concatenation by traced patterns: rendering each conversation with Jinja, the same fast encoder, in turns.

    python benchmarks/weighing_templates.py --tokenizers FOLDER [--runs 7]

Prints for 2,400 conversations of every model: CPU time of rendering prompts and wholes both ways, of encoding them,
the ratio of rendering plus encoding, and how long tracing the template takes once a process.
"""

import argparse
import os
import random
from dataclasses import replace
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread, as in a worker process, so that CPU time compares

from taking_turns import measure

from persona_assets.sample.phrases import SENTENCES
from persona_assets.settings import Settings
from persona_assets.tokens.answer_places import Conversation
from persona_assets.tokens.loading import load_tokenizer
from persona_assets.tokens.rendering import Rendering, prepare_rendering

CONVERSATIONS = 2400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizers", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    settings = Settings(tokenizers=arguments.tokenizers)
    for model in sorted(settings.models):
        loaded = load_tokenizer(model, settings)
        traced, plain = loaded.rendering, replace(loaded.rendering, patterns={})
        conversations = make_conversations(system="gemma" not in model)
        texts = render(traced, conversations)
        assert texts == render(plain, conversations)
        ours, jinja, encoding, tracing = measure(
            arguments.runs,
            lambda: render(traced, conversations),  # noqa: B023  (called at once)
            lambda: render(plain, conversations),  # noqa: B023
            lambda: loaded.encoder.encode(texts),  # noqa: B023
            lambda: prepare_rendering(loaded.tokenizer),  # noqa: B023
        )
        print(
            f"{model}: concatenation {ours:.0f} ms, Jinja {jinja:.0f} ms, encoding {encoding:.0f} ms; "
            f"together {(jinja + encoding) / (ours + encoding):.2f} times less; tracing once {tracing:.0f} ms; "
            f"{len(traced.patterns)} patterns",
            flush=True,
        )


def make_conversations(*, system: bool) -> list[Conversation]:
    chance = random.Random(7)
    sentences = {"user": 2, "assistant": 25}
    if system:
        sentences = {"system": 3} | sentences

    def write(place: int, count: int) -> str:
        return f"{place} " + " ".join(chance.choices(SENTENCES, k=count))

    return [
        [{"role": role, "content": write(place, count)} for role, count in sentences.items()]
        for place in range(CONVERSATIONS)
    ]


def render(rendering: Rendering, conversations: list[Conversation]) -> list[str]:
    prompts = rendering.texts([turns[:-1] for turns in conversations], add_generation_prompt=True)
    return prompts + rendering.texts(conversations, add_generation_prompt=False)


if __name__ == "__main__":
    main()
