"""The layouts that are read, in the order in which they are looked for: a model's folder is in the first it fits."""

from persona_assets.raw.layouts.chat_data.layout import CHAT_DATA
from persona_assets.raw.layouts.contract import RawLayout
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240

LAYOUTS: tuple[RawLayout, ...] = (PERSONA_SUBSPACE_240, CHAT_DATA)
