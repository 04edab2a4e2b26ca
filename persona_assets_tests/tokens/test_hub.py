"""What the Hugging Face Hub answers decides whether a key is tried again."""

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from persona_assets.errors import HubUnreachableError, TokenizerError
from persona_assets.settings import Settings
from persona_assets.tokens.loading import load_tokenizer

MODEL = "mistral-small-3"
ID = "someone/small"


def answer(status: int) -> HfHubHTTPError:
    return HfHubHTTPError("no", response=httpx2.Response(status, request=httpx2.Request("GET", "http://127.0.0.1")))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (LocalEntryNotFoundError("no connection"), HubUnreachableError),
        (answer(503), HubUnreachableError),
        (answer(429), HubUnreachableError),
        (answer(408), HubUnreachableError),
        (answer(403), TokenizerError),
        (answer(400), TokenizerError),
    ],
    ids=["no connection", "503", "429", "408", "403", "400"],
)
def test_only_an_answer_that_may_be_another_next_time_is_transient(
    error: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_named: object) -> str:
        raise error

    monkeypatch.setattr("persona_assets.tokens.hub.snapshot_download", refuse)
    with pytest.raises(TokenizerError) as caught:
        load_tokenizer(MODEL, Settings(models={MODEL: ID}))
    assert type(caught.value) is expected
    assert ID in str(caught.value)
    assert "PERSONA_TOKENIZERS" in str(caught.value)
