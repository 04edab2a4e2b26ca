"""The order of the keys of a run, where a stage reads the outputs of other keys."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from persona_assets.errors import SettingsError
from persona_assets.run.key_task import KeyTask
from persona_assets.stages.registry import list_stages


def order_tasks(tasks: Sequence[KeyTask]) -> list[list[KeyTask]]:
    """Group the tasks so that each reads only the outputs of tasks in earlier groups. Usually there is one group.

    A group has to be done before the next begins, so every task is in the last group that it may be in: only what
    others wait for comes first.

    Raises:
        SettingsError: two keys read each other's outputs.
    """
    by_key = {str(task.key): task for task in tasks}
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(by_key, ()))
    for name, task in by_key.items():
        for needed in _find_needed(task).intersection(by_key):
            sorter.add(needed, name)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = ", ".join(dict.fromkeys(error.args[1]))
        raise SettingsError(f"these keys read each other's outputs: {circle}; a stage must not need that") from error
    groups = []
    while ready := set(sorter.get_ready()):
        groups.append([task for name, task in by_key.items() if name in ready])
        sorter.done(*ready)
    return groups[::-1]


def _find_needed(task: KeyTask) -> set[str]:
    stages = [stage for stage in list_stages(task.partitioning) if stage.name in task.stages]
    needs = (need for stage in stages for need in stage.needs)
    return {str(key) for need in needs for key in need.list_other_keys(task.key, task.settings)}
