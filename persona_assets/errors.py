"""Every error this package raises on purpose.

Messages say what is wrong, where (file, line, setting) and how to mend it. What a program may want to know of it, the
key, the stage and the path concerned, are attributes too. Errors of third-party libraries are wrapped in one of these
where they enter.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

ALL_ASSETS = "all assets"
"""In place of a stage: what every stage has a part in, such as the manifest."""


class PersonaAssetsError(Exception):
    """Base of the tree: catch this to catch everything the package raises on purpose.

    Example:
        >>> try:
        ...     ws.load("qwen-3-32b__trait__kalm")
        ... except persona_assets.PersonaAssetsError as error:
        ...     print(error)
        there is no dataset 'qwen-3-32b__trait__kalm' among 13; did you mean qwen-3-32b__trait__calm?
    """

    key: str | None = None
    """The partition key concerned, if it is one key."""
    stage: str | None = None
    """The asset concerned, if it is one asset."""
    path: Path | None = None
    """The file or folder concerned, if it is one."""

    def about(self, *, key: object = None, stage: str | None = None, path: Path | None = None) -> Self:
        """Note what the error concerns, unless that is known already, and return it.

        Whoever raises an error knows best, so that callers may add what they know and take nothing away.
        """
        self.key = self.key or (None if key is None else str(key))
        self.stage = self.stage or stage
        self.path = self.path or path
        return self


class SettingsError(PersonaAssetsError):
    """A setting, a run's configuration or an argument has a value that cannot be used.

    Example:
        >>> ws.split("qwen-3-32b__trait__calm", {"train": 0.8})
        Traceback (most recent call last):
        persona_assets.errors.SettingsError: shares of splits (train 0.8) are 0.8 together; they have to be 1
    """


class InvalidNameError(PersonaAssetsError, ValueError):
    """A model, persona, key or variant name does not fit the naming grammar.

    Example:
        >>> persona_assets.DatasetKey("qwen-3-32b", "trait", "very calm")
        Traceback (most recent call last):
        persona_assets.errors.InvalidNameError: trait name 'very calm' may only contain ASCII letters, ...
    """


class RawDataError(PersonaAssetsError):
    """A raw conversation or score file cannot be read as one."""


class UnreadableFileError(RawDataError):
    """A raw file is there, but the disk or the network below it failed to deliver its content."""


class MissingInputError(PersonaAssetsError):
    """What is to be read is not on disk: it was not made, or not here.

    Example:
        >>> ws.load("llama-3.3-70b__role__alien__min3")
        Traceback (most recent call last):
        persona_assets.errors.MissingInputError: variant min3 of llama-3.3-70b__role__alien is empty: no row passes it
    """


class InconsistentOutputError(PersonaAssetsError):
    """Files this package wrote earlier contradict each other, or one is damaged.

    Example:
        >>> try:
        ...     rows = ws.load("qwen-3-32b__trait__calm", counts=True)
        ... except persona_assets.InconsistentOutputError as error:
        ...     print(f"{error}: make {error.stage} of {error.key} again")
    """


class HeldBackError(InconsistentOutputError):
    """A check of an earlier stage of the same key failed, so that this stage is not made."""


class UnknownNameError(PersonaAssetsError, LookupError):
    """A dataset, model, persona, state or rule is asked for by a name that there is not.

    Example:
        >>> ws.names("gemma-27b")
        Traceback (most recent call last):
        persona_assets.errors.UnknownNameError: there is no model 'gemma-27b', only ...; did you mean gemma-2-27b?
    """


class StorageError(PersonaAssetsError):
    """An output cannot be written, and its earlier version, if there was one, is still there; or a folder of the
    workspace cannot be listed.

    Example:
        >>> try:
        ...     names = ws.names()
        ... except persona_assets.StorageError as error:
        ...     print(f"is the share still mounted? {error}")
    """


class BusyError(StorageError):
    """Another process works on the same outputs."""


class TokenizerError(PersonaAssetsError):
    """A model's tokenizer cannot be had, or cannot render a conversation."""


class PublishingError(PersonaAssetsError):
    """Datasets cannot be published: they must not be, or the Hugging Face Hub does not take them."""


class HubUnreachableError(TokenizerError):
    """The Hugging Face Hub did not answer, or answered that it cannot just now."""


@dataclass(frozen=True)
class Producer:
    """Which asset of which key writes an output: who must be materialised where the output is missing or damaged."""

    stage: str
    key: object

    def __str__(self) -> str:
        return f"{self.stage} of {self.key}"

    def advise(self, *, remove: bool = False) -> str:
        """How to mend an output that is not what it should be."""
        return f"{'remove it and ' if remove else ''}materialise {self} again"

    def missing(self, problem: str, path: Path | None = None) -> MissingInputError:
        """The output is not there."""
        error = MissingInputError(f"{problem}; materialise {self} first")
        return error.about(key=self.key, stage=self.stage, path=path)

    def inconsistent(
        self, problem: str, path: Path | None = None, *, remove: bool = False
    ) -> InconsistentOutputError:
        """The output is there, but is not what it should be. ``remove``: it cannot be replaced where it is."""
        return InconsistentOutputError(f"{problem}; {self.advise(remove=remove)}").about(
            key=self.key, stage=self.stage, path=path
        )
