"""What figures call datasets and personas: words, never keys."""

from persona_assets.kinds import Kind


def name_persona(persona: str) -> str:
    """``deep_sea_diver`` in words."""
    return persona.replace("_", " ")


def name_dataset(model: str, kind: Kind, persona: str, *, baseline: bool) -> str:
    """The title of a dataset: who answers, and as whom."""
    if baseline:
        return f"{model} as itself (baseline “{name_persona(persona)}”)"
    return f"{model} {kind.borne} {name_persona(persona)}"


def count_rows(count: int, what: str) -> str:
    """``1 answer``, ``1,200 answers``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
