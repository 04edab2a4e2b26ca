"""What a run over partitions may be told that the settings do not say."""

import dagster as dg
from pydantic import Field

from persona_assets.errors import InvalidNameError, SettingsError
from persona_assets.keys import DatasetKey, Variant
from persona_assets.kinds import Kind
from persona_assets.settings import Settings, check_variants
from persona_assets.stage.spec import PERSONAS, PartitionKey


class PersonaRunConfig(dg.Config):
    """What a run may be told that the settings do not say."""

    variants: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Filter variants by kind, such as {role: [min2], trait: [min50, min70__neg]}. "
        "A kind not named here gets the variants of the settings.",
    )
    redo: bool = Field(
        default=False,
        description="Make everything again. Otherwise a stage whose raw files, settings, tokenizer, code and "
        "outputs are those of its last materialisation is left as it is.",
    )
    verify_bytes: bool = Field(
        default=False,
        description="Read raw files and outputs even if size and times say that nobody has written to them.",
    )
    workers: int = Field(default=0, ge=0, description="Keys worked on at the same time; 0 takes the setting.")

    def variants_of(self, kind: Kind, settings: Settings) -> tuple[Variant, ...]:
        if kind.name in self.variants:
            return tuple(Variant.parse(text, kind) for text in self.variants[kind.name])
        return settings.variants_of(kind)

    def variants_for(self, key: PartitionKey, settings: Settings) -> tuple[Variant, ...]:
        """The variants of the kind of ``key``; none if it is not a persona's."""
        return self.variants_of(key.kind, settings) if isinstance(key, DatasetKey) else ()

    def check(self) -> None:
        """Refuse variants that fit no kind before any key is touched."""
        try:
            check_variants({kind: tuple(variants) for kind, variants in self.variants.items()})
        except InvalidNameError as error:
            raise SettingsError(f"run configuration of {PERSONAS.name}, variants: {error}") from error
