"""Checks of token_stats and histogram: the numbers add up, and the picture shows them."""

import json

import msgspec
from PIL import Image

from persona_assets.checks.names import COUNTS_VERIFIED, PICTURE_VALID, STATISTICS_ADD_UP, TOKENIZER_IDENTITY
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.errors import Producer
from persona_assets.regular_files import open_regular
from persona_assets.stages.names import SCORED_DATASET, TOKEN_STATS
from persona_assets.stages.work import KeyWork
from persona_assets.statistics.files import read_key_statistics
from persona_assets.statistics.key_statistics import NO_SCORE, KeyStatistics, Summary
from persona_assets.store.manifests import DATASET_FINGERPRINT, INPUTS
from persona_assets.store.parquet import read_parquet
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity

COUNTED = ("conversations", "tokens", "prompt_tokens", "assistant_tokens")


def check_token_stats(work: KeyWork) -> list[CheckOutcome]:
    record = _statistics(work)
    wrong = [f"{name}: {problem}" for name, problem in _all_problems(work, record).items() if problem]
    everything = {name: getattr(record.all, name) for name in COUNTED}
    return [
        CheckOutcome(STATISTICS_ADD_UP, not wrong, everything | {"wrong": first(wrong)}),
        _tokenizer_identity(work, record.tokenizer),
        _counts_verified(record.counting),
    ]


def _all_problems(work: KeyWork, record: KeyStatistics) -> dict[str, str | None]:
    counts = read_parquet(work.workspace.token_counts(work.key))
    totals = {"conversations": counts.num_rows} | {
        name: sum(counts[name].to_numpy().tolist()) for name in COUNTED if name != "conversations"
    }
    rows = work.manifest.section(SCORED_DATASET)["rows"]
    problems = {name: _sum_problem(summary) for name, summary in record.variants.items()}
    problems["all"] = _sum_problem(record.summary)
    problems["rows"] = None if counts.num_rows == rows else f"{counts.num_rows} counted, {rows} in the dataset"
    problems["counts"] = (
        None if totals == {name: getattr(record.all, name) for name in totals} else f"{totals} in the counts' file"
    )
    return problems


def _sum_problem(summary: Summary) -> str | None:
    for groups in ("by_score", "by_label", "by_prompt"):
        for name in COUNTED:
            total = sum(getattr(group, name) for group in getattr(summary, groups).values())
            if total != getattr(summary.all, name):
                return f"{name} {groups} sum to {total}, not {getattr(summary.all, name)}"
    if summary.all.prompt_tokens + summary.all.assistant_tokens != summary.all.tokens:
        return "prompt and assistant tokens do not sum to all tokens"
    return _threshold_problem(summary)


def _threshold_problem(summary: Summary) -> str | None:
    """Each minimum score must keep what the scores at or above it hold."""
    scored = {int(score): group for score, group in summary.by_score.items() if score != NO_SCORE}
    for kept in summary.thresholds:
        for name in ("conversations", "tokens"):
            total = sum(getattr(group, name) for score, group in scored.items() if score >= kept.min_score)
            stated = getattr(kept, name)
            if total != stated:
                return f"{name} from score {kept.min_score} on sum to {total}, not {stated} as in thresholds"
    return None


def _tokenizer_identity(work: KeyWork, recorded: TokenizerIdentity) -> CheckOutcome:
    configured = work.settings.models.get(work.key.model)
    facts = {"configured": configured, "synthetic": recorded.synthetic, **msgspec.to_builtins(recorded)}
    return CheckOutcome(TOKENIZER_IDENTITY, recorded.id == configured, facts)


def _counts_verified(method: CountingMethod) -> CheckOutcome:
    """Counts are right either way: after a mismatch they are transformers' own. But they came slowly."""
    facts = msgspec.to_builtins(method) | {"mismatches": first(list(method.mismatches))}
    return CheckOutcome(COUNTS_VERIFIED, not method.mismatches and method.verified > 0, facts)


def check_histogram(work: KeyWork) -> list[CheckOutcome]:
    record = _statistics(work)
    expected = {
        "conversations": record.all.conversations,
        "tokens": record.all.tokens,
        DATASET_FINGERPRINT: work.manifest.section(TOKEN_STATS)[INPUTS][DATASET_FINGERPRINT],
    }
    path = work.workspace.plot_file(work.key)
    try:
        with open_regular(path) as file, Image.open(file) as picture:
            picture.load()
            size, described = picture.size, json.loads(picture.info.get("Description", "{}"))
    except (OSError, ValueError, SyntaxError) as error:
        return [CheckOutcome(PICTURE_VALID, passed=False, facts={"path": str(path), "error": str(error)})]
    # Of what any picture may say of itself, only the names that ours have.
    shown = {name: described.get(name) for name in expected} if isinstance(described, dict) else {}
    facts = {"path": str(path), "width": size[0], "height": size[1], "drawn_from": shown, "expected": expected}
    return [CheckOutcome(PICTURE_VALID, described == expected, facts)]


def _statistics(work: KeyWork) -> KeyStatistics:
    return read_key_statistics(work.workspace.root, work.key, Producer(TOKEN_STATS, work.key))
