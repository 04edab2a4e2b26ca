"""The layouts that are read. If two hold the same key, the first is used."""

from persona_assets.raw.layouts.contract import RawLayout
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240

LAYOUTS: tuple[RawLayout, ...] = (PERSONA_SUBSPACE_240,)
