"""What goes wrong with the Hugging Face Hub, in one sentence each, and no token in any of them."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from huggingface_hub import get_token
from huggingface_hub.errors import (
    HfHubHTTPError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
)
from huggingface_hub.utils._http import parse_ratelimit_headers

from persona_assets.errors import PublishingError
from persona_assets.stage.wording import make_line

HIDDEN = "(token)"
_AGAIN = "push again: what was sent is not sent again"
_TO_LOG_IN = "set HF_TOKEN to a token that may write, or log in with 'hf auth login'"


@contextmanager
def explaining(repository: str) -> Iterator[None]:
    """Turn whatever the Hub or the network refuses into one sentence, and hide the token in what libraries say.

    Raises:
        PublishingError: without the library's own error, which may show what was sent.
    """
    hiding = _Hiding()
    with _hiding_in_libraries(hiding):
        try:
            hiding.token = get_token()
            yield
        except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
            raise PublishingError(hiding.hide(_explain(_find_cause(error), repository))) from None


def _find_cause(error: BaseException) -> BaseException:
    """The answer of the Hub or the failure of the network, where huggingface_hub has wrapped it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, HfHubHTTPError | httpx2.TransportError):
            return cause
        cause = cause.__cause__
    return error


def _explain(error: BaseException, repository: str) -> str:
    match error:
        case LocalTokenNotFoundError():
            problem = f"not logged in to the Hugging Face Hub; {_TO_LOG_IN}"
        case OfflineModeIsEnabled():
            problem = "HF_HUB_OFFLINE keeps huggingface_hub from the network; unset it to push"
        case HfHubHTTPError():
            problem = _explain_answer(error, repository)
        case httpx2.HTTPError():
            name = type(error).__name__
            problem = f"the Hugging Face Hub cannot be reached ({name}); check the network and {_AGAIN}"
        case _:
            problem = f"{repository} cannot be pushed: {_say(error)}"
    return problem


def _explain_answer(error: HfHubHTTPError, repository: str) -> str:
    status = error.response.status_code
    known = {
        401: f"the Hugging Face Hub does not accept the token for {repository}; {_TO_LOG_IN}",
        403: f"the token may not write to {repository}; use one with write access to {repository.split('/')[0]}, or "
        "name a repository of your own",
        404: f"{repository} is not there, or the token may not see it; check its name and the token",
        429: f"the Hugging Face Hub takes no more requests for a while{_find_wait(error)}; wait, then {_AGAIN}",
    }
    if status in known:
        return known[status]
    if status >= 500 or status == 408:
        return f"the Hugging Face Hub has a problem just now ({status}); {_AGAIN}"
    return f"the Hugging Face Hub refuses what was sent to {repository} ({status}): {_say(error)}"


def _find_wait(error: HfHubHTTPError) -> str:
    limit = parse_ratelimit_headers(error.response.headers)
    return f" ({limit.reset_in_seconds} s)" if limit else ""


def _say(error: BaseException) -> str:
    said = error.server_message if isinstance(error, HfHubHTTPError) else str(error)
    return make_line(said or type(error).__name__)


class _Hiding(logging.Filter):
    """Hides the token that is sent to the Hub: a server may send back what it was sent."""

    token: str | None = None

    def hide(self, text: str) -> str:
        return text.replace(self.token, HIDDEN) if self.token else text

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.hide(record.getMessage()), ()
        return True


@contextmanager
def _hiding_in_libraries(hiding: _Hiding) -> Iterator[None]:
    """Hide the token in what libraries log and warn of."""
    handlers = list(logging.getLogger("huggingface_hub").handlers)
    for handler in handlers:
        handler.addFilter(hiding)
    shown = warnings.showwarning

    def show(message: Warning | str, *place: Any, **named: Any) -> None:
        shown(hiding.hide(str(message)), *place, **named)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = shown
        for handler in handlers:
            handler.removeFilter(hiding)
