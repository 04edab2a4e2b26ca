"""Imported by the process that workers are forked from, to load every stage's code, which takes seconds."""

from persona_assets.run import key_task as key_task
from persona_assets.stages.registry import list_stages

for stage in list_stages():
    stage.load_code()
