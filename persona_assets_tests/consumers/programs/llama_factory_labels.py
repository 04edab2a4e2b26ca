"""What LLaMA-Factory's own loader makes of the sets that a ``dataset_info.json`` names.

Arguments: where the result goes, a tokenizer, the name of a template, and a folder with a set for each format.
"""

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from transformers import AutoTokenizer, Seq2SeqTrainingArguments

from persona_assets_tests.consumers.programs.results import hand_over, read_arguments

# The loader imports torchaudio, which reads sound alone and whose wheels load on machines with a GPU only.
_no_sound = ModuleType("torchaudio")
_no_sound.__spec__ = ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = _no_sound

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.data.parser import DatasetAttr, get_dataset_list  # noqa: E402
from llamafactory.hparams import DataArguments, ModelArguments  # noqa: E402

NAME = "demo_train"


def main() -> None:
    result, (tokenizer_folder, template, sets) = read_arguments()
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    found = {}
    for folder in sorted(Path(sets).iterdir()):
        data = DataArguments(
            dataset=NAME, dataset_dir=str(folder), template=template, cutoff_len=4096, enable_thinking=False
        )
        rows = get_dataset(
            get_template_and_fix_tokenizer(tokenizer, data),
            ModelArguments(model_name_or_path=tokenizer_folder, cache_dir=f"{result}.d"),
            data,
            Seq2SeqTrainingArguments(output_dir=f"{result}.out", use_cpu=True),
            stage=_choose_stage(*get_dataset_list([NAME], str(folder))),
            tokenizer=tokenizer,
        )["train_dataset"]
        found[folder.name] = [_read(row) for row in rows]
    hand_over(result, found)


def _choose_stage(entry: DatasetAttr) -> str:
    if entry.kto_tag:
        return "kto"
    return "rm" if entry.ranking else "sft"


def _read(row: dict[str, Any]) -> dict[str, Any]:
    sides = {"": ""} if "input_ids" in row else {"chosen": "chosen_", "rejected": "rejected_"}
    read = {side: {"ids": row[f"{start}input_ids"], "labels": row[f"{start}labels"]} for side, start in sides.items()}
    return read | {"wanted": row.get("kto_tags")}


if __name__ == "__main__":
    main()
