"""The question, with the persona's answer chosen and the other one rejected: TRL's DPOTrainer."""

from collections.abc import Mapping
from typing import Any

from persona_assets.training.examples import Example
from persona_assets.training.formats.contract import Format, SetInWords, Shape


def write(example: Example) -> dict[str, Any]:
    return {"prompt": list(example.prompt), "chosen": [example.answer], "rejected": [example.rejected]}


def list_columns(_of_pairs: bool) -> Mapping[str, Shape]:
    return {"prompt": "messages", "chosen": "messages", "rejected": "messages"}


def describe_usage(_: SetInWords) -> str:
    return """\
The prompt is the question without the persona; `chosen` is the answer with it, `rejected` the one against or without.

```python
from datasets import load_dataset
from trl import DPOConfig, DPOTrainer

pairs = load_dataset("json", data_files={"train": "train.jsonl"}, split="train")
trainer = DPOTrainer(model, args=DPOConfig(), train_dataset=pairs, processing_class=tokenizer)
```
"""


DPO = Format("dpo", write, list_columns, describe_usage, takes_arguments=True)
