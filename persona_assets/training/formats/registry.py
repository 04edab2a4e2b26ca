"""The formats that a recipe may name."""

from collections.abc import Mapping

from persona_assets.training.formats.axolotl import AXOLOTL
from persona_assets.training.formats.contract import Format
from persona_assets.training.formats.dpo import DPO
from persona_assets.training.formats.kto import KTO
from persona_assets.training.formats.llama_factory import LLAMA_FACTORY
from persona_assets.training.formats.messages import MESSAGES
from persona_assets.training.formats.sft import SFT
from persona_assets.training_recipes import FormatName

FORMATS: Mapping[FormatName, Format] = {one.name: one for one in (SFT, MESSAGES, DPO, KTO, LLAMA_FACTORY, AXOLOTL)}
