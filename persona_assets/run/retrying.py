"""Trying again what may succeed the next time: errors of a network or a lock, and no others."""

import time
from collections.abc import Callable
from typing import TypeVar

from persona_assets.errors import HubUnreachableError, UnreadableFileError

Result = TypeVar("Result")

TRANSIENT_ERRORS = (HubUnreachableError, UnreadableFileError)
"""Everything else says the same however often it is tried."""
PAUSES_SECONDS = (1.0, 5.0)
"""Before the second and the third try."""


def with_retries(work: Callable[[], Result]) -> Result:
    """Do ``work``; after a transient error try again, at most once for each of ``PAUSES_SECONDS``."""
    for pause in PAUSES_SECONDS:
        try:
            return work()
        except TRANSIENT_ERRORS:
            time.sleep(pause)
    return work()
