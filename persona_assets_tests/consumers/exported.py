"""What the package itself writes of the answers that the consumers are tried with: training sets and exports."""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.keys import DatasetKey
from persona_assets.pairs.rules import PairRule
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.sample.conversations import compose_files
from persona_assets.settings import Settings, load_settings
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.steering.export import Wish, write_export
from persona_assets.steering.formats.registry import FORMATS
from persona_assets_tests.consumers.demo_pairs import TRAIT, Pair
from persona_assets_tests.consumers.models import SAMPLE, Model
from persona_assets_tests.raw_corpus import responses_file, write_scores

SET = "demo"
WANTED, UNWANTED = 95, 5
_ALL = {"splits": {"train": 1.0}, "whole_answers": False}
ROWS = {**_ALL, "view": "verbatim", "label": "pos"}
"""A recipe of the positive answers, asked for as they were."""
PAIRS = {**_ALL, "pair_rule": "gap50"}
"""A recipe of both answers, to the question without the persona."""


@dataclass(frozen=True)
class Source:
    """A workspace with the pairs of one model."""

    settings: Settings
    key: DatasetKey

    def write_set(self, folder: Path, recipe: dict[str, Any]) -> Path:
        """Make the training set of a recipe, all checks of which have to pass, and copy it to ``folder``."""
        settings = load_settings(**{**self.settings.model_dump(), "training_sets": {SET: recipe}})
        outcome = materialise_key(SET, settings, partitioning=BY_SET)
        assert outcome.failure is None, outcome.failure
        assert [check.sentence for check in outcome.checks if not check.passed] == []
        return Path(shutil.copytree(settings.workspace / "persona_training_sets" / SET, folder))

    def export(self, folder: Path, form: str) -> Path:
        """Export the pairs to ``folder``; the file."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_export(self.settings, Wish(FORMATS[form], [self.key], PairRule("gap50", "gap > 50")), folder)
        return next(path for path in folder.iterdir() if path.name.startswith(str(self.key)))


def prepare(model: Model, tokenizer: Path, folder: Path) -> Source:
    """Raw files of nothing but the pairs of ``model``, made into a dataset."""
    name = SAMPLE_TOKENIZER if model is SAMPLE else model.name
    settings = load_settings(
        workspace=folder / "workspace",
        tokenizers=None if model is SAMPLE else tokenizer.parent,
        models={model.corpus: name},
        chat_template_arguments={model.corpus: model.arguments},
    )
    key = DatasetKey(model.corpus, "trait", TRAIT)
    rows = list(_choose_rows(key, model.pairs))
    path = responses_file(settings.raw_root, str(key))
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    write_scores(settings.raw_root, str(key), {_cell(row): _score(row) for row in rows})
    assert materialise_key(key, settings, variants=settings.variants_of(key.kind)).failure is None
    return Source(settings, key)


def order_by(answers: Sequence[str], pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs in the order of the lines, whose positive answers are given; every pair is there once."""
    by_answer = {pair.positive: pair for pair in pairs}
    assert sorted(answers) == sorted(by_answer)
    return [by_answer[answer] for answer in answers]


def read_lines(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]


def _choose_rows(key: DatasetKey, pairs: Sequence[Pair]) -> Iterable[dict[str, Any]]:
    wanted = {(pair.question, answer) for pair in pairs for answer in (pair.positive, pair.negative)}
    for line in compose_files(key).conversations.splitlines():
        row = json.loads(line)
        if (row["question"], row["conversation"][-1]["content"]) in wanted:
            yield row


def _cell(row: dict[str, Any]) -> str:
    return f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}"


def _score(row: dict[str, Any]) -> int:
    return WANTED if row["label"] == "pos" else UNWANTED
