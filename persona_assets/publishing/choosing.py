"""Which keys are published, and which of them must not be: a dataset is published only while it is fit for use."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from persona_assets.collection.catalogue import USABLE
from persona_assets.collection.survey import KeyState, State, Survey
from persona_assets.errors import PublishingError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.stage.wording import name_first

_MENDS = {
    State.FAILED: "see 'persona-assets status', mend what it names and materialise the key again",
    State.MISSING: "materialise it with 'persona-assets generate --resume'",
    State.STALE: "materialise it again with 'persona-assets generate --resume'",
    State.ORPHANED: "bring its raw file back, or retire the key",
}


@dataclass(frozen=True)
class Selection:
    """What is asked for: patterns such as ``gemma*``, of which one must match. No pattern matches everything."""

    kinds: Sequence[Kind]
    models: Sequence[str] = ()
    names: Sequence[str] = ()

    def takes(self, key: DatasetKey) -> bool:
        return key.kind in self.kinds and _match_any(key.model, self.models) and _match_any(key.persona, self.names)


@dataclass(frozen=True)
class Chosen:
    """The keys asked for: those that may be published, and those that may not."""

    keys: tuple[DatasetKey, ...]
    refused: tuple[KeyState, ...]

    def refuse_unfit(self) -> None:
        """Refuse to go on if a key may not be published.

        Raises:
            PublishingError: with each of them, the reason, and how to mend it.
        """
        if self.refused:
            lines = "\n  ".join(map(describe_refusal, self.refused))
            raise PublishingError(
                f"{len(self.refused):,} of the {len(self.keys) + len(self.refused):,} keys chosen are not fit to be "
                f"published; mend them, choose others, or leave them out with --leave-out-unfit:\n  {lines}"
            )


def choose(surveyed: Survey, selection: Selection) -> Chosen:
    """Choose among all keys of the workspace.

    Raises:
        PublishingError: a pattern matches no key, or no key fulfils everything that is asked.
    """
    for what, patterns, names in (
        ("model", selection.models, {one.key.model for one in surveyed.states}),
        ("name", selection.names, {one.key.persona for one in surveyed.states}),
    ):
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise PublishingError(
                    f"no key has a {what} like {pattern!r}; there are {name_first(sorted(names), len(names))}"
                )
    asked = [one for one in surveyed.states if selection.takes(one.key)]
    if not asked:
        raise PublishingError("no key is of all that was asked for; see 'persona-assets status'")
    return Chosen(
        tuple(one.key for one in asked if one.state in USABLE),
        tuple(one for one in asked if one.state not in USABLE),
    )


def describe_refusal(found: KeyState) -> str:
    """A key that may not be published: its state, the reason, and how to mend it."""
    return f"{found.key} is {found.state}: {found.reason}; {_MENDS[found.state]}"


def _match_any(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
