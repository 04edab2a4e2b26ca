"""Two corpora in persona-subspace's layout, and what a plain program makes of their pairs.

Nothing of the package computes an expectation here: rows are read by ``json``, matched by their cells, rendered by
transformers' ``apply_chat_template``, and answers are found in the tokens by decoding them.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unicodedata import normalize

from transformers import AutoTokenizer

from persona_assets.keys import DatasetKey
from persona_assets.pairs.rules import find_rule
from persona_assets.settings import Settings
from persona_assets.steering.export import Exported, Wish, write_export
from persona_assets.steering.formats.registry import FORMATS
from persona_assets_tests.plain_reading import Row, plain_rows

BASELINE = "0_default"
RULES: Mapping[str, Callable[[Row, Row], bool]] = {
    "gap50": lambda pos, neg: (
        None not in (pos["extract_score"], neg["extract_score"]) and pos["extract_score"] - neg["extract_score"] > 50
    ),
    "role3": lambda pos, _: pos["extract_score"] == 3,
}
"""The rules in plain Python. Rule gap50 is for traits here, role3 for roles."""


@dataclass(frozen=True)
class Rendered:
    """What transformers makes of one conversation."""

    text: str
    ids: list[int]
    start: int
    end: int
    said: str
    """The answer as the template writes it."""

    @property
    def before(self) -> str:
        return self.text[: self.text.rindex(self.said)]

    @property
    def cut(self) -> str:
        return self.before + self.said


@dataclass(frozen=True)
class Corpus:
    """A raw root, the workspace made from it, and the tokenizers that exports are rendered with."""

    settings: Settings
    keys: tuple[str, ...]
    folders: Mapping[str, Path]
    """The folder of each model's tokenizer."""
    arguments: Mapping[str, Mapping[str, Any]]
    """What each model's chat template is given."""

    def export(self, form: str, target: Path, rule: str | None, *keys: str, whole_turn: bool = False) -> Exported:
        chosen = None if rule is None else find_rule(rule, self.settings.pair_rules)
        parsed = [DatasetKey.parse(key) for key in keys]
        return write_export(self.settings, Wish(FORMATS[form], parsed, chosen, whole_turn), target)

    def keys_of(self, kind: str) -> list[str]:
        return [key for key in self.keys if f"__{kind}__" in key and BASELINE not in key]

    def pairs(self, key: str, rule: str) -> list[tuple[Row, Row]]:
        """The rows of both sides of the pairs that a rule keeps, in the order of the positive ones."""
        rows = plain_rows(self.settings.raw_root, key)
        if "__trait__" in key:
            against = {cell_of(row): row for row in rows if row["label"] == "neg"}
        else:
            others = plain_rows(self.settings.raw_root, f"{key.rpartition('__')[0]}__{BASELINE}")
            answers = {row["question"]: row for row in reversed(others) if row["prompt_index"] == 0}
            against = {cell_of(row): answers[row["question"]] for row in rows if row["question"] in answers}
        positive = [row for row in rows if row["label"] == "pos" and cell_of(row) in against]
        pairs = [(row, against[cell_of(row)]) for row in positive]
        return [(row, other) for row, other in pairs if RULES[rule](row, other)]

    def expect(self, key: str, rule: str) -> list[tuple[tuple[Row, Row], tuple[Rendered, Rendered]]]:
        """Those pairs with what transformers makes of them."""
        if (key, rule) not in self._expected:
            pairs, model = self.pairs(key, rule), model_of(key)
            assert pairs
            self._expected[key, rule] = [
                ((positive, negative), (self.render(model, positive), self.render(model, negative)))
                for positive, negative in pairs
            ]
        return self._expected[key, rule]

    @cached_property
    def _expected(self) -> dict[tuple[str, str], list[tuple[tuple[Row, Row], tuple[Rendered, Rendered]]]]:
        return {}

    def render(self, model: str, row: Row) -> Rendered:
        tokenizer, messages = self.tokenizers[model], row["messages"]
        text = tokenizer.apply_chat_template(messages, tokenize=False, **self.arguments[model])
        ids = tokenizer.apply_chat_template(messages, return_dict=False, **self.arguments[model])
        answer = messages[-1]["content"]
        said = answer if text.count(answer) else answer.strip()
        first = text.rindex(said)
        decoded = DecodedPrefixes(tokenizer, ids)
        start, end = decoded.find(text[:first]), decoded.find(text[: first + len(said)])
        return Rendered(text, list(ids), start, end, said)

    @cached_property
    def tokenizers(self) -> Mapping[str, Any]:
        loaded = {folder: AutoTokenizer.from_pretrained(folder) for folder in set(self.folders.values())}
        return {model: loaded[folder] for model, folder in self.folders.items()}


@dataclass(frozen=True)
class DecodedPrefixes:
    """The first tokens of a text, decoded."""

    tokenizer: Any
    ids: list[int]

    def find(self, text: str) -> int:
        """How many tokens are ``text``. Composed, because Qwen's tokenizer composes characters."""
        composed = normalize("NFC", text)
        first = bisect_left(range(len(self.ids)), len(composed), key=lambda count: len(self._decode(count)))
        # Tokens before it may be parts of the last character, which is as long as that.
        return next(count for count in range(first, first + 5) if self._decode(count) == composed)

    def _decode(self, number: int) -> str:
        decoded: str = self.tokenizer.decode(self.ids[:number], clean_up_tokenization_spaces=False)
        return normalize("NFC", decoded)


def cell_of(row: Row) -> tuple[int, int]:
    return row["prompt_index"], row["question_index"]


def model_of(key: str) -> str:
    return key.partition("__")[0]


def rules_of(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Every key that has pairs, with the rule for its kind. Model by model, since a tokenizer takes time to load."""
    for key in sorted([*corpus.keys_of("trait"), *corpus.keys_of("role")]):
        yield key, "gap50" if "__trait__" in key else "role3"
