"""How token_stats looks in the UI."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from persona_assets.keys import DatasetName
from persona_assets.stage.shown import Shown, ShownJson, ShownPath, ShownTable
from persona_assets.stage.wording import count, percent
from persona_assets.stages.token_stats.make import TokenStatsMade
from persona_assets.statistics.key_statistics import NO_SCORE, Group, Summary, Threshold

MOST_SHOWN = 10
"""Scores, or steps of a long scale."""


def show(made: TokenStatsMade) -> Mapping[str, Shown]:
    everything = made.summary.all
    groups = {
        "all": everything,
        **made.summary.by_label,
        **{str(DatasetName.parse(name).variant): summary.all for name, summary in made.variants.items()},
    }
    return {
        "summary": _summarise(made.summary),
        "tokens_by_rows": ShownTable({"rows": name, **_show_group(group)} for name, group in groups.items()),
        "tokens_by_score": ShownTable(_show_scores(made.summary)),
        "kept_by_min_score": ShownTable(_show_threshold(one, everything) for one in _pick(made.summary.thresholds)),
        "conversations": everything.conversations,
        "tokens": everything.tokens,
        "prompt_tokens": everything.prompt_tokens,
        "assistant_tokens": everything.assistant_tokens,
        **_show_lengths(everything),
        "long_answers_share": everything.long_answers_share,
        "refused_conversations": made.summary.refused_by_template,
        "statistics": ShownPath(made.statistics),
        "counts_per_row": ShownPath(made.counts),
        "counted_by": made.method.path,
        "tokenizer_id": made.tokenizer.id,
        "synthetic_tokenizer": made.tokenizer.synthetic,
        "tokenizer": ShownJson(msgspec.to_builtins(made.tokenizer)),
    }


def _summarise(summary: Summary) -> str:
    everything = summary.all
    refused = f"; {summary.refused_by_template:,} more refused by the template" * bool(summary.refused_by_template)
    counted = f"{count(everything.tokens, 'token')} in {count(everything.conversations, 'conversation')}"
    if not everything.conversations:
        return f"{counted}{refused}"
    long = percent(everything.long_answers, everything.conversations)
    return (
        f"{counted}: median {everything.p50:,.0f}, 95 % up to {everything.p95:,.0f}, longest {everything.max:,}; "
        f"{long} with a long answer{refused}"
    )


def _show_group(group: Group) -> Mapping[str, int | float | None]:
    return {"conversations": group.conversations, "tokens": group.tokens, **_show_lengths(group)}


def _show_lengths(group: Group) -> Mapping[str, int | float | None]:
    return {"median_tokens": group.p50, "p95_tokens": group.p95, "longest_tokens": group.max}


def _show_scores(summary: Summary) -> Iterator[Mapping[str, int | float | str]]:
    """Each score, or each ten of a long scale; rows without a score come last."""
    top = summary.thresholds[-1].min_score if summary.thresholds else 0
    bands: dict[str, list[Group]] = {}
    for score, group in summary.by_score.items():
        bands.setdefault("no score" if score == NO_SCORE else _name_band(int(score), top), []).append(group)
    for band, groups in bands.items():
        conversations, tokens = (sum(getattr(one, name) for one in groups) for name in ("conversations", "tokens"))
        mean = round(tokens / conversations, 1) if conversations else 0
        yield {"score": band, "conversations": conversations, "tokens": tokens, "mean_tokens": mean}


def _name_band(score: int, top: int) -> str:
    step = 1 if top < MOST_SHOWN else 10
    low = score // step * step
    high = min(low + step - 1, top)
    return str(low) if low == high else f"{low}-{high}"


def _show_threshold(kept: Threshold, everything: Group) -> Mapping[str, int | str]:
    return {
        "min_score": kept.min_score,
        "conversations": kept.conversations,
        "share": percent(kept.conversations, everything.conversations),
        "tokens": kept.tokens,
    }


def _pick(thresholds: Sequence[Threshold]) -> Sequence[Threshold]:
    """Choose the minimum scores to show: all of a short scale, every tenth of a long one."""
    return thresholds[:: max(1, len(thresholds) // MOST_SHOWN)]
