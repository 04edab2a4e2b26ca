"""Facts of datasets that no workspace holds, for tests of what cards make of them."""

from collections.abc import Mapping
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.publishing.facts import DatasetFacts
from persona_assets.publishing.row_signs import RowSigns
from persona_assets.stage.records import CodeRecord
from persona_assets.store.content import Content
from persona_assets.tokens.identity import TokenizerIdentity

ROLE_COLUMNS = ("model", "role", "question", "label", "extract_score", "score_status")
TRAIT_COLUMNS = ("model", "trait", "question", "label", "extract_score", "score_status")


def make_facts(
    key: str,
    labels: Mapping[str, int],
    *,
    scored: Mapping[str, int] | None = None,
    columns: tuple[str, ...] | None = None,
    folded: int = 0,
    repeated: int = 0,
    text: str = "plain",
) -> DatasetFacts:
    """Facts of ``key``. ``text`` is put wherever a raw file or a setting may put text."""
    parsed, scored = DatasetKey.parse(key), labels if scored is None else scored
    rows = sum(labels.values())
    statuses = {"ok": sum(scored.values()), "missing": rows - sum(scored.values())}
    own = ROLE_COLUMNS if parsed.kind_name == "role" else TRAIT_COLUMNS
    signs = RowSigns(columns or own, labels, scored, statuses, folded, 240, repeated)
    return DatasetFacts(
        parsed,
        Path("/somewhere/private") / f"{key}.parquet",
        Content(1000, "0" * 64),
        signs,
        tokens=10 * rows,
        answer_tokens=6 * rows,
        uncounted=1,
        tokenizer=TokenizerIdentity(text, text, text, text, text, text, {text: text}),
        raw_lines=rows + 2,
        quarantined={text: 2},
        layout=text,
        raw_files={text: "1" * 64},
        code={"scored_dataset": CodeRecord("3", text, text)},
        warned=(text,),
    )
