"""One training step of each of TRL's trainers on the set in the folder of its name.

Arguments: where the result goes, a tokenizer, a folder for the models, and a folder with a set for each format.
The result has, for each format, the tokens of every example as the model gets them, and which of them carry loss.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datasets import Dataset, load_dataset
from transformers import AutoTokenizer
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

from persona_assets_tests.consumers.programs.results import hand_over, read_arguments
from persona_assets_tests.consumers.programs.tiny_model import save_tiny_model

Found = Mapping[str, list[int]]


def main() -> None:
    result, (tokenizer_folder, models, sets) = read_arguments()
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    model = save_tiny_model(Path(models), len(tokenizer))
    found = {}
    for folder in sorted(Path(sets).iterdir()):
        rows = load_dataset(str(folder), split="train", cache_dir=f"{models}/cache")
        found[folder.name] = _TRAINERS[folder.name](str(model), tokenizer, rows, _options(Path(models), len(rows)))
    hand_over(result, found)


def _options(folder: Path, rows: int) -> dict[str, Any]:
    logs = {"report_to": [], "save_strategy": "no", "logging_steps": 1, "disable_tqdm": True}
    numbers = {"use_cpu": True, "bf16": False, "gradient_checkpointing": False, "max_length": 4096}
    return {"output_dir": str(folder / "out"), "max_steps": 1, "per_device_train_batch_size": rows, **logs, **numbers}


def _train_sft(model: str, tokenizer: Any, rows: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    trainer = SFTTrainer(model, args=SFTConfig(**options), train_dataset=rows, processing_class=tokenizer)
    return _train(trainer, lambda batch: _strip(batch, batch["labels"]))


def _train_dpo(model: str, tokenizer: Any, rows: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    trainer = DPOTrainer(model, args=DPOConfig(**options), train_dataset=rows, processing_class=tokenizer)
    return _train(trainer, _read_completions)


def _train_kto(model: str, tokenizer: Any, rows: Dataset, options: dict[str, Any]) -> dict[str, Any]:
    trainer = KTOTrainer(model, args=KTOConfig(**options), train_dataset=rows, processing_class=tokenizer)
    return _train(trainer, _read_completions) | {"wanted": [bool(label) for label in trainer.train_dataset["label"]]}


def _train(trainer: Any, read: Callable[[Any], list[Found]]) -> dict[str, Any]:
    """What the trainer's own collator makes of its rows, in their order, and the loss of a step over them."""
    batch = trainer.data_collator([trainer.train_dataset[row] for row in range(len(trainer.train_dataset))])
    return {"examples": read(batch), "loss": trainer.train().training_loss}


def _read_completions(batch: Any) -> list[Found]:
    return _strip(batch, batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100))


def _strip(batch: Any, labels: Any) -> list[Found]:
    """Without padding."""
    return [
        {"ids": ids[seen].tolist(), "labels": learnt[seen].tolist()}
        for ids, learnt, seen in zip(batch["input_ids"], labels, batch["attention_mask"].bool(), strict=True)
    ]


_TRAINERS = {"sft": _train_sft, "messages": _train_sft, "dpo": _train_dpo, "kto": _train_kto}

if __name__ == "__main__":
    main()
