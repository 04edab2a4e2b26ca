"""The rules by which pairs count as contrastive, as settings give them: conditions by name."""

import re
from collections.abc import Mapping

from persona_assets.errors import InvalidNameError

DEFAULT_RULES: Mapping[str, str] = {
    "gap50": "gap > 50",
    "pv50": (
        "positive_score >= 50 and negative_score < 50"
        " and (not coherence_judged or positive_coherence >= 50 and negative_coherence >= 50)"
    ),
    "role3": "kind = 'role' and positive_score = 3",
}
"""``gap50`` is persona-subspace's rule for traits, ``pv50`` is persona_vectors', ``role3`` is assistant-axis' for
roles. Where coherence was judged at all, an answer of which it is not known is refused, as persona_vectors does."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def check_rules(rules: Mapping[str, str]) -> None:
    """Raise unless every rule has a name that is no condition itself, and says something.

    Whether it is a condition that can be evaluated shows when pairs are made: that takes a database to tell.

    Raises:
        InvalidNameError: with the first that has not.
    """
    for name, condition in rules.items():
        if not _NAME.fullmatch(name):
            raise InvalidNameError(f"pair rule {name!r}: a name has small letters, digits and '_'; rename it")
        if not condition.strip():
            raise InvalidNameError(f"pair rule {name!r} is empty; write a condition such as 'gap > 50'")
