"""The layouts that are read. Where two hold one key, the first has it."""

from persona_assets.raw.layouts.contract import RawLayout
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240

LAYOUTS: tuple[RawLayout, ...] = (PERSONA_SUBSPACE_240,)
