"""Checks of token_stats and histogram: the numbers add up, and the picture shows them."""

import json
from typing import Any

from PIL import Image

from persona_assets.checks.names import COUNTS_VERIFIED, PICTURE_VALID, STATISTICS_ADD_UP, TOKENIZER_IDENTITY
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.regular_files import open_regular
from persona_assets.stages.names import SCORED_DATASET, TOKEN_STATS
from persona_assets.stages.statistics_shape import StatisticsShape
from persona_assets.stages.token_stats import COUNTING
from persona_assets.stages.work import KeyWork
from persona_assets.statistics.summaries import NO_SCORE
from persona_assets.store.manifests import DATASET_FINGERPRINT, INPUTS
from persona_assets.store.parquet import read_parquet
from persona_assets.store.records import read_json

COUNTED = ("conversations", "tokens", "prompt_tokens", "assistant_tokens")


def check_token_stats(work: KeyWork) -> list[CheckOutcome]:
    record = _statistics(work)
    wrong = [f"{name}: {problem}" for name, problem in _all_problems(work, record).items() if problem]
    everything = {name: record["all"][name] for name in COUNTED}
    return [
        CheckOutcome(STATISTICS_ADD_UP, not wrong, everything | {"wrong": first(wrong)}),
        _tokenizer_identity(work, record["tokenizer"]),
        _counts_verified(record[COUNTING]),
    ]


def _all_problems(work: KeyWork, record: dict[str, Any]) -> dict[str, str | None]:
    counts = read_parquet(work.workspace.token_counts(work.key))
    totals = {"conversations": counts.num_rows} | {
        name: sum(counts[name].to_numpy().tolist()) for name in COUNTED if name != "conversations"
    }
    rows = work.manifest.section(SCORED_DATASET)["rows"]
    problems = {name: _sum_problem(summary) for name, summary in record["variants"].items()}
    problems["all"] = _sum_problem(record)
    problems["rows"] = None if counts.num_rows == rows else f"{counts.num_rows} counted, {rows} in the dataset"
    problems["counts"] = None if totals.items() <= record["all"].items() else f"{totals} in the counts' file"
    return problems


def _sum_problem(summary: dict[str, Any]) -> str | None:
    for groups in ("by_score", "by_label", "by_prompt"):
        for name in COUNTED:
            total = sum(group[name] for group in summary[groups].values())
            if total != summary["all"][name]:
                return f"{name} {groups} sum to {total}, not {summary['all'][name]}"
    if summary["all"]["prompt_tokens"] + summary["all"]["assistant_tokens"] != summary["all"]["tokens"]:
        return "prompt and assistant tokens do not sum to all tokens"
    return _threshold_problem(summary)


def _threshold_problem(summary: dict[str, Any]) -> str | None:
    """Each minimum score must keep what the scores at or above it hold."""
    scored = {int(score): of for score, of in summary["by_score"].items() if score != NO_SCORE}
    for kept in summary["thresholds"]:
        for name in ("conversations", "tokens"):
            total = sum(of[name] for score, of in scored.items() if score >= kept["min_score"])
            if total != kept[name]:
                return f"{name} from score {kept['min_score']} on sum to {total}, not {kept[name]} as in thresholds"
    return None


def _tokenizer_identity(work: KeyWork, recorded: dict[str, Any]) -> CheckOutcome:
    configured = work.settings.models.get(work.key.model)
    facts = {"configured": configured, "synthetic": recorded["source"] == "sample", **recorded}
    return CheckOutcome(TOKENIZER_IDENTITY, recorded["id"] == configured, facts)


def _counts_verified(method: dict[str, Any]) -> CheckOutcome:
    """Counts are right either way: after a mismatch they are transformers' own. But they came slowly."""
    facts = method | {"mismatches": first(method["mismatches"])}
    return CheckOutcome(COUNTS_VERIFIED, not method["mismatches"] and method["verified"] > 0, facts)


def check_histogram(work: KeyWork) -> list[CheckOutcome]:
    record = _statistics(work)
    expected = {
        "conversations": record["all"]["conversations"],
        "tokens": record["all"]["tokens"],
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


def _statistics(work: KeyWork) -> dict[str, Any]:
    return read_json(work.workspace.key_statistics(work.key), f"{TOKEN_STATS} of {work.key}", StatisticsShape)
