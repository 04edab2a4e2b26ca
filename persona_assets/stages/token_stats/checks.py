"""Checks of token_stats: the numbers add up."""

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, name_first
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.generator_counts import check_generator_counts
from persona_assets.stages.token_stats.refusals import check_refusals
from persona_assets.stages.token_stats.spec import (
    COUNTS,
    COUNTS_VERIFIED,
    STATISTICS_ADD_UP,
    TOKEN_STATS,
    TOKENIZER_IDENTITY,
)
from persona_assets.stages.token_stats.statistics_file import read_statistics
from persona_assets.statistics.counts_table import select_counted
from persona_assets.statistics.key_statistics import NO_SCORE, KeyStatistics, Summary
from persona_assets.store.parquet import read_parquet
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity

COUNTED = ("conversations", "tokens", "prompt_tokens", "assistant_tokens")


def check(context: StageContext[DatasetKey], dataset: pa.Table) -> Sequence[CheckOutcome]:
    statistics = read_statistics(context.workspace.root, context.key)
    counts = read_parquet(COUNTS.path(context.workspace.root, context.key), context.producer(TOKEN_STATS))
    problems = _find_problems(context, statistics, counts)
    wrong = [f"{name}: {problem}" for name, problem in problems.items() if problem]
    totals = {name: getattr(statistics.all, name) for name in COUNTED}
    totals["refused_by_template"] = statistics.refused_by_template
    return [
        CheckOutcome(STATISTICS_ADD_UP, not wrong, totals | {"wrong": first(wrong)}, _describe(statistics, wrong)),
        _check_tokenizer(context, statistics.tokenizer),
        _check_method(statistics.counting),
        check_refusals(counts, statistics.refusal),
        check_generator_counts(dataset, counts),
    ]


def _describe(statistics: KeyStatistics, wrong: Sequence[str]) -> str:
    if wrong:
        return name_first(wrong, len(wrong))
    conversations = count(statistics.all.conversations, "conversation")
    return f"{conversations} with {count(statistics.all.tokens, 'token')}, the same by score, label and prompt"


def _find_problems(
    context: StageContext[DatasetKey], statistics: KeyStatistics, counts: pa.Table
) -> dict[str, str | None]:
    counted = select_counted(counts)
    totals = {"conversations": counted.num_rows} | {
        name: sum(counted[name].to_numpy().tolist()) for name in COUNTED if name != "conversations"
    }
    described = {name: getattr(statistics.all, name) for name in COUNTED}
    rows = context.manifest.get(SCORED_DATASET).rows
    problems = {name: _find_wrong_sum(summary) for name, summary in statistics.variants.items()}
    problems["all"] = _find_wrong_sum(statistics.summary)
    problems["rows"] = None if counts.num_rows == rows else f"{counts.num_rows} counted, {rows} in the dataset"
    problems["counts"] = None if totals == described else f"{totals} in the counts' file"
    refused = counts.num_rows - counted.num_rows
    if refused != statistics.refused_by_template:
        problems["refused"] = f"{refused} rows without counts, {statistics.refused_by_template} in the statistics"
    return problems


def _find_wrong_sum(summary: Summary) -> str | None:
    groupings = {"by_score": summary.by_score, "by_label": summary.by_label, "by_prompt": summary.by_prompt}
    for grouping, groups in groupings.items():
        for name in COUNTED:
            total, whole = sum(getattr(group, name) for group in groups.values()), getattr(summary.all, name)
            if total != whole:
                return f"{name} {grouping} sum to {total}, not {whole}"
    if summary.all.prompt_tokens + summary.all.assistant_tokens != summary.all.tokens:
        return "prompt and assistant tokens do not sum to all tokens"
    return _find_wrong_threshold(summary)


def _find_wrong_threshold(summary: Summary) -> str | None:
    """Each minimum score must keep what the scores at or above it hold."""
    scored = {int(score): group for score, group in summary.by_score.items() if score != NO_SCORE}
    for kept in summary.thresholds:
        for name in ("conversations", "tokens"):
            total = sum(getattr(group, name) for score, group in scored.items() if score >= kept.min_score)
            if total != getattr(kept, name):
                return (
                    f"{name} from score {kept.min_score} on sum to {total}, "
                    f"not {getattr(kept, name)} as in thresholds"
                )
    return None


def _check_tokenizer(context: StageContext[DatasetKey], recorded: TokenizerIdentity) -> CheckOutcome:
    configured = context.settings.models.get(context.key.model)
    facts = {"configured": configured, "synthetic": recorded.synthetic, **msgspec.to_builtins(recorded)}
    synthetic = ", which is synthetic" if recorded.synthetic else ""
    sentence = f"counted with {recorded.id}, as configured{synthetic}"
    if recorded.id != configured:
        sentence = f"counted with {recorded.id}{synthetic}, but {configured or 'nothing'} is configured"
    return CheckOutcome(TOKENIZER_IDENTITY, recorded.id == configured, facts, sentence)


def _check_method(method: CountingMethod) -> CheckOutcome:
    """Counts are right even if this fails: after a mismatch, transformers makes them all, but slowly."""
    facts = msgspec.to_builtins(method) | {"mismatches": first(method.mismatches)}
    return CheckOutcome(
        COUNTS_VERIFIED, not method.mismatches and method.verified > 0, facts, _describe_method(method)
    )


def _describe_method(method: CountingMethod) -> str:
    if method.mismatches:
        return (
            f"{count(len(method.mismatches), 'count')} unlike those of transformers, which therefore counted all; "
            f"first: {method.mismatches[0]}"
        )
    if not method.verified:
        return "no count was compared with transformers" + (f": {method.reason}" if method.reason else "")
    return f"{method.path} counts as transformers does: {count(method.verified, 'conversation')} compared"
