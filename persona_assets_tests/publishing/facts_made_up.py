"""Facts of datasets that no workspace holds, for tests of what cards make of them."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from persona_assets.keys import DatasetKey
from persona_assets.publishing.facts import DatasetFacts
from persona_assets.publishing.row_signs import RowSigns
from persona_assets.stage.records import CodeRecord
from persona_assets.statistics.key_statistics import Group, KeyStatistics
from persona_assets.store.content import Content
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity

ROLE_COLUMNS = ("model", "role", "question", "label", "extract_score", "score_status")
TRAIT_COLUMNS = ("model", "trait", "question", "label", "extract_score", "score_status")


def make_facts(
    key: str,
    labels: Mapping[str, int],
    *,
    scored: Mapping[str, int] | None = None,
    columns: tuple[str, ...] | None = None,
    folded: int = 0,
    questions: frozenset[tuple[int, str]] = frozenset({(0, "How?"), (1, "Why?")}),
    text: str = "plain",
) -> DatasetFacts:
    """Facts of ``key``. ``text`` is put wherever a raw file or a setting may put text."""
    parsed, scored = DatasetKey.parse(key), labels if scored is None else scored
    rows = sum(labels.values())
    statuses = {"ok": sum(scored.values()), "missing": rows - sum(scored.values())}
    own = ROLE_COLUMNS if parsed.kind_name == "role" else TRAIT_COLUMNS
    signs = RowSigns(columns or own, labels, scored, statuses, folded, questions)
    return DatasetFacts(
        parsed,
        Path("/somewhere/private") / f"{key}.parquet",
        Content(1000, "0" * 64),
        signs,
        _make_statistics(parsed, rows, text),
        raw_lines=rows + 2,
        quarantined={text: 2},
        layout=text,
        raw_files={text: "1" * 64},
        code={"scored_dataset": CodeRecord("3", text, text)},
        warned=(text,),
    )


def _make_statistics(key: DatasetKey, rows: int, text: str) -> KeyStatistics:
    unknown = dict.fromkeys(("mean", "p5", "p25", "p50", "p75", "p95", "p99", "max", "long_answers_share"))
    totals = {"conversations": rows, "tokens": 10 * rows, "prompt_tokens": 4 * rows, "assistant_tokens": 6 * rows}
    group = msgspec.convert({**unknown, **totals, "long_answers": 0}, Group)
    return KeyStatistics(
        key.model,
        key.kind_name,
        key.persona,
        plot="",
        dataset_fingerprint="",
        tokenizer=TokenizerIdentity(text, text, text, text, text, text, {text: text}),
        counting=CountingMethod("transformers", 0),
        long_answer_tokens=1000,
        refusal=text,
        refused_by_template=1,
        all=group,
        by_score={},
        by_label={},
        by_prompt={},
        thresholds=[],
        by_length={},
        variants={},
    )
