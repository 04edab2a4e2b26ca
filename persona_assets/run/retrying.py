"""Retrying after transient errors: those of a network or a disk, and no others."""

import time
from collections.abc import Callable
from typing import TypeVar

from persona_assets.errors import HubUnreachableError, UnreadableFileError

Result = TypeVar("Result")

TRANSIENT_ERRORS = (HubUnreachableError, UnreadableFileError)
"""All other errors would only be repeated."""
PAUSES_SECONDS = (1.0, 5.0)
"""Pauses before the second and the third attempt."""


def with_retries(work: Callable[[], Result]) -> Result:
    """Do ``work``. After a transient error, retry at most once for each of ``PAUSES_SECONDS``."""
    for pause in PAUSES_SECONDS:
        try:
            return work()
        except TRANSIENT_ERRORS:
            time.sleep(pause)
    return work()
