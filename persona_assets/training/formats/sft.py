"""Prompt and completion apart, as conversations: TRL's SFTTrainer then learns from the answer alone."""

from collections.abc import Mapping
from typing import Any

from persona_assets.training.examples import Example
from persona_assets.training.formats.contract import Format, SetInWords, Shape


def write(example: Example) -> dict[str, Any]:
    return {"prompt": list(example.prompt), "completion": [example.answer]}


def list_columns(_of_pairs: bool) -> Mapping[str, Shape]:
    return {"prompt": "messages", "completion": "messages"}


def describe_usage(_: SetInWords) -> str:
    return """\
TRL reads it as it is. Loss is on the completion alone, because prompt and completion are apart:

```python
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

rows = load_dataset("json", data_files={"train": "train.jsonl"}, split="train")
trainer = SFTTrainer(model, args=SFTConfig(completion_only_loss=True), train_dataset=rows)
```
"""


SFT = Format("sft", write, list_columns, describe_usage, takes_arguments=True)
