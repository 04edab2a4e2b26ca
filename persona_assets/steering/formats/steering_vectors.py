"""steering-vectors: two strings a pair, and the place of the token whose hidden state is read."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persona_assets.steering.formats.contract import Format
from persona_assets.steering.formats.lines import describe_pair, write_lines

if TYPE_CHECKING:
    from persona_assets.steering.material import Material


def _list_samples(material: "Material") -> Iterator[dict[str, Any]]:
    for pair, alone in material.cut_pairs():
        yield {
            **{f"{side}_str": one.text for side, one in alone.items()},
            **{f"read_{side}_token_index": one.end - 1 for side, one in alone.items()},
            **{f"{side}_answer": [one.start, one.end] for side, one in alone.items()},
            **describe_pair(pair),
        }


def write(material: "Material", folder: Path) -> int:
    """The place read is that of the answer's last token, whatever comes after it."""
    return write_lines(folder / f"{material.key}.jsonl", _list_samples(material))


STEERING_VECTORS = Format("steering_vectors", "the fields of a SteeringVectorTrainingSample a line", write, cuts=True)
