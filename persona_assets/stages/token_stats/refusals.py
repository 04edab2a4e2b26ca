"""The check of the rows that the chat template refuses."""

import pyarrow as pa

from persona_assets.stage.outcomes import MAX_OFFENDERS, CheckOutcome
from persona_assets.stage.wording import count
from persona_assets.stages.token_stats.spec import TEMPLATE_ACCEPTS
from persona_assets.statistics.counts_table import select_refused

ADVICE = (
    "if the model has no system turn, name it under fold_system_turns in the settings: the system prompt then comes "
    "first in the user's turn, as in the model's own data"
)
IDENTITY = ("label", "prompt_index", "question_index", "sample_index")


def check_refusals(counts: pa.Table, refusal: str | None) -> CheckOutcome:
    """Whether every row could be counted; ``refusal`` is the template's reason for the first that could not."""
    refused = select_refused(counts)
    facts = {"refused_by_template": refused.num_rows}
    if not refused.num_rows:
        sentence = f"no conversation refused of {counts.num_rows:,}"
        return CheckOutcome(TEMPLATE_ACCEPTS, passed=True, facts=facts, sentence=sentence)
    whole = count(counts.num_rows, "conversation")
    return CheckOutcome(
        TEMPLATE_ACCEPTS,
        passed=False,
        facts=facts
        | {"rows": counts.num_rows, "reason": refusal, "first_refused": list_identities(refused), "advice": ADVICE},
        sentence=f"{refused.num_rows:,} of {whole} refused by the chat template: {refusal}; {ADVICE}",
    )


def list_identities(rows: pa.Table) -> list[dict[str, str | int]]:
    """What the first few rows are answers to."""
    known = [name for name in IDENTITY if name in rows.column_names]
    listed: list[dict[str, str | int]] = rows.slice(0, MAX_OFFENDERS).select(known).to_pylist()
    return listed
