"""LLaMA-Factory: its ``sharegpt`` form with our names as tags, and the entries of ``dataset_info.json``."""

import json
from collections.abc import Mapping

from persona_assets.training.formats.contract import Format, SetInWords
from persona_assets.training.formats.preference import list_columns, write

INFO = "dataset_info.json"
_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}


def name_entry(described: SetInWords, split: str) -> str:
    """What the dataset of a split is called in LLaMA-Factory."""
    return f"{described.name}_{split}"


def write_info(described: SetInWords) -> Mapping[str, str]:
    entries = {name_entry(described, split): _describe(described, split) for split in described.splits}
    return {INFO: json.dumps(entries, indent=2) + "\n"}


def _describe(described: SetInWords, split: str) -> dict[str, object]:
    columns = {name: name for name in list_columns(described.of_pairs)}
    ranking: dict[str, object] = {"ranking": True} if described.of_pairs else {}
    return {
        "file_name": described.file_of(split),
        "formatting": "sharegpt",
        **ranking,
        "columns": columns,
        "tags": _TAGS,
    }


def describe_usage(described: SetInWords) -> str:
    stage = "dpo" if described.of_pairs else "sft"
    return f"""\
Point LLaMA-Factory at this folder, where `{INFO}` is:

```yaml
stage: {stage}
dataset_dir: .
dataset: {name_entry(described, described.splits[0])}
```

LLaMA-Factory writes turns by templates of its own: `template: gemma` for Gemma 2, `llama3` for Llama 3.3, and `qwen3`
with `enable_thinking: false` for Qwen3 end an answer as the model's own chat template does.
"""


LLAMA_FACTORY = Format("llama_factory", write, list_columns, describe_usage, companions=write_info, alternates=True)
