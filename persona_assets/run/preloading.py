"""Imported by the process that workers are forked from: with the code of every stage, whose imports take seconds."""

from persona_assets.run import key_task as key_task
from persona_assets.stages.registry import list_stages

for stage in list_stages():
    stage.load_code()
