"""The layouts that are read, in the order in which they are looked for: a model's folder is in the first it fits."""

from persona_assets.raw.layouts.assistant_axis.layout import ASSISTANT_AXIS
from persona_assets.raw.layouts.chat_data.layout import CHAT_DATA
from persona_assets.raw.layouts.contract import RawLayout
from persona_assets.raw.layouts.persona_subspace.layout import PERSONA_SUBSPACE
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240
from persona_assets.raw.layouts.persona_vectors.layout import PERSONA_VECTORS
from persona_assets.raw.layouts.rollout_tables.layout import ROLLOUT_TABLES

LAYOUTS: tuple[RawLayout, ...] = (
    PERSONA_SUBSPACE_240,
    PERSONA_SUBSPACE,
    ASSISTANT_AXIS,
    PERSONA_VECTORS,
    ROLLOUT_TABLES,
    CHAT_DATA,
)
