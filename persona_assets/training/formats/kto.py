"""Single answers that are wanted or not, by a boolean: TRL's KTOTrainer."""

from collections.abc import Mapping
from typing import Any

from persona_assets.training.examples import Example
from persona_assets.training.formats.contract import Format, SetInWords, Shape


def write(example: Example) -> dict[str, Any]:
    return {"prompt": list(example.prompt), "completion": [example.answer], "label": example.desirable}


def list_columns(_of_pairs: bool) -> Mapping[str, Shape]:
    return {"prompt": "messages", "completion": "messages", "label": "bool"}


def describe_usage(_: SetInWords) -> str:
    return """\
`label` is true where the answer is wanted. It is not the column `label` of the datasets, which is a word.

```python
from datasets import load_dataset
from trl import KTOConfig, KTOTrainer

rows = load_dataset("json", data_files={"train": "train.jsonl"}, split="train")
trainer = KTOTrainer(model, args=KTOConfig(), train_dataset=rows, processing_class=tokenizer)
```
"""


KTO = Format("kto", write, list_columns, describe_usage, takes_arguments=True, sides_apart=True)
