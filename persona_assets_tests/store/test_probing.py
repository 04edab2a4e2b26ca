"""The probe of a file system does what the store does, and leaves nothing."""

import errno
import os
from pathlib import Path

import pytest

from persona_assets.errors import StorageError
from persona_assets.store.probing import try_replacing


def test_a_file_system_on_which_outputs_can_be_replaced_passes_and_is_left_as_it_was(tmp_path: Path) -> None:
    try_replacing(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["rename", "replace", "fsync"])
def test_a_file_system_that_refuses_a_call_of_the_store_is_refused(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr("persona_assets.store.steps.exchange", lambda _one, _other: False)
    monkeypatch.setattr(os, call, refusing)
    with pytest.raises(StorageError, match="Operation not supported"):
        try_replacing(tmp_path)
