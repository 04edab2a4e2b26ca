"""What axolotl's own prompt strategies make of the rows that a configuration names.

Arguments: where the result goes, a tokenizer, the token that ends a turn, and a folder with a set for each format.
"""

from pathlib import Path
from typing import Any

import yaml
from axolotl.prompt_strategies import load as load_strategy
from axolotl.prompt_strategies.dpo import load as load_preferences
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.datasets import DPODataset, SFTDataset
from datasets import load_dataset
from transformers import AutoTokenizer

from persona_assets_tests.consumers.programs.results import hand_over, read_arguments


def main() -> None:
    result, (tokenizer_folder, end_of_turn, sets) = read_arguments()
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    found = {}
    for folder in sorted(Path(sets).iterdir()):
        written = yaml.safe_load((folder / "axolotl.yaml").read_text(encoding="utf-8"))
        configuration = DictDefault(written | {"sequence_len": 4096, "eot_tokens": [end_of_turn]})
        entry = configuration.datasets[0]
        rows = load_dataset(
            entry.ds_type, data_files=str(folder / entry.path), split="train", cache_dir=f"{result}.d"
        )
        tokenize = _prefer if configuration.rl else _converse
        found[folder.name] = [tokenize(configuration, tokenizer, dict(row)) for row in rows]
    hand_over(result, found)


def _converse(configuration: Any, tokenizer: Any, row: dict[str, Any]) -> dict[str, Any]:
    checked = SFTDataset(**configuration.datasets[0]).model_dump(exclude_none=True)
    strategy = load_strategy(checked["type"], tokenizer, configuration, DictDefault(checked))
    made = strategy.tokenize_prompt(row)
    return {"ids": list(made["input_ids"]), "labels": list(made["labels"])}


def _prefer(configuration: Any, tokenizer: Any, row: dict[str, Any]) -> dict[str, Any]:
    loaded = load_preferences(DPODataset(**configuration.datasets[0]).type, configuration, dataset_idx=0)
    transform = loaded[0] if isinstance(loaded, tuple) else loaded
    made = transform(row, tokenizer=tokenizer)
    return {part: made[part] for part in ("prompt", "chosen", "rejected")}


if __name__ == "__main__":
    main()
