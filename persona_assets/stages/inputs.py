"""What the outputs of each stage depend on, by content. Equal inputs and equal code mean equal outputs.

Stages record these in the manifest; ``stages.freshness`` compares them with what they would be now.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from persona_assets.settings import Settings
from persona_assets.stages.names import FILTERED_VARIANTS, RAW_CONVERSATIONS, SCORED_DATASET, TOKEN_STATS
from persona_assets.store.manifests import DATASET_FINGERPRINT, INPUTS, OUTPUTS

Inputs = dict[str, Any]
Sections = Mapping[str, Mapping[str, Any]]
"""The manifest's sections by stage."""

_LIMITS = ("max_prompts", "max_questions", "max_messages", "max_line_bytes")


def raw_inputs(settings: Settings, responses_sha256: str) -> Inputs:
    return {"responses_sha256": responses_sha256, "limits": {name: getattr(settings, name) for name in _LIMITS}}


def scored_inputs(sections: Sections, scores_sha256: str | None) -> Inputs:
    return {**sections[RAW_CONVERSATIONS][INPUTS], "scores_sha256": scores_sha256}


def variants_inputs(sections: Sections, variants: Iterable[str]) -> Inputs:
    return {DATASET_FINGERPRINT: _fingerprint(sections), "variants": sorted(variants)}


def rows_inputs(sections: Sections) -> Inputs:
    """Of stages that export or describe the dataset and its variants."""
    variants = sections[FILTERED_VARIANTS]["variants"]
    return {DATASET_FINGERPRINT: _fingerprint(sections), "variants": dict(sorted(variants.items()))}


def counting_inputs(sections: Sections, settings: Settings, tokenizer: Mapping[str, Any]) -> Inputs:
    return rows_inputs(sections) | {
        "tokenizer": dict(tokenizer),
        "long_answer_tokens": settings.long_answer_tokens,
    }


def picture_inputs(sections: Sections) -> Inputs:
    return {"token_stats": sections[TOKEN_STATS][OUTPUTS]}


def _fingerprint(sections: Sections) -> str:
    return str(sections[SCORED_DATASET][DATASET_FINGERPRINT])
