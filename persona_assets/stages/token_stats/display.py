"""How token_stats looks in the UI."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from persona_assets.stage.shown import Shown, ShownJson, ShownPath, ShownTable
from persona_assets.stages.token_stats.make import TokenStatsMade
from persona_assets.statistics.key_statistics import Threshold


def show(made: TokenStatsMade) -> Mapping[str, Shown]:
    everything: dict[str, Any] = msgspec.to_builtins(made.summary.all)
    groups = {
        "all": made.summary.all,
        **made.summary.by_label,
        **{name: summary.all for name, summary in made.variants.items()},
    }
    return {
        "statistics": ShownPath(made.statistics),
        "counts_per_row": ShownPath(made.counts),
        **{name: everything[name] for name in ("conversations", "tokens", "prompt_tokens", "assistant_tokens")},
        **{name: everything[name] for name in ("mean", "p50", "p95", "max")},
        "refused_by_template": made.summary.refused_by_template,
        "long_answers_share": everything["long_answers_share"],
        "tokenizer": ShownJson(msgspec.to_builtins(made.tokenizer)),
        "counted_by": made.method.path,
        "synthetic_tokenizer": made.tokenizer.synthetic,
        "summary": ShownTable({"rows": name, **msgspec.to_builtins(group)} for name, group in groups.items()),
        "by_score": ShownTable(
            {"score": score, "conversations": group.conversations, "tokens": group.tokens, "p50": group.p50}
            for score, group in made.summary.by_score.items()
        ),
        "thresholds": ShownTable(map(msgspec.to_builtins, _pick_some(made.summary.thresholds))),
    }


def _pick_some(thresholds: Sequence[Threshold]) -> Sequence[Threshold]:
    """Choose the minimum scores to show: all of a short scale, every tenth of a long one."""
    return thresholds[:: max(1, len(thresholds) // 10)]
