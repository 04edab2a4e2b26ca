"""The grammar of names: dataset keys, filter variants and dataset names.

    key      gemma-2-27b__role__accountant        {model}__{kind}__{persona}
    variant  min30__max70__pos                    min{score}, max{score} and a label, in that order, each if wanted
    name     qwen-3-32b__trait__calm__min70__pos  {key}[__{variant}]

No other module parses or builds one. A segment never contains ``__``, so every name is unambiguous. It is a plain
file name on every system, so no name can point outside its folder.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from persona_assets.errors import InvalidNameError
from persona_assets.kinds import KINDS, Kind

SEPARATOR = "__"
MAX_SEGMENT_LENGTH = 64

_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9-])?")
_BOUND = re.compile(r"(?P<end>min|max)(?P<score>0|[1-9][0-9]{0,2})")


def check_segment(what: str, text: str) -> str:
    """Return ``text`` if it is valid as the model or persona of a key.

    Raises:
        InvalidNameError: it is empty, too long, or could be mistaken for a path, a separator or the file of another
            dataset.
    """
    problem = _segment_problem(text)
    if problem:
        raise InvalidNameError(f"{what} name {text[:80]!r} {problem}; rename the raw file or folder")
    return text


def _segment_problem(text: str) -> str | None:
    if not text:
        return "is empty"
    if len(text) > MAX_SEGMENT_LENGTH:
        return f"has {len(text)} characters (at most {MAX_SEGMENT_LENGTH})"
    if SEPARATOR in text:
        return f"contains {SEPARATOR!r}, which separates the parts of a key"
    if text.lower().endswith(".parquet"):
        return "ends with '.parquet' and would collide with another dataset's export"
    if not _SEGMENT.fullmatch(text):
        return (
            "may only contain ASCII letters, digits, '.', '_' and '-', must start with a letter or digit "
            "and must not end with '.' or '_'"
        )
    return None


@dataclass(frozen=True, order=True)
class DatasetKey:
    """One (model, persona) pair: a Dagster partition and a base dataset.

    Example:
        >>> key = persona_assets.DatasetKey.parse("qwen-3-32b__trait__calm")
        >>> key.model, key.kind_name, key.persona
        ('qwen-3-32b', 'trait', 'calm')
    """

    model: str
    kind_name: str
    persona: str

    def __post_init__(self) -> None:
        check_segment("model", self.model)
        if self.kind_name not in KINDS:
            raise InvalidNameError(f"kind {self.kind_name[:80]!r} is unknown; use one of {', '.join(KINDS)}")
        check_segment(self.kind_name, self.persona)

    @classmethod
    def parse(cls, text: str) -> "DatasetKey":
        parts = text.split(SEPARATOR)
        if len(parts) != 3:
            raise InvalidNameError(
                f"partition key {text[:200]!r} is not {{model}}__{{role|trait}}__{{name}}; "
                "list the valid ones with 'persona-assets list'"
            )
        return cls(*parts)

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_name]

    def __str__(self) -> str:
        return SEPARATOR.join((self.model, self.kind_name, self.persona))


@dataclass(frozen=True)
class Variant:
    """A filter of one dataset: rows with at least a given score, at most a given score, with a given label, or
    several of these.

    A row without a valid score passes neither bound, so ``min0`` selects the scored rows.

    Example:
        >>> str(persona_assets.Variant(min_score=70, label="pos"))
        'min70__pos'
    """

    min_score: int | None = None
    label: str | None = None
    max_score: int | None = None

    def __post_init__(self) -> None:
        if self.min_score is None and self.max_score is None and self.label is None:
            raise InvalidNameError(
                "a variant needs a minimum score, a maximum score, a label, or several of these, such as 'min70__pos'"
            )
        if self.min_score is not None and self.max_score is not None and self.min_score > self.max_score:
            raise InvalidNameError(
                f"variant {str(self)[:80]!r}: no score is both at least {self.min_score} and at most {self.max_score}"
            )
        if self.label is not None and (problem := _segment_problem(self.label)):
            raise InvalidNameError(f"label {self.label[:80]!r} {problem}")

    @classmethod
    def parse(cls, text: str, kind: Kind) -> "Variant":
        """Parse the suffix of a variant, and check it against the labels and scores of ``kind``.

        Raises:
            InvalidNameError: it is no variant of ``kind``, and what would be.
        """
        bounds, labels = _take_bounds(text.split(SEPARATOR))
        if len(labels) > 1 or any(label not in kind.labels for label in labels):
            top, label = kind.max_score, kind.labels[0]
            raise InvalidNameError(
                f"variant {text[:80]!r} does not fit {kind.plural}: write min{{0-{top}}}, max{{0-{top}}}, "
                f"a label ({' or '.join(kind.labels)}), or several in this order as in 'min{top}__{label}'"
                f"{_suggest_variant(text, kind)}"
            )
        for score in bounds.values():
            if score not in kind.scores:
                raise InvalidNameError(
                    f"variant {text[:80]!r}: no {kind.name} can score {score}; the scale is 0-{kind.max_score}"
                )
        return cls(bounds.get("min"), labels[0] if labels else None, bounds.get("max"))

    @property
    def is_bounded(self) -> bool:
        """Whether it selects by score."""
        return self.min_score is not None or self.max_score is not None

    def __str__(self) -> str:
        minimum = [] if self.min_score is None else [f"min{self.min_score}"]
        maximum = [] if self.max_score is None else [f"max{self.max_score}"]
        return SEPARATOR.join(minimum + maximum + ([self.label] if self.label else []))


def _suggest_variant(text: str, kind: Kind) -> str:
    """The end of a message: the variant that was meant, if its parts are only in another order or spelt otherwise."""
    words = [_fold(word, kind) for word in re.split(r"[^A-Za-z0-9]+", text[: 4 * MAX_SEGMENT_LENGTH]) if word]
    meant = sorted(words, key=lambda word: (word in kind.labels, word.startswith("max")))
    bounds, rest = _take_bounds(meant)
    is_one = len(rest) == (1 if words and meant[-1] in kind.labels else 0)
    fits = words and is_one and all(score in kind.scores for score in bounds.values())
    return f"; did you mean {SEPARATOR.join(meant)}?" if fits else ""


def _fold(word: str, kind: Kind) -> str:
    """A part of a variant as it is spelt: in small letters, without leading zeros, the label in short."""
    bound = re.fullmatch(r"(min|max)0*([0-9]{1,3})", word.lower())
    if bound:
        return bound[1] + bound[2]
    return next((label for label in kind.labels if word.lower().startswith(label)), word.lower())


def _take_bounds(parts: Sequence[str]) -> tuple[dict[str, int], Sequence[str]]:
    """The bounds that begin a variant, the minimum before the maximum, and the parts that follow them."""
    bounds: dict[str, int] = {}
    for end in ("min", "max"):
        found = _BOUND.fullmatch(parts[len(bounds)]) if len(bounds) < len(parts) else None
        if found and found["end"] == end:
            bounds[end] = int(found["score"])
    return bounds, parts[len(bounds) :]


@dataclass(frozen=True)
class DatasetName:
    """The name of a dataset on disk: a key, and the variant if the dataset is filtered.

    Example:
        >>> name = persona_assets.DatasetName.parse("qwen-3-32b__trait__calm__min70__pos")
        >>> str(name.key), name.variant.min_score, name.variant.label
        ('qwen-3-32b__trait__calm', 70, 'pos')
    """

    key: DatasetKey
    variant: Variant | None = None

    def __post_init__(self) -> None:
        if self.variant and Variant.parse(str(self.variant), self.key.kind) != self.variant:
            raise InvalidNameError(f"label {self.variant.label!r} would be read as a score")

    @classmethod
    def parse(cls, text: str) -> "DatasetName":
        parts = text.split(SEPARATOR, 3)
        key = DatasetKey.parse(SEPARATOR.join(parts[:3]))
        return cls(key, Variant.parse(parts[3], key.kind) if len(parts) == 4 else None)

    def __str__(self) -> str:
        return f"{self.key}{SEPARATOR}{self.variant}" if self.variant else str(self.key)
