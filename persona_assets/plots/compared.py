"""What figures of many datasets show of each, far smaller than its statistics, because all keys are held together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.kinds import Kind
from persona_assets.plots.bands import average_score, share_by_band
from persona_assets.plots.marks import Distribution
from persona_assets.plots.words import name_persona
from persona_assets.statistics.key_statistics import Group, KeyStatistics, Summary

NEUTRAL = "default"
"""The label of answers given without any persona."""


@dataclass(frozen=True)
class Part:
    """Some conversations of a dataset: all of them, or those of one label."""

    name: str
    """The label; empty for all conversations."""
    conversations: int
    tokens: int
    mean_answer: float | None
    """Mean tokens of an answer, the prompt left out; None where there is no conversation."""
    lengths: Distribution | None
    """Of the tokens of conversations."""
    shares: tuple[float, ...]
    """Of each score band; empty where the statistics do not tell."""
    mean_score: float | None


@dataclass(frozen=True)
class Compared:
    """One dataset, and what it is measured against."""

    model: str
    kind: Kind
    persona: str
    fingerprint: str
    """Of the rows."""
    whole: Part
    parts: tuple[Part, ...]
    """The whole, or a part for each label of a kind whose files hold all labels."""
    baseline: Part | None = None
    """The answers of the same model without a persona."""
    baseline_name: str = ""
    """The persona of the dataset that holds them; empty if this one does."""

    @property
    def is_baseline(self) -> bool:
        return self.kind.baselines and self.whole.name == NEUTRAL


def read_compared(key: DatasetKey, statistics: KeyStatistics) -> Compared:
    """Take what is shown; the baseline is known only if the dataset holds one itself."""
    whole = _describe(_name_whole(statistics), statistics.all, key.kind, statistics.summary)
    labels = _list_labels(key, statistics) if key.kind.paired else ()
    neutral = statistics.by_label.get(NEUTRAL)
    own = _describe(NEUTRAL, neutral, key.kind) if neutral and len(statistics.by_label) > 1 else None
    fingerprint = statistics.dataset_fingerprint
    return Compared(key.model, key.kind, key.persona, fingerprint, whole, labels or (whole,), own)


def _name_whole(statistics: KeyStatistics) -> str:
    """A baseline is known by its only label."""
    return NEUTRAL if statistics.by_label.keys() == {NEUTRAL} else ""


def _list_labels(key: DatasetKey, statistics: KeyStatistics) -> tuple[Part, ...]:
    """The labels that variants may select. Their scores are known if the variant of the label was made."""
    variants = {DatasetName.parse(name).variant: summary for name, summary in statistics.variants.items()}
    summaries = {str(variant): summary for variant, summary in variants.items()}
    labels = [label for label in key.kind.labels if label in statistics.by_label]
    return tuple(_describe(label, statistics.by_label[label], key.kind, summaries.get(label)) for label in labels)


def _describe(name: str, group: Group, kind: Kind, summary: Summary | None = None) -> Part:
    points = [getattr(group, point) for point in Distribution._fields]
    return Part(
        name,
        group.conversations,
        group.tokens,
        group.assistant_tokens / group.conversations if group.conversations else None,
        None if None in points else Distribution(*points),
        share_by_band(kind, summary) if summary else (),
        average_score(summary) if summary else None,
    )


def measure_against_baselines(found: Mapping[DatasetKey, Compared]) -> dict[DatasetKey, Compared]:
    """Give each dataset without a baseline in it the largest one of its model, the first by name of equal ones."""
    baselines: dict[str, Compared] = {}
    for one in sorted(filter(lambda one: one.is_baseline, found.values()), key=_largest_first):
        baselines.setdefault(one.model, one)
    return {key: _measure(one, baselines.get(one.model)) for key, one in found.items()}


def _largest_first(one: Compared) -> tuple[int, str]:
    return -one.whole.conversations, one.persona


def _measure(one: Compared, baseline: Compared | None) -> Compared:
    if one.baseline or one.is_baseline or baseline is None:
        return one
    return replace(one, baseline=baseline.whole, baseline_name=baseline.persona)


def find_change(part: Part, baseline: Part | None) -> float | None:
    """By how many percent the answers are longer than those of the baseline; None if one is unknown."""
    if baseline is None or part.mean_answer is None or not baseline.mean_answer:
        return None
    return (part.mean_answer / baseline.mean_answer - 1) * 100


def name_baselines(datasets: Iterable[Compared]) -> str:
    """What the datasets are measured against, in words; empty if nothing."""
    known = [one for one in datasets if one.baseline]
    names = sorted({name_persona(one.baseline_name) for one in known if one.baseline_name})
    return f"baseline “{'”, “'.join(names)}”" if names else "their own answers without a persona" if known else ""


def list_labels(datasets: Sequence[Compared]) -> list[str]:
    """The labels that share the row of a dataset, in order; none if each row is a whole dataset."""
    return list(dict.fromkeys(part.name for one in datasets if len(one.parts) > 1 for part in one.parts))
