"""Train the small tokenizer that ships with the package, from the demo corpus's own text.

Run from the repository root after changing the demo corpus:  python scripts/train_sample_tokenizer.py
"""

import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from persona_assets.raw.sources import locate
from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.workspace import Workspace

VOCABULARY = 1024
BOS, TURN, END = "<|bos|>", "<|turn|>", "<|end|>"
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "<|turn|>{{ message.role }}\n{{ message.content }}<|end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)


def corpus_text() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder), Path(folder) / "persona-data")
        write_sample_corpus(workspace)
        rows = [
            json.loads(line)
            for key in sample_keys()
            for line in locate(workspace.raw_root, key).conversations[0].path.read_text(encoding="utf-8").splitlines()
        ]
    return [message["content"] for row in rows for message in row["conversation"]]


def main() -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BOS, TURN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus_text(), trainer)
    SAMPLE_TOKENIZER_FOLDER.mkdir(exist_ok=True)
    tokenizer.save(str(SAMPLE_TOKENIZER_FOLDER / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": END,
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }
    path = SAMPLE_TOKENIZER_FOLDER / "tokenizer_config.json"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
